import { FolderPlus, MoreHorizontal, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { usePermissions, useProjectActions, useTasks, useWorkspace, useWorkspaceId, type Project } from '../../data';
import { PageLoading } from '../../app/loading';
import { PageHeader } from '../../app/PageHeader';
import { setShell } from '../../app/shell';
import { usePreference } from '../../app/preferences';
import { useTitle } from '../../app/useTitle';
import { Button, IconButton } from '../../ui/Button';
import ConfirmDialog from '../../ui/ConfirmDialog';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '../../ui/Menu';
import { EmptyState } from '../../ui/states';
import { toast } from '../../ui/toast';
import { PromptDialog } from './PromptDialog';

export default function ProjectsPage() {
  const { data } = useWorkspace();
  const { manageProjects } = usePermissions();
  useTitle('Projects');
  return (
    <>
      <PageHeader title="Projects">
        {manageProjects && (
          <Button variant="primary" size="sm" onClick={() => setShell({ newProject: true })}>
            <Plus className="size-3.5" aria-hidden="true" />
            New project
          </Button>
        )}
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 sm:px-4">
        {!data ? (
          <PageLoading />
        ) : data.projects.length === 0 ? (
          <EmptyState
            icon={<FolderPlus className="size-5" aria-hidden="true" />}
            title="No projects yet"
            action={manageProjects ? { label: 'Create a project', onClick: () => setShell({ newProject: true }) } : undefined}
          >
            A project has a key such as WEB, which its tasks carry.
          </EmptyState>
        ) : (
          <ul className="mx-auto mt-2 max-w-3xl overflow-hidden rounded-xl border border-line bg-surface shadow-card">
            {data.projects.map((project) => (
              <Row key={project.id} project={project} manage={manageProjects} />
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

function Row({ project, manage }: { project: Project; manage: boolean }) {
  const workspaceId = useWorkspaceId();
  const view = usePreference('lastView');
  const { rename, remove } = useProjectActions();
  const all = useTasks({ projectId: project.id }).length;
  const done = useTasks({ projectId: project.id, statuses: ['done'] }).length;
  const [open, setOpen] = useState<'rename' | 'delete' | null>(null);
  return (
    <li className="flex items-center gap-3 border-b border-line pr-2 last:border-0 hover:bg-hover">
      <Link to={`/w/${workspaceId}/${view}?project=${project.key}`} data-focus-inset className="flex min-w-0 flex-1 items-center gap-3 py-3 pl-4">
        <span className="w-16 shrink-0 text-xs font-medium text-ink-3">{project.key}</span>
        <span className="min-w-0 flex-1 truncate font-medium">{project.name}</span>
        <span className="text-xs text-ink-3 tabular-nums">
          {done}/{all} done
        </span>
        <span aria-hidden="true" className="hidden h-1.5 w-24 overflow-hidden rounded-full bg-active sm:block">
          <span className="block h-full rounded-full bg-done" style={{ width: all === 0 ? 0 : `${(done / all) * 100}%` }} />
        </span>
      </Link>
      {manage && (
        <Menu>
          <MenuTrigger asChild>
            <IconButton label={`More about ${project.name}`} tooltip={false}>
              <MoreHorizontal className="size-4" aria-hidden="true" />
            </IconButton>
          </MenuTrigger>
          <MenuContent label="More" align="end">
            <MenuItem icon={<Pencil className="size-3.5" />} onSelect={() => setOpen('rename')}>Rename</MenuItem>
            <MenuItem danger icon={<Trash2 className="size-3.5" />} onSelect={() => setOpen('delete')}>Delete</MenuItem>
          </MenuContent>
        </Menu>
      )}
      {open === 'rename' && <PromptDialog title="Rename the project" label="Name" initial={project.name} onClose={() => setOpen(null)} onSubmit={(name) => rename(project.id, name)} />}
      <ConfirmDialog
        open={open === 'delete'}
        onOpenChange={() => setOpen(null)}
        title={`Delete ${project.name}?`}
        action="Delete project"
        typeToConfirm={project.key}
        onConfirm={() =>
          remove(project.id).catch((reason: Error) => {
            toast(reason.message, { tone: 'error' });
            throw reason;
          })
        }
      >
        {all === 1 ? 'Its task is' : `Its ${all} tasks are`} deleted with it. This cannot be undone.
      </ConfirmDialog>
    </li>
  );
}

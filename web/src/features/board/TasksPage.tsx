import { FolderPlus, FolderX, Kanban, List, Plus } from 'lucide-react';
import { Suspense, useEffect } from 'react';
import { Link, useLocation } from 'react-router';
import { usePermissions, useWorkspace, useWorkspaceId } from '../../data';
import { BoardSkeleton, PageLoading } from '../../app/loading';
import { PageHeader } from '../../app/PageHeader';
import { setPreferences } from '../../app/preferences';
import { setShell } from '../../app/shell';
import { useTitle } from '../../app/useTitle';
import { Button } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { EmptyState } from '../../ui/states';
import { Tooltip } from '../../ui/Tooltip';
import { FilterBar } from '../filters/FilterBar';
import { useFilter } from '../filters/useFilter';
import { findView, useViews } from '../filters/views';
import { Board } from './Board';
import { lazyPart } from '../../app/lazy';

const TaskList = lazyPart(() => import('../list/TaskList'));

/** All tasks that the address asks for, as a board or as a list. */
export function TasksPage({ view }: { view: 'board' | 'list' }) {
  const { data } = useWorkspace();
  const { url, filter, active, change } = useFilter();
  const { write, manageProjects } = usePermissions();
  const project = data?.projects.find((each) => each.key === url.project);
  const isGone = url.project !== null && !project;
  const onlyMine = url.assignee.length === 1 && url.assignee[0] === 'me' && !project;
  const saved = findView(useViews(useWorkspaceId()), useLocation().search);
  const title = saved?.name ?? project?.name ?? url.project ?? (onlyMine ? 'My tasks' : 'All tasks');
  useTitle(title);
  useEffect(() => setPreferences({ lastView: view }), [view]);

  return (
    <>
      <PageHeader title={title}>
        <ViewSwitch view={view} />
        {write && data && data.projects.length > 0 && (
          <Button variant="primary" size="sm" onClick={() => setShell({ newTask: { projectId: project?.id } })}>
            <Plus className="size-3.5" aria-hidden="true" />
            <span className="hidden sm:inline">New task</span>
            <span className="sr-only sm:hidden">New task</span>
          </Button>
        )}
      </PageHeader>
      <div role="search" className="flex shrink-0 items-center gap-1.5 overflow-x-auto px-3 pt-0.5 pb-2.5 sm:px-4">
        <FilterBar />
      </div>
      <div className="min-h-0 flex-1">
        {!data || (isGone && data.stale) ? (
          view === 'board' ? <BoardSkeleton /> : <PageLoading />
        ) : data.projects.length === 0 ? (
          <EmptyState
            icon={<FolderPlus className="size-5" aria-hidden="true" />}
            title="Start with a project"
            action={manageProjects ? { label: 'Create a project', onClick: () => setShell({ newProject: true }) } : undefined}
          >
            {manageProjects ? 'Tasks live in projects, each with a short key such as WEB.' : 'Tasks live in projects. An admin of this workspace can create one.'}
          </EmptyState>
        ) : isGone ? (
          <EmptyState
            icon={<FolderX className="size-5" aria-hidden="true" />}
            title={`Project ${url.project} is gone`}
            action={{ label: 'Show all tasks', onClick: () => change({ project: null }) }}
          >
            It was deleted, or the link is mistyped.
          </EmptyState>
        ) : view === 'board' ? (
          <Board filter={filter} filtered={active > 0} projectId={project?.id ?? null} />
        ) : (
          <Suspense fallback={<PageLoading />}>
            <TaskList filter={filter} filtered={active > 0} />
          </Suspense>
        )}
      </div>
    </>
  );
}

function ViewSwitch({ view }: { view: 'board' | 'list' }) {
  const { search } = useLocation();
  const base = `/w/${useWorkspaceId()}`;
  return (
    <div role="group" aria-label="View" className="flex rounded-md border border-line bg-surface p-0.5">
      {(
        [
          ['board', 'Board', Kanban],
          ['list', 'List', List],
        ] as const
      ).map(([name, label, Icon]) => (
        <Tooltip key={name} label={label} shortcut="mod+b">
          <Link
            to={{ pathname: `${base}/${name}`, search }}
            aria-label={label}
            aria-current={view === name ? 'true' : undefined}
            className={cx('flex h-6 w-7 items-center justify-center rounded-sm', view === name ? 'bg-active text-ink' : 'text-ink-3 hover:text-ink')}
          >
            <Icon className="size-3.5" aria-hidden="true" />
          </Link>
        </Tooltip>
      ))}
    </div>
  );
}

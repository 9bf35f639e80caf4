import { Suspense, useEffect, type ReactNode } from 'react';
import { Outlet, useNavigate, useParams } from 'react-router';
import { useConflicts, useSession, useWorkspace, WorkspaceProvider } from '../data';
import { EmptyState, ErrorState } from '../ui/states';
import { useStore } from '../ui/store';
import { DraftScope, draftScope } from '../ui/useDraft';
import { ConnectionBanner } from '../features/connection/ConnectionBanner';
import { LatencyHint } from '../features/connection/LatencyHint';
import { Reactions } from '../features/connection/Reactions';
import { ActionBar } from '../features/board/ActionBar';
import { Shortcuts } from '../features/shortcuts/Shortcuts';
import { askedToDelete } from '../features/tasks/pickers';
import { TaskPickers } from '../features/tasks/TaskPickers';
import { PageLoading } from './loading';
import { setPreferences } from './preferences';
import { setShell, shell } from './shell';
import { Sidebar } from './Sidebar';
import { lazyPart, prefetchParts } from './lazy';

const Palette = lazyPart(() => import('../features/palette/Palette'));
const HelpSheet = lazyPart(() => import('../features/shortcuts/HelpSheet'));
const NewTaskDialog = lazyPart(() => import('../features/task/NewTaskDialog'));
const NewProjectDialog = lazyPart(() => import('../features/projects/NewProjectDialog'));
const ConflictDialog = lazyPart(() => import('../features/connection/ConflictDialog'));
const DeleteDialog = lazyPart(() => import('../features/tasks/DeleteDialog'));

/** Everything of one workspace: its data, the sidebar, the page, and what may lie over it. */
export function WorkspaceLayout({ panel }: { panel: ReactNode }) {
  const { workspaceId = '' } = useParams();
  const { user } = useSession();
  return (
    <WorkspaceProvider key={workspaceId} workspaceId={workspaceId}>
      <DraftScope value={draftScope(user?.id ?? '', workspaceId)}>
        <WorkspaceFrame workspaceId={workspaceId} panel={panel} />
      </DraftScope>
    </WorkspaceProvider>
  );
}

function WorkspaceFrame({ workspaceId, panel }: { workspaceId: string; panel: ReactNode }) {
  const { status, error, retry, data } = useWorkspace();
  const navigate = useNavigate();
  const known = data !== undefined;
  const drawer = useStore(shell, (state) => state.drawer);
  useEffect(() => {
    if (!known) return;
    setPreferences({ lastWorkspace: workspaceId });
    prefetchParts();
  }, [known, workspaceId]);

  if (status === 'error' && !data) {
    const code = (error as { code?: string } | null)?.code;
    if (code === 'not_found' || code === 'forbidden') {
      return (
        <main className="flex h-dvh items-center justify-center">
          <EmptyState
            whole
            title="This workspace is not yours to see"
            action={{
              label: 'Your workspaces',
              onClick: () => {
                setPreferences({ lastWorkspace: null });
                navigate('/workspaces');
              },
            }}
          >
            It was deleted, you were removed from it, or the link is wrong.
          </EmptyState>
        </main>
      );
    }
    return (
      <main className="flex h-dvh items-center justify-center">
        <ErrorState whole title="The workspace did not load" error={error} onRetry={retry} />
      </main>
    );
  }

  return (
    <div className="flex h-dvh overflow-hidden">
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-60 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2 focus:shadow-pop">
        Skip to the content
      </a>
      <Sidebar />
      <main id="main" tabIndex={-1} inert={drawer} className="relative flex min-w-0 flex-1 flex-col">
        <ConnectionBanner />
        <Suspense fallback={<PageLoading />}>
          <Outlet />
        </Suspense>
        <ActionBar />
      </main>
      <Suspense fallback={null}>{panel}</Suspense>
      <TaskPickers />
      <Shortcuts />
      <Reactions />
      <LatencyHint />
      <Overlays />
    </div>
  );
}

function Overlays() {
  const open = useStore(shell);
  const doomed = useStore(askedToDelete);
  const { conflicts } = useConflicts();
  return (
    <Suspense fallback={null}>
      {open.palette && <Palette onClose={() => setShell({ palette: false })} />}
      {open.help && <HelpSheet onClose={() => setShell({ help: false })} />}
      {open.newTask && <NewTaskDialog seed={open.newTask} onClose={() => setShell({ newTask: null })} />}
      {open.newProject && <NewProjectDialog onClose={() => setShell({ newProject: false })} />}
      {doomed && <DeleteDialog taskIds={doomed} />}
      {conflicts.length > 0 && <ConflictDialog />}
    </Suspense>
  );
}

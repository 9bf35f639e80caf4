import { Suspense, type ReactNode } from 'react';
import { Navigate, Route, Routes, useLocation } from 'react-router';
import { useSession } from '../data';
import { PageLocation, type LocationState } from './pageLocation';
import { preferences } from './preferences';
import { PageLoading, SplashScreen } from './loading';
import { WorkspaceLayout } from './WorkspaceLayout';
import { TasksPage } from '../features/board/TasksPage';
import { lazyPart } from './lazy';

const LoginPage = lazyPart(() => import('../features/auth/LoginPage'));
const RegisterPage = lazyPart(() => import('../features/auth/RegisterPage'));
const InvitationPage = lazyPart(() => import('../features/auth/InvitationPage'));
const WorkspacesPage = lazyPart(() => import('../features/workspaces/WorkspacesPage'));
const TaskPage = lazyPart(() => import('../features/task/TaskPage'));
const TaskPanel = lazyPart(() => import('../features/task/TaskPanel'));
const InboxPage = lazyPart(() => import('../features/inbox/InboxPage'));
const ProjectsPage = lazyPart(() => import('../features/projects/ProjectsPage'));
const SettingsPage = lazyPart(() => import('../features/settings/SettingsPage'));
const NotFoundPage = lazyPart(() => import('./NotFoundPage'));

export function AppRoutes() {
  const location = useLocation();
  const background = (location.state as LocationState | null)?.background;
  return (
    <PageLocation.Provider value={location}>
      <Suspense fallback={<PageLoading />}>
        <Routes location={background ?? location}>
          <Route path="/login" element={<SignedOut><LoginPage /></SignedOut>} />
          <Route path="/register" element={<SignedOut><RegisterPage /></SignedOut>} />
          <Route path="/invitations/:token" element={<InvitationPage />} />
          <Route path="/invite/:token" element={<InvitationPage />} />
          <Route path="/" element={<SignedIn><Home /></SignedIn>} />
          <Route path="/workspaces" element={<SignedIn><WorkspacesPage /></SignedIn>} />
          <Route path="/w/:workspaceId" element={<SignedIn><WorkspaceLayout panel={background ? <TaskPanel /> : null} /></SignedIn>}>
            <Route index element={<Navigate to={preferences.get().lastView} replace />} />
            <Route path="board" element={<TasksPage view="board" />} />
            <Route path="list" element={<TasksPage view="list" />} />
            <Route path="t/:taskKey" element={<TaskPage />} />
            <Route path="inbox" element={<InboxPage />} />
            <Route path="projects" element={<ProjectsPage />} />
            <Route path="settings/:tab?" element={<SettingsPage />} />
            <Route path="*" element={<NotFoundPage framed />} />
          </Route>
          <Route path="*" element={<NotFoundPage />} />
        </Routes>
      </Suspense>
    </PageLocation.Provider>
  );
}

/** To the workspace last used, else to the list. */
function Home() {
  const last = preferences.get().lastWorkspace;
  return <Navigate to={last ? `/w/${last}` : '/workspaces'} replace />;
}

function SignedIn({ children }: { children: ReactNode }) {
  const { status } = useSession();
  const location = useLocation();
  if (status === 'loading') return <SplashScreen />;
  if (status === 'signed-out') {
    const wanted = location.pathname + location.search;
    return <Navigate to={wanted === '/' ? '/login' : `/login?next=${encodeURIComponent(wanted)}`} replace />;
  }
  return children;
}

/** Only to a place of our own: an address from outside must not lead away. */
export function safeNext(next: string | null): string {
  return next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/';
}

function SignedOut({ children }: { children: ReactNode }) {
  const { status } = useSession();
  const location = useLocation();
  if (status === 'loading') return <SplashScreen />;
  if (status === 'signed-in') return <Navigate to={safeNext(new URLSearchParams(location.search).get('next'))} replace />;
  return children;
}

import { Bookmark, Check, ChevronsUpDown, CircleUser, Folder, HelpCircle, Inbox, Kanban, LogOut, Monitor, Moon, Plus, Search, Settings, SquarePen, Sun, Users } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Link, NavLink, useLocation, useNavigate } from 'react-router';
import { useNotifications, usePermissions, useSession, useWorkspace, useWorkspaceId, useWorkspaces } from '../data';
import { Avatar } from '../ui/Avatar';
import { IconButton } from '../ui/Button';
import { cx } from '../ui/cx';
import { Logo } from '../ui/Logo';
import { Menu, MenuContent, MenuItem, MenuLabel, MenuRadio, MenuSeparator, MenuTrigger } from '../ui/Menu';
import { useStore } from '../ui/store';
import { setPreferences, usePreference } from './preferences';
import { setShell, shell } from './shell';
import { useSignOut } from './signOut';
import { findView, useViews } from '../features/filters/views';
import { isInOverlay } from '../features/shortcuts/keys';

/** The workspace's places. On a narrow screen it lies over the page as a drawer. */
export function Sidebar() {
  const drawer = useStore(shell, (state) => state.drawer);
  const shown = usePreference('sidebar');
  const location = useLocation();
  const place = useRef<HTMLElement>(null);
  useEffect(() => setShell({ drawer: false }), [location.pathname, location.search]);
  useEffect(() => {
    if (!drawer) return;
    const opener = document.activeElement as HTMLElement | null;
    place.current?.querySelector<HTMLElement>('a, button')?.focus();
    const close = () => setShell({ drawer: false });
    // Before the page behind it hears of the key.
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || isInOverlay(event.target)) return;
      event.preventDefault();
      close();
    };
    const wide = matchMedia('(min-width: 48rem)');
    addEventListener('keydown', onKeyDown, true);
    wide.addEventListener('change', close);
    return () => {
      removeEventListener('keydown', onKeyDown, true);
      wide.removeEventListener('change', close);
      (opener?.isConnected ? opener : document.getElementById('main'))?.focus({ preventScroll: true });
    };
  }, [drawer]);
  return (
    <>
      {drawer && <div aria-hidden="true" className="fixed inset-0 z-30 animate-fade bg-(--scrim) md:hidden" onClick={() => setShell({ drawer: false })} />}
      <aside
        ref={place}
        aria-label="Workspace"
        className={cx(
          'z-40 flex w-60 shrink-0 flex-col border-r border-line bg-canvas',
          'max-md:fixed max-md:inset-y-0 max-md:left-0 max-md:w-72 max-md:shadow-pop',
          !drawer && 'max-md:hidden',
          !shown && 'md:hidden',
        )}
      >
        <SidebarContent />
      </aside>
    </>
  );
}

function SidebarContent() {
  const workspaceId = useWorkspaceId();
  const location = useLocation();
  const view = usePreference('lastView');
  const { data } = useWorkspace();
  const { unread } = useNotifications();
  const { write, manageProjects } = usePermissions();
  const base = `/w/${workspaceId}`;
  const params = new URLSearchParams(location.search);
  const onTasks = location.pathname.startsWith(`${base}/board`) || location.pathname.startsWith(`${base}/list`);
  const project = onTasks ? params.get('project') : null;
  const views = useViews(workspaceId);
  const saved = onTasks ? findView(views, params) : undefined;
  const mine = onTasks && params.get('assignee') === 'me' && !project && !saved;
  const current = location.pathname.startsWith(`${base}/list`) ? 'list' : location.pathname.startsWith(`${base}/board`) ? 'board' : view;

  return (
    <>
      <div className="flex h-12 shrink-0 items-center gap-1 px-2">
        <WorkspaceSwitcher />
        <IconButton label="Search and commands" shortcut="mod+k" onClick={() => setShell({ palette: true })}>
          <Search className="size-4" aria-hidden="true" />
        </IconButton>
        {write && (
          <IconButton label="New task" shortcut="c" onClick={() => setShell({ newTask: {} })}>
            <SquarePen className="size-4" aria-hidden="true" />
          </IconButton>
        )}
      </div>
      <nav aria-label="Places" className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        <Item to={`${base}/inbox`} icon={<Inbox />} count={unread}>Inbox</Item>
        <Item to={`${base}/${current}?assignee=me`} icon={<CircleUser />} active={mine}>My tasks</Item>
        <Item to={`${base}/${current}`} icon={<Kanban />} active={onTasks && !project && !mine && !saved}>All tasks</Item>
        <div className="mt-4 mb-0.5 flex h-7 items-center pl-2">
          <NavLink to={`${base}/projects`} className="flex-1 rounded-sm text-2xs font-medium text-ink-3 hover:text-ink aria-[current=page]:text-ink">
            Projects
          </NavLink>
          {manageProjects && (
            <IconButton label="New project" onClick={() => setShell({ newProject: true })} className="size-6">
              <Plus className="size-3.5" aria-hidden="true" />
            </IconButton>
          )}
        </div>
        {data?.projects.map((each) => (
          <Item key={each.id} to={`${base}/${current}?project=${each.key}`} icon={<Folder />} active={project === each.key && !saved} hint={each.key}>
            {each.name}
          </Item>
        ))}
        {data?.projects.length === 0 && <p className="px-2 py-1 text-xs text-ink-3">No projects yet</p>}
        {views.length > 0 && <div className="mt-4 mb-0.5 flex h-7 items-center px-2 text-2xs font-medium text-ink-3">Views</div>}
        {views.map((each) => (
          <Item key={each.name} to={`${base}/${each.page}?${each.search}`} icon={<Bookmark />} active={each === saved}>
            {each.name}
          </Item>
        ))}
        <div className="mt-4 mb-0.5 flex h-7 items-center px-2 text-2xs font-medium text-ink-3">Workspace</div>
        <Item to={`${base}/settings/members`} icon={<Users />}>Members</Item>
        <Item to={`${base}/settings`} icon={<Settings />} active={location.pathname.startsWith(`${base}/settings`) && !location.pathname.endsWith('/members')}>Settings</Item>
      </nav>
      <UserMenu />
    </>
  );
}

interface ItemProps {
  to: string;
  icon: ReactNode;
  active?: boolean;
  count?: number;
  hint?: string;
  children: ReactNode;
}

/** A plain link: for a NavLink all filters of the board are the current place, as it looks at the path alone. */
function Item({ to, icon, active, count, hint, children }: ItemProps) {
  const { pathname } = useLocation();
  const on = active ?? pathname === to;
  return (
    <Link
      to={to}
      aria-current={on ? 'page' : undefined}
      className={cx(
        'flex h-7.5 items-center gap-2 rounded-md px-2 transition-colors duration-100 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3',
        on ? 'bg-active font-medium text-ink [&_svg]:text-accent-text' : 'text-ink-2 hover:bg-hover hover:text-ink',
      )}
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {count ? (
        <span className="rounded-full bg-accent px-1.5 text-2xs leading-4 font-semibold text-accent-ink tabular-nums">
          {count > 99 ? '99+' : count}
          <span className="sr-only"> unread</span>
        </span>
      ) : (
        hint && <span className="text-2xs text-ink-3">{hint}</span>
      )}
    </Link>
  );
}

function WorkspaceSwitcher() {
  const navigate = useNavigate();
  const workspaceId = useWorkspaceId();
  const { data: workspaces } = useWorkspaces();
  const name = useWorkspace().data?.workspace.name ?? workspaces?.find((each) => each.id === workspaceId)?.name ?? '';
  return (
    <Menu>
      <MenuTrigger className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-1.5 text-left font-semibold hover:bg-hover data-[state=open]:bg-active" aria-label={`Workspace ${name}: switch`}>
        <Logo className="size-5 shrink-0" />
        <span className="min-w-0 flex-1 truncate">{name}</span>
        <ChevronsUpDown className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
      </MenuTrigger>
      <MenuContent label="Workspaces" className="w-60">
        <MenuLabel>Workspaces</MenuLabel>
        {workspaces?.map((each) => (
          <MenuItem key={each.id} icon={each.id === workspaceId ? <Check className="size-3.5" /> : null} onSelect={() => navigate(`/w/${each.id}`)}>
            {each.name}
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem icon={<Plus className="size-4" />} onSelect={() => navigate('/workspaces?new')}>New workspace</MenuItem>
        <MenuItem icon={<Settings className="size-4" />} onSelect={() => navigate(`/w/${workspaceId}/settings/workspace`)}>Workspace settings</MenuItem>
      </MenuContent>
    </Menu>
  );
}

function UserMenu() {
  const { user } = useSession();
  const { signOut, question } = useSignOut();
  const theme = usePreference('theme');
  if (!user) return null;
  return (
    <div className="flex shrink-0 items-center gap-1 border-t border-line p-2">
      <Menu>
        <MenuTrigger className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-md px-1.5 text-left hover:bg-hover data-[state=open]:bg-active" aria-label={`Account of ${user.name}`}>
          <Avatar id={user.id} name={user.name} size="sm" />
          <span className="min-w-0 flex-1 truncate">{user.name}</span>
        </MenuTrigger>
        <MenuContent label="Account" side="top" className="w-56">
          <MenuLabel>{user.email}</MenuLabel>
          <MenuRadio
            label="Theme"
            value={theme}
            onChange={(next) => setPreferences({ theme: next })}
            options={[
              { value: 'light', label: 'Light', icon: <Sun className="size-4" /> },
              { value: 'dark', label: 'Dark', icon: <Moon className="size-4" /> },
              { value: 'system', label: 'System', icon: <Monitor className="size-4" /> },
            ]}
          />
          <MenuSeparator />
          <MenuItem icon={<LogOut className="size-4" />} onSelect={signOut}>Sign out</MenuItem>
        </MenuContent>
      </Menu>
      <IconButton label="Keyboard shortcuts" shortcut="?" onClick={() => setShell({ help: true })}>
        <HelpCircle className="size-4" aria-hidden="true" />
      </IconButton>
      {question}
    </div>
  );
}

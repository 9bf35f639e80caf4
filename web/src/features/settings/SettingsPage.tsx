import { Link, useParams } from 'react-router';
import { useWorkspaceId } from '../../data';
import { PageHeader } from '../../app/PageHeader';
import { useTitle } from '../../app/useTitle';
import { MembersSettings } from './MembersSettings';
import { NotificationSettings } from './NotificationSettings';
import { PreferenceSettings } from './PreferenceSettings';
import { WorkspaceSettings } from './WorkspaceSettings';

const Tabs = [
  { name: 'preferences', label: 'Preferences', page: PreferenceSettings },
  { name: 'notifications', label: 'Notifications', page: NotificationSettings },
  { name: 'members', label: 'Members', page: MembersSettings },
  { name: 'workspace', label: 'Workspace', page: WorkspaceSettings },
] as const;

export default function SettingsPage() {
  const { tab } = useParams();
  const base = `/w/${useWorkspaceId()}/settings`;
  const current = Tabs.find((each) => each.name === tab) ?? Tabs[0];
  useTitle(current.label);
  return (
    <>
      <PageHeader title="Settings" />
      <nav aria-label="Settings" className="flex shrink-0 gap-4 overflow-x-auto border-b border-line px-4 sm:px-5">
        {Tabs.map((each) => (
          <Link
            key={each.name}
            to={`${base}/${each.name}`}
            replace
            data-focus-inset
            aria-current={each === current ? 'page' : undefined}
            className="-mb-px flex h-9 items-center border-b-2 border-transparent whitespace-nowrap text-ink-3 hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
          >
            {each.label}
          </Link>
        ))}
      </nav>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto grid max-w-2xl grid-cols-[minmax(0,1fr)] gap-8 px-4 py-6">
          <current.page />
        </div>
      </div>
    </>
  );
}

import { useNotificationPreferences, type NotificationKind } from '../../data';
import { Switch } from '../../ui/Field';
import { Delayed, ErrorState, Skeleton } from '../../ui/states';
import { toast } from '../../ui/toast';
import { Kinds } from '../inbox/kinds';
import { Section } from './Section';

export function NotificationSettings() {
  const { status, data, error, retry, save } = useNotificationPreferences();
  if (status === 'error' && !data) return <ErrorState title="Your preferences did not load" error={error} onRetry={retry} />;
  return (
    <Section title="What comes to your inbox" description="Everything else shows in a task’s activity only. Your own actions never notify you.">
      {data ? (
        (Object.keys(Kinds) as NotificationKind[]).map((kind) => (
          <Switch
            key={kind}
            label={Kinds[kind].label}
            description={Kinds[kind].description}
            checked={data[kind]}
            onChange={(checked) => void save({ ...data, [kind]: checked }).catch((reason: Error) => toast(reason.message, { tone: 'error' }))}
          />
        ))
      ) : (
        <Delayed>
          <Skeleton className="my-3 h-40" />
        </Delayed>
      )}
    </Section>
  );
}

import { usePresence } from '../../data';
import { AvatarStack } from '../../ui/Avatar';

/** Who else is on this task, and who writes: in the detail's head. */
export function Viewers({ taskId }: { taskId: string }) {
  const viewers = usePresence(taskId);
  return <AvatarStack people={viewers} max={4} size="sm" label="Here now" />;
}

/** "Ada is typing…" below the comments. Keeps its line, so that nothing jumps. */
export function TypingLine({ taskId }: { taskId: string }) {
  const typing = usePresence(taskId).filter((viewer) => viewer.typing);
  const text =
    typing.length === 0 ? '' : typing.length === 1 ? `${typing[0]!.name} is typing…` : typing.length === 2 ? `${typing[0]!.name} and ${typing[1]!.name} are typing…` : `${typing.length} people are typing…`;
  return (
    <p aria-live="polite" className="h-5 truncate text-xs text-ink-3">
      {text}
    </p>
  );
}

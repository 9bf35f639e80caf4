import { useEffect, useRef, useState } from 'react';
import { useTask, useTaskGetter, useTaskIdByKey } from '../../data';

/**
 * The task an address means, by key (`WEB-42`) or id; its last id is kept while it vanishes, so that what is deleted can say so. `identity`
 * stays the same while a task that was made offline gets its id and its number: what is being written in it must not be cut off.
 */
export function useTaskOfRoute(key: string | undefined): { taskId: string | undefined; identity: string | undefined; gone: boolean } {
  const isKey = key !== undefined && /^[A-Z][A-Z0-9]{1,9}-\d+$/i.test(key);
  const byKey = useTaskIdByKey(isKey ? key.toUpperCase() : null);
  const found = isKey ? byKey : key;
  const task = useTask(found);
  const [last, setLast] = useState<{ key: string | undefined; id: string } | null>(null);
  useEffect(() => {
    if (task) setLast({ key, id: task.id });
  }, [task, key]);
  const taskId = task ? task.id : last?.key === key ? last?.id : undefined;
  const getTask = useTaskGetter();
  const known = useRef<{ taskId: string; identity: string } | null>(null);
  if (taskId && taskId !== known.current?.taskId) {
    const isSame = known.current !== null && getTask(known.current.taskId)?.id === taskId;
    known.current = { taskId, identity: isSame ? known.current!.identity : taskId };
  }
  return { taskId, identity: known.current?.identity, gone: !task };
}

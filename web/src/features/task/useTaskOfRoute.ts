import { useEffect, useState } from 'react';
import { useTask, useTaskIdByKey } from '../../data';

/** The task an address means, by key (`WEB-42`) or id; its last id is kept while it vanishes, so that what is deleted can say so. */
export function useTaskOfRoute(key: string | undefined): { taskId: string | undefined; gone: boolean } {
  const isKey = key !== undefined && /^[A-Z][A-Z0-9]{1,9}-\d+$/i.test(key);
  const byKey = useTaskIdByKey(isKey ? key.toUpperCase() : null);
  const found = isKey ? byKey : key;
  const task = useTask(found);
  const [last, setLast] = useState<{ key: string | undefined; id: string } | null>(null);
  useEffect(() => {
    if (task) setLast({ key, id: task.id });
  }, [task, key]);
  return { taskId: task ? task.id : last?.key === key ? last?.id : undefined, gone: !task };
}

import { useMemo, useRef } from 'react';
import { useBoard, usePermissions, type TaskFilter } from '../../data';
import { CardPreview } from './CardPreview';
import { Column } from './Column';
import { useVisibleOrder } from './focus';
import { useCarry } from './useCarry';
import { useWalker } from './useWalker';

/** The columns, and what moves between them by mouse, touch or keyboard. */
export function Board({ filter, filtered, projectId }: { filter: TaskFilter; filtered: boolean; projectId: string | null }) {
  const live = useBoard(filter);
  const { write } = usePermissions();
  const root = useRef<HTMLDivElement>(null);
  const held = useRef(live);
  const carry = useCarry(root, held, write);
  // While a card is carried the board holds still: what others move shows when it has landed.
  const columns = carry.carried.length > 0 ? held.current : live;
  held.current = columns;
  useWalker(root, columns, write);

  const order = useMemo(() => columns.flatMap((column) => column.ids), [columns]);
  useVisibleOrder(order);

  return (
    <>
      <p id="card-help" hidden>
        Press Enter to open, Space to pick the card up, then the arrow keys to move it, Space to put it down, Escape to cancel.
      </p>
      <div
        ref={root}
        data-board
        className="flex h-full snap-x snap-mandatory gap-2.5 overflow-x-auto overscroll-x-contain px-3 pb-3 data-dragging:cursor-grabbing data-dragging:snap-none data-dragging:**:cursor-grabbing sm:snap-none sm:px-4 sm:pb-4"
      >
        {columns.map((column) => (
          <Column
            key={column.status}
            status={column.status}
            ids={column.ids}
            carried={carry.carried}
            lifted={carry.lifted}
            write={write}
            projectId={projectId}
            filter={filter}
            filtered={filtered}
            onHandleKeyDown={carry.onHandleKeyDown}
          />
        ))}
      </div>
      {carry.dragged && <CardPreview ref={carry.preview} taskId={carry.dragged.taskId} width={carry.dragged.width} count={carry.carried.length} />}
    </>
  );
}

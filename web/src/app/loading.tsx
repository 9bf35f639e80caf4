import { STATUSES } from '../data';
import { Logo } from '../ui/Logo';
import { Delayed, Skeleton } from '../ui/states';

export function SplashScreen() {
  return (
    <div role="status" aria-label="Loading" className="flex h-dvh items-center justify-center">
      <Delayed>
        <Logo className="size-10 animate-pulse-soft" />
      </Delayed>
    </div>
  );
}

export function PageLoading() {
  return (
    <div role="status" aria-label="Loading" className="flex h-full min-h-40 flex-col gap-3 p-6">
      <Delayed>
        <Skeleton className="h-6 w-48" />
        <Skeleton className="h-24 w-full max-w-2xl" />
        <Skeleton className="h-24 w-full max-w-2xl" />
      </Delayed>
    </div>
  );
}

const Heights = [
  ['h-24', 'h-20', 'h-28'],
  ['h-28', 'h-20'],
  ['h-20'],
  ['h-24', 'h-20'],
];

/** The board before its first data, at its real size, so that nothing jumps when the cards come. */
export function BoardSkeleton() {
  return (
    <div role="status" aria-label="Loading the board" className="flex h-full gap-2.5 overflow-hidden px-3 pb-3 sm:px-4 sm:pb-4">
      {STATUSES.map((status, column) => (
        <div key={status} className="flex h-full w-[84vw] max-w-80 shrink-0 flex-col gap-1.5 rounded-xl bg-sunken/70 p-1.5 sm:w-auto sm:max-w-none sm:min-w-60 sm:flex-1 sm:basis-60 xl:max-w-96">
          <Delayed>
            <Skeleton className="m-1.5 h-5 w-28" />
            {Heights[column]?.map((height, index) => <Skeleton key={index} className={`${height} rounded-lg`} />)}
          </Delayed>
        </div>
      ))}
    </div>
  );
}

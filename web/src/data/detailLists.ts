import type { QueryClient } from '@tanstack/react-query';
import type { WorkspaceEvent } from '@taskflow/realtime';
import type { Comment } from '../api/models';
import { withActivity, withComment, withCommentEvent, type ActivityList } from './details';
import { keys } from './keys';

const RECENT_EVENTS = 1_000;

/** The comments and histories of a workspace's tasks that have been loaded, in the query cache, kept right by events. */
export class DetailLists {
  readonly #queries: QueryClient;
  readonly #workspaceId: string;
  /** The last events, so that what arrives while a list is being fetched can be applied to it. */
  #recent: WorkspaceEvent[] = [];

  constructor(queries: QueryClient, workspaceId: string) {
    this.#queries = queries;
    this.#workspaceId = workspaceId;
  }

  /** Fetches a list and applies the events behind `head` that arrived meanwhile, so that none is lost whichever was first. */
  async fetch<T>(head: number, fetch: () => Promise<T>, apply: (value: T, event: WorkspaceEvent) => T): Promise<T> {
    const seen = this.#recent.at(-1)?.seq ?? head;
    const value = await fetch();
    return this.#recent.filter((event) => event.seq > seen).reduce(apply, value);
  }

  apply(events: readonly WorkspaceEvent[]): void {
    this.#recent = [...this.#recent, ...events].slice(-RECENT_EVENTS);
    for (const event of events) {
      if (!event.taskId) continue;
      if (event.commentId) this.#changeComments(event.taskId, (list) => withCommentEvent(list, event));
      const key = keys.activity(this.#workspaceId, event.taskId);
      this.#queries.setQueryData<ActivityList>(key, (list) => list && withActivity(list, [event]));
    }
  }

  putComment(taskId: string, comment: Comment): void {
    this.#changeComments(taskId, (list) => withComment(list, comment));
  }

  removeComment(taskId: string, commentId: string): void {
    this.#changeComments(taskId, (list) => list.filter((each) => each.id !== commentId));
  }

  /** Events were missed: what is on the page is fetched again, the rest when it is asked for. */
  outdate(): void {
    void this.#queries.invalidateQueries({ queryKey: keys.commentsOf(this.#workspaceId) });
    void this.#queries.invalidateQueries({ queryKey: keys.activityOf(this.#workspaceId) });
  }

  #changeComments(taskId: string, change: (list: readonly Comment[]) => readonly Comment[]): void {
    this.#queries.setQueryData<readonly Comment[]>(keys.comments(this.#workspaceId, taskId), (list) => list && change(list));
  }
}

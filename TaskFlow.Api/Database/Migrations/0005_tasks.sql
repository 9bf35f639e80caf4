create table projects (
    id           uuid        primary key,
    workspace_id uuid        not null references workspaces (id) on delete cascade,
    key          text        not null,
    name         text        not null,
    last_number  integer     not null default 0, -- of its tasks; counted under the row lock, so without gaps or doubles
    created_by   uuid        not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    unique (workspace_id, key)
);

-- Where a deleted project's numbers had got to: a later project of the same key goes on from there, so WEB-42 never means two tasks.
create table retired_project_keys (
    workspace_id uuid    not null references workspaces (id) on delete cascade,
    key          text    not null,
    last_number  integer not null,
    primary key (workspace_id, key)
);

-- Here and below only what leads up to projects is a foreign key: one to workspaces would lock, with every row written, the very row
-- whose updates order the log.
create table tasks (
    id           uuid        primary key,
    workspace_id uuid        not null,
    project_id   uuid        not null references projects (id) on delete cascade,
    key          text        not null,
    number       integer     not null,
    title        text        not null,
    description  text        not null,
    status       text        not null,
    priority     text        not null,
    assignee_id  uuid,
    labels       text[]      not null,
    due_on       date,
    position     text collate "C" not null, -- sorts by bytes, as in every client
    version      integer     not null,
    -- Per field that was changed since creation: the version and the writer of its last change. That is what merging needs.
    changes      jsonb       not null default '{}',
    created_by   uuid        not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    -- Both as written and reduced to English word stems, so that "login" finds "logins" and a name finds itself.
    search       tsvector    not null generated always as (
        to_tsvector('simple', key || ' ' || title || ' ' || description) || to_tsvector('english', title || ' ' || description)) stored,
    unique (project_id, number)
) with (fillfactor = 80); -- changes of columns without an index stay on the page

-- Only a position is unique among a project's tasks; checked at the end of a transaction, so that neighbours can be moved apart.
alter table tasks add constraint tasks_position unique (project_id, position) deferrable initially deferred;
create index tasks_workspace on tasks (workspace_id, created_at, id);
create index tasks_search on tasks using gin (search);

create table comments (
    id           uuid        primary key,
    workspace_id uuid        not null,
    task_id      uuid        not null references tasks (id) on delete cascade,
    body         text        not null,
    author_id    uuid        not null,
    author_name  text        not null, -- as it was then: the author may leave
    created_at   timestamptz not null,
    updated_at   timestamptz not null
);

create index comments_task on comments (task_id, created_at, id);

create table notifications (
    id           uuid        primary key,
    user_id      uuid        not null references users (id) on delete cascade,
    workspace_id uuid        not null,
    task_id      uuid        references tasks (id) on delete set null,
    comment_id   uuid        references comments (id) on delete set null,
    kind         text        not null,
    text         text        not null,
    by_id        uuid        not null,
    by_name      text        not null,
    fields       text[],
    created_at   timestamptz not null,
    is_read      boolean     not null default false
);

create index notifications_user on notifications (user_id, created_at desc, id desc);
create index notifications_unread on notifications (user_id, created_at desc, id desc) where not is_read;
create index notifications_workspace on notifications (workspace_id);
create index notifications_task on notifications (task_id);
create index notifications_comment on notifications (comment_id) where comment_id is not null;

create function delete_rows_of_workspace() returns trigger language plpgsql as $$
begin
    delete from notifications where workspace_id = old.id;
    delete from events where workspace_id = old.id;
    return null;
end $$;

create trigger workspaces_delete_rows after delete on workspaces for each row execute function delete_rows_of_workspace();

-- No row: everything is on.
create table notification_preferences (
    user_id     uuid    primary key references users (id) on delete cascade,
    mention     boolean not null,
    assigned    boolean not null,
    status      boolean not null,
    overwritten boolean not null
);

-- Workspaces that are gone for everybody while their rows still go, in portions (WorkspaceRemoval).
set local lock_timeout = '3s';

create table deleted_workspaces (
    id         uuid        primary key,
    deleted_at timestamptz not null default now()
);

-- Whoever deletes a workspace, an instance of the version before too, leaves what may be much to that: events, notifications, and projects with their tasks.
create or replace function delete_rows_of_workspace() returns trigger language plpgsql as $$
begin
    insert into deleted_workspaces (id) values (old.id) on conflict do nothing;
    return null;
end $$;

-- It would take the projects along, and all that is in them, in one statement.
alter table projects drop constraint projects_workspace_id_fkey;

create table workspaces (
    id         uuid primary key,
    name       text not null,
    seq        bigint not null default 0, -- the head of the log: raised by one with every event, in the event's transaction
    created_at timestamptz not null,
    created_by uuid not null references users
);

create table members (
    workspace_id uuid not null references workspaces on delete cascade,
    user_id      uuid not null references users,
    role         text not null check (role in ('owner', 'admin', 'member', 'guest')),
    joined_at    timestamptz not null,
    primary key (workspace_id, user_id)
);
create index members_user on members (user_id);
create index members_joined on members (workspace_id, joined_at, user_id);

create table invitations (
    id           uuid primary key,
    workspace_id uuid not null references workspaces on delete cascade,
    role         text not null check (role in ('owner', 'admin', 'member', 'guest')),
    token_hash   bytea not null,          -- SHA-256 of the token in the link
    created_by   uuid not null references users,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    used_at      timestamptz,
    used_by      uuid references users,
    revoked_at   timestamptz
);
create unique index invitations_token on invitations (token_hash);
create index invitations_workspace on invitations (workspace_id, created_at, id);

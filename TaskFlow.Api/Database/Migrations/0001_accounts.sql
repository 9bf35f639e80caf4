create table users (
    id            uuid primary key,
    email         text not null,
    email_key     text not null,        -- in lower case: one account per address, however it is typed
    name          text not null,
    password_hash text not null,
    created_at    timestamptz not null default now()
);
create unique index users_email on users (email_key);

-- A session is one sign-in on one device. It lives as long as its refresh tokens rotate, and every token of it dies with it.
create table sessions (
    id             uuid primary key,
    user_id        uuid not null references users on delete cascade,
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    revoked_at     timestamptz,
    revoked_reason text                 -- logout, limit, reuse
);
create index sessions_live on sessions (user_id, created_at) where revoked_at is null;
create index sessions_expiry on sessions (expires_at);

-- Used tokens are kept until their session goes: one that comes back is a stolen one.
create table refresh_tokens (
    token_hash bytea primary key,       -- SHA-256 of the token; the token itself is never stored
    session_id uuid not null references sessions on delete cascade,
    created_at timestamptz not null,
    used_at    timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);

create table signing_keys (
    id          text primary key,       -- the tokens' kid
    public_key  bytea not null,         -- SubjectPublicKeyInfo
    private_key bytea not null,         -- PKCS#8, encrypted (AES-256-GCM under KeyEncryptionSecret)
    created_at  timestamptz not null,
    active_from timestamptz not null,   -- signs from then on; published before, so that every verifier has it in time
    expires_at  timestamptz not null    -- verifies until then
);

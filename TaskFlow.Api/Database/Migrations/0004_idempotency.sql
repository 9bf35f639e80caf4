-- The answers given under an Idempotency-Key, written in the transaction of the change they answer.
create table idempotency_keys (
    user_id      uuid not null,
    route        text not null,         -- method and path
    key          text not null,
    request_hash bytea not null,        -- SHA-256 of the body
    status       smallint not null,
    location     text,
    etag         text,
    body         bytea,                 -- encrypted where sealed
    sealed       boolean not null,
    created_at   timestamptz not null,
    primary key (user_id, route, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

-- All refresh tokens of a session have a secret in common, by which the session knows a used one again whose row is gone (docs/adr/0021).
set local lock_timeout = '3s';

alter table sessions add column family_hash bytea; -- SHA-256 of it; null until the session gets a token that has it
alter table refresh_tokens add column has_family boolean not null default false;

-- The log: one row per committed change, numbered per workspace without gaps. It is the outbox, the catch-up feed and the activity
-- history at once (docs/adr/0024-event-log.md).

-- Partitioned by time only so that old events can be dropped at no cost. There is no foreign key to workspaces: it would cost a lookup
-- per change and a lock on workspaces per dropped partition. A trigger removes a deleted workspace's events instead (0005).
create table events (
    workspace_id  uuid        not null,
    seq           bigint      not null,
    created_at    timestamptz not null,
    type          text        not null,
    task_id       uuid,
    project_id    uuid,
    comment_id    uuid,
    member_id     uuid,
    version       integer,
    payload       json        not null,
    user_id       uuid        not null,
    user_name     text        not null,
    mutation_id   text,
    traceparent   text,
    notifications json,
    origin        uuid        not null, -- the Api instance that made the change, and so the one that publishes it
    primary key (workspace_id, seq, created_at)
) partition by range (created_at);

create index events_task on events (task_id, seq) where task_id is not null;

-- Makes this month's partition and those of the months ahead. A table is made first and attached then, because attaching
-- does not lock out readers and writers of the log, while "create table … partition of" does.
create function create_event_partitions(months_ahead integer) returns void language plpgsql as $$
declare
    first_day date;
    partition text;
begin
    perform pg_advisory_xact_lock(hashtext('create_event_partitions'));
    for step in 0..months_ahead loop
        first_day := (date_trunc('month', now() at time zone 'utc') + make_interval(months => step))::date;
        partition := 'events_' || to_char(first_day, 'YYYY_MM');
        continue when to_regclass(partition) is not null;
        execute format('create table %I (like events including defaults including constraints)', partition);
        execute format('alter table events attach partition %I for values from (%L) to (%L)', partition,
            to_char(first_day, 'YYYY-MM-DD') || ' 00:00:00+00',
            to_char(first_day + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
    end loop;
end $$;

select create_event_partitions(3);

-- Which events have reached the broker: a set of ranges per workspace, which is one range unless two instances are at it just now.
create table outbox_progress (
    workspace_id uuid           primary key references workspaces (id) on delete cascade,
    published    int8multirange not null default '{}'
) with (fillfactor = 70);

-- One row per running Api instance. Where it has expired, the instance is gone and another one publishes what it left behind.
create table outbox_leases (
    instance_id uuid        primary key,
    expires_at  timestamptz not null
);

-- Which of the instances does so. Its seat is taken by another one when it expires.
create table outbox_sweeper (
    seat       integer     primary key check (seat = 1),
    holder     uuid        not null,
    expires_at timestamptz not null
);

-- Names this history. It changes with every way of rewriting history that the database itself can know of: another cluster,
-- another timeline (failover, point-in-time recovery), a restored dump (another oid, or another id below).
create table log_identity (id uuid not null default gen_random_uuid());
insert into log_identity default values;

create function log_epoch() returns text language sql stable as $$
    select left(encode(sha256(convert_to(concat_ws('/', s.system_identifier, c.timeline_id, 'events'::regclass::oid, i.id), 'UTF8')), 'hex'), 16)
    from pg_control_system() s, pg_control_checkpoint() c, log_identity i
$$;

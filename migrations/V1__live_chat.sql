-- Live chat: workspaces, people, contacts, conversations, messages, files, events, timers.
--
-- Tenancy. Every table has row-level security, forced. The server works as `switchboard_app`,
-- which neither owns a table nor can bypass a policy, and names the tenant and the login it acts
-- for in each transaction (`app.workspace`, `app.user`). What must be found before the tenant is
-- known goes through functions owned by `switchboard_lookup`, each returning no more than ids.
--
-- Roles belong to the whole cluster, so another database may have made them already.
do $$
begin
  create role switchboard_app nologin nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  create role switchboard_lookup nologin nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  if not pg_has_role(current_user, 'switchboard_app', 'member') then
    execute format('grant switchboard_app to %I', current_user);
  end if;
  if not pg_has_role(current_user, 'switchboard_lookup', 'member') then
    execute format('grant switchboard_lookup to %I', current_user);
  end if;
exception when unique_violation then null;
end $$;

grant usage on schema public to switchboard_app, switchboard_lookup;
-- `create` lets the function owner be set below; taken back at the end.
grant create on schema public to switchboard_lookup;

-- The tenant and the login of this transaction; null when none was named.
create function app_workspace() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.workspace', true), '')::uuid;
create function app_user() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.user', true), '')::uuid;

create table workspaces (
  id               uuid primary key,
  name             text not null,
  -- Changes when history is not the one clients knew, for example after a restore.
  epoch            uuid not null,
  -- The position of the newest event. Its row lock orders a workspace's commits.
  last_seq         bigint not null default 0,
  -- The oldest position that can still be resumed from.
  first_seq        bigint not null default 0,
  -- The workspace's key, wrapped by the master key ring.
  key              bytea not null,
  widget_key       text not null unique,
  widget_look      jsonb not null default '{}',
  widget_origins   text[] not null default '{}',
  require_identity boolean not null default false,
  created_at       timestamptz not null
);

create table users (
  id            uuid primary key,
  email         text not null unique,
  name          text not null,
  password_hash text not null,
  created_at    timestamptz not null
);

create table members (
  workspace_id uuid not null references workspaces,
  id           uuid not null,
  user_id      uuid not null references users,
  role         text not null check (role in ('agent', 'admin', 'owner')),
  active       boolean not null default true,
  created_at   timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, user_id)
);
create index members_by_user on members (user_id);

create table user_sessions (
  id           uuid primary key,
  user_id      uuid not null references users,
  workspace_id uuid not null references workspaces,
  token_hash   bytea not null unique,
  created_at   timestamptz not null,
  last_used_at timestamptz not null,
  expires_at   timestamptz not null
);
create index user_sessions_by_user on user_sessions (user_id);

create table password_links (
  token_hash bytea primary key,
  user_id    uuid not null references users,
  expires_at timestamptz not null
);
create index password_links_by_user on password_links (user_id);

create table invitations (
  workspace_id uuid not null references workspaces,
  id           uuid not null,
  email        text not null,
  role         text not null check (role in ('agent', 'admin', 'owner')),
  token_hash   bytea not null unique,
  invited_by   uuid not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  accepted_at  timestamptz,
  primary key (workspace_id, id)
);

create table api_tokens (
  workspace_id uuid not null references workspaces,
  id           uuid not null,
  member_id    uuid not null,
  name         text not null,
  hint         text not null,
  secret_hash  bytea not null unique,
  created_at   timestamptz not null,
  last_used_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, member_id) references members
);

create table labels (
  workspace_id uuid not null references workspaces,
  id           uuid not null,
  name         text not null,
  color        text not null,
  created_at   timestamptz not null,
  primary key (workspace_id, id)
);
create unique index labels_by_name on labels (workspace_id, lower(name));

create table contacts (
  workspace_id uuid not null references workspaces,
  id           uuid not null,
  -- The contact's key, wrapped by the workspace's. Without it nothing sealed with it can be read.
  key          bytea not null,
  -- Sealed: name, e-mail, phone, page and whatever else is personal.
  details      bytea not null,
  rev          bigint not null,
  created_at   timestamptz not null,
  last_seen_at timestamptz,
  primary key (workspace_id, id)
);

-- How a contact is recognised: the keyed hash of each identity.
create table identities (
  workspace_id uuid not null,
  kind         text not null,
  hash         bytea not null,
  contact_id   uuid not null,
  primary key (workspace_id, kind, hash),
  foreign key (workspace_id, contact_id) references contacts
);
create index identities_by_contact on identities (workspace_id, contact_id);

create table conversations (
  workspace_id      uuid not null,
  id                uuid not null,
  contact_id        uuid not null,
  channel           text not null default 'web',
  status            text not null check (status in ('open', 'pending', 'snoozed', 'resolved')),
  snoozed_until     timestamptz,
  assignee          uuid,
  labels            uuid[] not null default '{}',
  last_n            integer not null default 0,
  -- The event that changed it last; the optimistic lock of every writer.
  rev               bigint not null,
  team_delivered    integer not null default 0,
  team_read         integer not null default 0,
  team_unread       integer not null default 0,
  visitor_delivered integer not null default 0,
  visitor_read      integer not null default 0,
  visitor_unread    integer not null default 0,
  preview_message   uuid,
  created_at        timestamptz not null,
  last_activity_at  timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, contact_id, channel),
  foreign key (workspace_id, contact_id) references contacts,
  check ((status = 'snoozed') = (snoozed_until is not null))
) with (fillfactor = 70);
create index conversations_by_status
  on conversations (workspace_id, status, last_activity_at desc, id desc);
create index conversations_by_assignee
  on conversations (workspace_id, assignee, status, last_activity_at desc, id desc);
create index conversations_by_activity
  on conversations (workspace_id, last_activity_at desc, id desc);
create index conversations_unread
  on conversations (workspace_id, last_activity_at desc, id desc)
  where status = 'open' and team_unread > 0;

create table messages (
  workspace_id    uuid not null,
  id              uuid not null,
  conversation_id uuid not null,
  -- The event that posted it, and the one that changed it last.
  seq             bigint not null,
  rev             bigint not null,
  -- Its number among the public messages of the conversation.
  n               integer,
  kind            text not null check (kind in ('public', 'note', 'activity')),
  author_kind     text not null check (author_kind in ('visitor', 'agent', 'system')),
  author_id       uuid,
  -- Sealed with the contact's key; null when deleted or without text.
  body            bytea,
  -- Keyed hashes of its words.
  words           bigint[],
  reply_to        uuid,
  -- What an activity line tells: statuses and ids, nothing personal.
  activity        jsonb,
  -- [{"by": author, "emoji": "…"}], oldest first.
  reactions       jsonb,
  -- What its author's client called it.
  ref             text,
  created_at      timestamptz not null,
  edited_at       timestamptz,
  deleted_at      timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, conversation_id, seq),
  check ((kind = 'public') = (n is not null))
);
create unique index messages_by_ref
  on messages (workspace_id, author_id, ref) where ref is not null;
create index messages_by_words on messages using gin (words);

create table attachments (
  workspace_id    uuid not null references workspaces,
  id              uuid not null,
  conversation_id uuid,
  message_id      uuid,
  position        smallint,
  uploader_kind   text not null check (uploader_kind in ('visitor', 'agent')),
  uploader_id     uuid not null,
  -- The file's key, wrapped by the workspace's key until it is attached, by the contact's after.
  key             bytea not null,
  -- Sealed with the file's key.
  name            bytea not null,
  mime            text not null,
  kind            text not null check (kind in ('image', 'audio', 'video', 'file')),
  size            bigint not null,
  width           integer,
  height          integer,
  has_thumbnail   boolean not null default false,
  created_at      timestamptz not null,
  primary key (workspace_id, id)
);
create index attachments_by_message on attachments (workspace_id, message_id);
create index attachments_orphaned on attachments (created_at) where message_id is null;

-- What happened, in order. Kinds and ids only: a replay joins the rows as they are now.
-- Partitioned by time so that old history is dropped and not deleted.
create table events (
  workspace_id    uuid not null,
  seq             bigint not null,
  at              timestamptz not null,
  kind            text not null,
  conversation_id uuid,
  message_id      uuid,
  -- The member, label or contact concerned.
  subject_id      uuid,
  primary key (workspace_id, seq, at)
) partition by range (at);
create table events_default partition of events default;

-- Work that must happen at a time. Claimed by any node, removed by the commit that does it.
create table timers (
  workspace_id    uuid not null,
  id              uuid not null,
  kind            text not null check (kind in ('snooze')),
  conversation_id uuid not null,
  due_at          timestamptz not null,
  claimed_until   timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, conversation_id, kind)
);
create index timers_due on timers (due_at);

-- Row-level security, on every table, for their owner as well.
do $$
declare t text;
begin
  for t in select c.relname from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and c.relname not like 'refinery%'
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('grant select, insert, update, delete on %I to switchboard_app', t);
    if t not in ('workspaces', 'users', 'user_sessions', 'password_links') then
      execute format(
        'create policy tenant on %I to switchboard_app
           using (workspace_id = app_workspace()) with check (workspace_id = app_workspace())', t);
    end if;
  end loop;
end $$;

create policy tenant on workspaces to switchboard_app
  using (id = app_workspace()) with check (id = app_workspace());
-- A login sees itself and its colleagues of the workspace it acts in; it changes only itself.
create policy colleagues on users for select to switchboard_app
  using (id = app_user() or exists (
    select from members m where m.workspace_id = app_workspace() and m.user_id = users.id));
create policy self on users for insert to switchboard_app with check (id = app_user());
create policy self_change on users for update to switchboard_app
  using (id = app_user()) with check (id = app_user());
create policy self on user_sessions to switchboard_app
  using (user_id = app_user()) with check (user_id = app_user());
create policy self on password_links to switchboard_app
  using (user_id = app_user()) with check (user_id = app_user());

-- What precedes the tenant.
create policy lookup on workspaces for select to switchboard_lookup using (true);
create policy lookup on users for select to switchboard_lookup using (true);
create policy lookup on members for select to switchboard_lookup using (true);
create policy lookup on user_sessions for select to switchboard_lookup using (true);
create policy lookup on password_links for select to switchboard_lookup using (true);
create policy lookup on invitations for select to switchboard_lookup using (true);
create policy lookup on api_tokens for select to switchboard_lookup using (true);
create policy lookup on messages for select to switchboard_lookup using (true);
create policy lookup on timers for select to switchboard_lookup using (true);
create policy claim on timers for update to switchboard_lookup using (true) with check (true);
create policy lookup on attachments for select to switchboard_lookup using (true);
create policy lookup on events for select to switchboard_lookup using (true);
create policy forget on workspaces for update to switchboard_lookup using (true) with check (true);
grant select on workspaces, users, members, user_sessions, password_links, invitations,
  api_tokens, messages, timers, attachments, events to switchboard_lookup;
grant update (first_seq) on workspaces to switchboard_lookup;
grant update (claimed_until) on timers to switchboard_lookup;

-- Signing in: the login of an address.
create function find_login(address text)
  returns table (user_id uuid, password_hash text)
  language sql stable security definer set search_path = public
  as $$ select u.id, u.password_hash from users u where u.email = address $$;

-- The workspaces a login belongs to, oldest membership first.
create function find_memberships(login uuid)
  returns table (workspace_id uuid, member_id uuid)
  language sql stable security definer set search_path = public
  as $$ select m.workspace_id, m.id from members m
        where m.user_id = login and m.active order by m.created_at, m.id $$;

-- Who a session cookie speaks for, while it has not expired and the membership is active.
create function find_session(hash bytea)
  returns table (session_id uuid, user_id uuid, workspace_id uuid, member_id uuid, role text,
                 last_used_at timestamptz, expires_at timestamptz)
  language sql stable security definer set search_path = public
  as $$ select s.id, s.user_id, s.workspace_id, m.id, m.role, s.last_used_at, s.expires_at
        from user_sessions s
        join members m on m.workspace_id = s.workspace_id and m.user_id = s.user_id and m.active
        where s.token_hash = hash and s.expires_at > now() $$;

-- Who an API token speaks for.
create function find_api_token(hash bytea)
  returns table (token_id uuid, user_id uuid, workspace_id uuid, member_id uuid, role text,
                 last_used_at timestamptz)
  language sql stable security definer set search_path = public
  as $$ select t.id, m.user_id, t.workspace_id, m.id, m.role, t.last_used_at
        from api_tokens t
        join members m on m.workspace_id = t.workspace_id and m.id = t.member_id and m.active
        where t.secret_hash = hash $$;

create function find_password_link(hash bytea)
  returns table (user_id uuid)
  language sql stable security definer set search_path = public
  as $$ select l.user_id from password_links l where l.token_hash = hash and l.expires_at > now() $$;

create function find_invitation(hash bytea)
  returns table (workspace_id uuid, invitation_id uuid)
  language sql stable security definer set search_path = public
  as $$ select i.workspace_id, i.id from invitations i where i.token_hash = hash $$;

-- The workspace of a widget snippet.
create function find_widget(public_key text)
  returns table (workspace_id uuid)
  language sql stable security definer set search_path = public
  as $$ select w.id from workspaces w where w.widget_key = public_key $$;

-- Messages that hold every one of these word hashes, newest first. The hashes are keyed per
-- workspace, so the index needs no tenant; the tenant is checked all the same. The array operator
-- is not leak-proof, so under a policy it could not use the index: hence this function.
create function find_messages_by_words(hashes bigint[], before_seq bigint, how_many integer)
  returns table (message_id uuid)
  language sql stable security definer set search_path = public
  as $$ select m.id from messages m
        -- Asked once, and not for every row.
        where m.words @> hashes and m.workspace_id = (select app_workspace())
          and m.seq < before_seq
        order by m.seq desc limit least(how_many, 200) $$;

-- Takes due timers for half a minute; whoever does not finish leaves them to the next claim.
create function claim_timers(how_many integer)
  returns table (workspace_id uuid, timer_id uuid, kind text, conversation_id uuid)
  language sql volatile security definer set search_path = public
  as $$ update timers t set claimed_until = now() + interval '30 seconds'
        from (select c.workspace_id, c.id from timers c
              where c.due_at <= now() and (c.claimed_until is null or c.claimed_until < now())
              order by c.due_at limit least(how_many, 500) for update skip locked) due
        where t.workspace_id = due.workspace_id and t.id = due.id
        returning t.workspace_id, t.id, t.kind, t.conversation_id $$;

-- Says, before events older than a moment are dropped, from where each workspace can still be
-- resumed. Its callers own the tables; the application may not.
create function forget_events(before_time timestamptz)
  returns bigint
  language sql volatile security definer set search_path = public
  as $$ with gone as (
          select e.workspace_id, max(e.seq) as seq from events e
          where e.at < before_time group by e.workspace_id),
        moved as (
          update workspaces w set first_seq = greatest(w.first_seq, gone.seq)
          from gone where w.id = gone.workspace_id returning 1)
        select count(*) from moved $$;

-- Uploads that no message took up, for removal.
create function find_orphaned_attachments(before_time timestamptz, how_many integer)
  returns table (workspace_id uuid, attachment_id uuid)
  language sql stable security definer set search_path = public
  as $$ select a.workspace_id, a.id from attachments a
        where a.message_id is null and a.created_at < before_time
        order by a.created_at limit least(how_many, 500) $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prosecdef
  loop
    execute format('alter function %s owner to switchboard_lookup', f);
    execute format('revoke all on function %s from public', f);
    if f <> 'forget_events(timestamptz)'::regprocedure then
      execute format('grant execute on function %s to switchboard_app', f);
    end if;
  end loop;
end $$;
do $$
begin
  execute format('grant execute on function forget_events(timestamptz) to %I', current_user);
end $$;
revoke create on schema public from switchboard_lookup;

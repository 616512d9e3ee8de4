-- Channels: connected accounts, the names platforms have for people and messages, what is to be
-- sent, files to fetch, templates, what could not be read, work in many steps, merged contacts.
--
-- What platforms call people and messages is personal (a WhatsApp id is a phone number; a message's
-- name contains it), so it is found by keyed hashes and kept sealed, as everything else is.

grant create on schema public to switchboard_lookup;

create table accounts (
  workspace_id   uuid not null references workspaces,
  id             uuid not null,
  kind           text not null check (kind in ('whatsapp_number', 'facebook_page',
                   'instagram_login', 'instagram_page', 'telegram_bot')),
  status         text not null check (status in ('active', 'reconnect', 'paused', 'disconnected')),
  -- Paused by its platform: it goes on when the platform says that it is well. What a person
  -- paused goes on when a person says so.
  held           boolean not null default false,
  -- The account's key, wrapped by the workspace's.
  key            bytea not null,
  -- Sealed with it: the ids, the token and whatever else speaks for the account.
  credentials    bytea not null,
  -- What people call it, and its number or handle. Business data, in the clear as labels are.
  name           text not null,
  handle         text,
  -- What the platform says of it: problems and facts, for people.
  health         jsonb not null default '{}',
  checked_at     timestamptz,
  -- By what events find it: hashes of its ids under a key of the installation. An account is
  -- connected once in an installation; a disconnected one has none.
  routes         bytea[] not null default '{}',
  -- The same of what it belongs to (a WhatsApp Business Account), shared by several.
  parent_route   bytea,
  -- Hash of the app-scoped id of the person who connected it.
  connected_by   bytea,
  renew_at       timestamptz,
  rev            bigint not null,
  created_at     timestamptz not null,
  -- Which node speaks for it, until when, and the how manieth owner that is.
  lease_node     uuid,
  lease_epoch    bigint not null default 0,
  lease_until    timestamptz,
  -- Where polling has come to, for platforms that are polled.
  poll_offset    bigint,
  primary key (workspace_id, id)
);
create unique index accounts_by_id on accounts (id);
create index accounts_by_parent on accounts (parent_route) where parent_route is not null;
create index accounts_by_connector on accounts (connected_by) where connected_by is not null;
create index accounts_leased on accounts (lease_until) where status <> 'disconnected';

-- One row for each id by which webhooks name an account.
create table account_routes (
  workspace_id uuid not null,
  hash         bytea not null unique,
  account_id   uuid not null,
  primary key (workspace_id, hash),
  foreign key (workspace_id, account_id) references accounts
);

-- Contacts: one person may have been found to be another.
alter table contacts add column merged_into uuid;
create index contacts_merged on contacts (workspace_id, merged_into) where merged_into is not null;
create table merges (
  workspace_id uuid not null,
  id           uuid not null,
  from_contact uuid not null,
  into_contact uuid not null,
  by_member    uuid not null,
  at           timestamptz not null,
  undone_at    timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, from_contact) references contacts,
  foreign key (workspace_id, into_contact) references contacts
);

alter table conversations
  add column venue text not null default 'web',
  add column account_id uuid,
  -- Sealed with the contact's key: the thread's keys and what the platform needs to be answered.
  add column address bytea,
  -- The newest message of the customer that opens the window, and how far the customer has come,
  -- all by the platform's clock.
  add column last_inbound_at timestamptz,
  add column peer_delivered_at timestamptz,
  add column peer_read_at timestamptz,
  add foreign key (workspace_id, account_id) references accounts;
-- One person has one conversation on the website, and one for each thread elsewhere.
alter table conversations drop constraint conversations_workspace_id_contact_id_channel_key;
create unique index conversations_on_web on conversations (workspace_id, contact_id)
  where channel = 'web';
create index conversations_by_contact on conversations (workspace_id, contact_id);
create index conversations_by_channel
  on conversations (workspace_id, channel, status, last_activity_at desc, id desc);

-- The names of a conversation at its platform.
create table threads (
  workspace_id    uuid not null,
  account_id      uuid not null,
  hash            bytea not null,
  conversation_id uuid not null,
  primary key (workspace_id, account_id, hash),
  foreign key (workspace_id, account_id) references accounts
);
create index threads_by_conversation on threads (workspace_id, conversation_id);

alter table messages
  -- Sealed with the contact's key: what it carries beside text and files.
  add column extra bytea,
  -- The platform's time, where it is not ours.
  add column sent_at timestamptz,
  -- How far a message of the team has come; null where there is nothing to say.
  add column delivery text check (delivery in
    ('queued', 'sending', 'uncertain', 'sent', 'failed', 'delivered', 'read')),
  -- Sealed with the contact's key: why it came no further.
  add column failure bytea,
  -- In how many calls it is sent; null where it is not.
  add column parts smallint,
  drop constraint messages_author_kind_check,
  add constraint messages_author_kind_check
    check (author_kind in ('visitor', 'agent', 'system', 'elsewhere'));

-- The names of messages at their platforms: the one guard against doing anything twice.
create table externals (
  workspace_id    uuid not null,
  account_id      uuid not null,
  hash            bytea not null,
  conversation_id uuid not null,
  message_id      uuid not null,
  -- Which part of the message, of ours that were sent in several.
  part            smallint not null default 0,
  -- The name itself, sealed with the account's key.
  sealed          bytea not null,
  -- How far the part has come: a message has come as far as the part that lags.
  delivery        text,
  primary key (workspace_id, account_id, hash)
);
create index externals_by_message on externals (workspace_id, message_id, part);

-- What was told of messages before the messages themselves. Sealed with the account's key.
create table parked (
  workspace_id uuid not null,
  account_id   uuid not null,
  hash         bytea not null,
  id           uuid not null,
  what         bytea not null,
  at           timestamptz not null,
  primary key (workspace_id, account_id, hash, id)
);
create index parked_by_age on parked (at);

-- What is to be told to platforms: a row for each call, gone when it is done.
create table sends (
  workspace_id    uuid not null,
  id              uuid not null,
  account_id      uuid not null,
  conversation_id uuid not null,
  message_id      uuid not null,
  -- The event that caused it, and its place among the calls of that event: the order within a
  -- conversation.
  seq             bigint not null,
  part            smallint not null,
  -- Whether it posts the message itself, or says something about it.
  posts           boolean not null,
  -- Whether a machine wrote it.
  automatic       boolean not null default false,
  -- Sealed with the contact's key.
  payload         bytea not null,
  state           text not null default 'waiting'
                  check (state in ('waiting', 'sending', 'uncertain')),
  attempts        integer not null default 0,
  due_at          timestamptz not null,
  started_at      timestamptz,
  -- The owner's epoch when it was begun.
  epoch           bigint,
  created_at      timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, conversation_id, seq, part),
  foreign key (workspace_id, account_id) references accounts
);
create index sends_in_order on sends (workspace_id, account_id, conversation_id, seq, part);
-- The order in which an account's owner reads them.
create index sends_by_account on sends (workspace_id, account_id, seq, part);
create index sends_by_message on sends (workspace_id, message_id);

-- Files: those of platforms appear before their bytes do.
alter table attachments
  add column state text not null default 'ready' check (state in ('coming', 'ready', 'lost')),
  add column voice boolean not null default false,
  drop constraint attachments_uploader_kind_check,
  add constraint attachments_uploader_kind_check
    check (uploader_kind in ('visitor', 'agent', 'platform'));

create table fetches (
  workspace_id    uuid not null,
  -- The attachment's id.
  id              uuid not null,
  account_id      uuid not null,
  conversation_id uuid not null,
  message_id      uuid not null,
  -- Where the file is, sealed with the account's key.
  source          bytea not null,
  attempts        integer not null default 0,
  due_at          timestamptz not null,
  created_at      timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, account_id) references accounts
);
create index fetches_due on fetches (workspace_id, account_id, due_at);

create table templates (
  workspace_id uuid not null,
  id           uuid not null,
  account_id   uuid not null,
  external_id  text not null,
  name         text not null,
  language     text not null,
  category     text not null,
  status       text not null,
  quality      text,
  reason       text,
  components   jsonb not null,
  named        boolean not null default false,
  updated_at   timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, account_id, external_id),
  foreign key (workspace_id, account_id) references accounts
);

-- What a platform sent, verified, and could not be read. Sealed with the workspace's key.
create table dead_letters (
  workspace_id uuid not null references workspaces,
  id           uuid not null,
  account_id   uuid,
  hook         text not null,
  why          text not null,
  body         bytea not null,
  received_at  timestamptz not null,
  tried_at     timestamptz,
  primary key (workspace_id, id)
);
create index dead_letters_newest on dead_letters (workspace_id, received_at desc, id desc);

-- Work in many steps, taken up again where it stopped.
create table jobs (
  workspace_id uuid not null,
  id           uuid not null,
  kind         text not null check (kind in ('history')),
  account_id   uuid not null,
  state        text not null check (state in ('running', 'done', 'failed')),
  -- Where it has come to, sealed with the account's key.
  cursor       bytea,
  done         integer not null default 0,
  total        integer,
  note         text,
  due_at       timestamptz not null,
  created_at   timestamptz not null,
  finished_at  timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, account_id) references accounts
);
create unique index jobs_running on jobs (workspace_id, account_id, kind) where state = 'running';

-- People who asked a platform to have their data deleted. Found by its code alone.
create table deletion_requests (
  code         text primary key,
  platform     text not null,
  -- Hash of the platform's id of the person, under a key of the installation.
  subject      bytea not null,
  state        text not null check (state in ('working', 'done')),
  requested_at timestamptz not null,
  done_at      timestamptz,
  unique (platform, subject)
);

do $$
declare t text;
begin
  foreach t in array array['accounts', 'account_routes', 'merges', 'threads', 'externals', 'parked',
    'sends', 'fetches', 'templates', 'dead_letters', 'jobs', 'deletion_requests']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    if t <> 'deletion_requests' then
      execute format('grant select, insert, update, delete on %I to switchboard_app', t);
      execute format(
        'create policy tenant on %I to switchboard_app
           using (workspace_id = app_workspace()) with check (workspace_id = app_workspace())', t);
    end if;
  end loop;
end $$;

create policy lookup on account_routes for select to switchboard_lookup using (true);
create policy lookup on accounts for select to switchboard_lookup using (true);
create policy lease on accounts for update to switchboard_lookup using (true) with check (true);
create policy lookup on parked for select to switchboard_lookup using (true);
create policy lookup on sends for select to switchboard_lookup using (true);
create policy lookup on fetches for select to switchboard_lookup using (true);
create policy lookup on jobs for select to switchboard_lookup using (true);
create policy forget on parked for delete to switchboard_lookup using (true);
create policy lookup on deletion_requests for all to switchboard_lookup using (true) with check (true);
grant select on account_routes, accounts, parked, sends, fetches, jobs to switchboard_lookup;
grant update (lease_node, lease_epoch, lease_until) on accounts to switchboard_lookup;
grant delete on parked to switchboard_lookup;
grant select, insert, update on deletion_requests to switchboard_lookup;

-- The accounts that webhooks name, by hashes of their ids.
create function find_accounts(hashes bytea[])
  returns table (hash bytea, workspace_id uuid, account_id uuid)
  language sql stable security definer set search_path = public
  as $$ select r.hash, r.workspace_id, r.account_id from account_routes r where r.hash = any(hashes) $$;

-- The accounts below what webhooks name, for example a WhatsApp Business Account.
create function find_accounts_below(parents bytea[])
  returns table (workspace_id uuid, account_id uuid)
  language sql stable security definer set search_path = public
  as $$ select a.workspace_id, a.id from accounts a where a.parent_route = any(parents)
        and a.status <> 'disconnected' $$;

-- Whose the account is that the address of a Telegram webhook names.
create function find_account(account uuid)
  returns table (workspace_id uuid)
  language sql stable security definer set search_path = public
  as $$ select a.workspace_id from accounts a where a.id = account and a.status <> 'disconnected' $$;

create function find_accounts_connected_by(persons bytea[])
  returns table (workspace_id uuid, account_id uuid)
  language sql stable security definer set search_path = public
  as $$ select a.workspace_id, a.id from accounts a where a.connected_by = any(persons) $$;

-- All accounts of some kinds, for what concerns a person wherever they wrote.
create function find_accounts_of_kinds(kinds text[])
  returns table (workspace_id uuid, account_id uuid)
  language sql stable security definer set search_path = public
  as $$ select a.workspace_id, a.id from accounts a where a.kind = any(kinds) $$;

-- Takes accounts that nobody holds, by the database's clock. Whoever held one before is fenced
-- off by the new epoch.
create function claim_accounts(node uuid, seconds integer, how_many integer)
  returns table (workspace_id uuid, account_id uuid, epoch bigint)
  language sql volatile security definer set search_path = public
  as $$ update accounts a
        set lease_node = node, lease_epoch = a.lease_epoch + 1,
            lease_until = now() + make_interval(secs => least(seconds, 300))
        from (select c.workspace_id, c.id from accounts c
              where c.status <> 'disconnected' and (c.lease_until is null or c.lease_until < now())
              order by c.lease_until nulls first limit least(how_many, 500)
              for update skip locked) free
        where a.workspace_id = free.workspace_id and a.id = free.id
        returning a.workspace_id, a.id, a.lease_epoch $$;

-- Keeps what a node holds, also where that ran out and nobody has taken it since. What it does not
-- get back it has lost.
create function renew_accounts(node uuid, seconds integer)
  returns table (workspace_id uuid, account_id uuid, epoch bigint)
  language sql volatile security definer set search_path = public
  as $$ update accounts a set lease_until = now() + make_interval(secs => least(seconds, 300))
        where a.lease_node = node and a.status <> 'disconnected'
        returning a.workspace_id, a.id, a.lease_epoch $$;

create function release_accounts(node uuid)
  returns void
  language sql volatile security definer set search_path = public
  as $$ update accounts a set lease_until = null, lease_node = null where a.lease_node = node $$;

-- The node's accounts that have something to send, to fetch or to bring.
create function find_busy_accounts(node uuid)
  returns table (workspace_id uuid, account_id uuid)
  language sql stable security definer set search_path = public
  as $$ select a.workspace_id, a.id from accounts a
        where a.lease_node = node and (
          a.status = 'active' and exists (select 1 from sends s
            where s.workspace_id = a.workspace_id and s.account_id = a.id and s.due_at <= now()
              and s.state <> 'sending')
          or a.status = 'active' and exists (select 1 from fetches f
            where f.workspace_id = a.workspace_id and f.account_id = a.id and f.due_at <= now())
          or a.status = 'active' and exists (select 1 from jobs j
            where j.workspace_id = a.workspace_id and j.account_id = a.id and j.state = 'running'
              and j.due_at <= now())) $$;

create function forget_parked(before_time timestamptz)
  returns bigint
  language sql volatile security definer set search_path = public
  as $$ with gone as (delete from parked p where p.at < before_time returning 1)
        select count(*) from gone $$;

-- Notes a request for deletion; the same person again gets the same code.
create function note_deletion(new_code text, from_platform text, person bytea)
  returns text
  language sql volatile security definer set search_path = public
  as $$ insert into deletion_requests (code, platform, subject, state, requested_at)
        values (new_code, from_platform, person, 'working', now())
        on conflict (platform, subject) do update set platform = excluded.platform
        returning code $$;

create function finish_deletion(of_code text)
  returns void
  language sql volatile security definer set search_path = public
  as $$ update deletion_requests set state = 'done', done_at = now() where code = of_code $$;

create function find_deletion(of_code text)
  returns table (platform text, state text, requested_at timestamptz, done_at timestamptz)
  language sql stable security definer set search_path = public
  as $$ select d.platform, d.state, d.requested_at, d.done_at from deletion_requests d
        where d.code = of_code $$;

do $$
declare f regprocedure;
begin
  foreach f in array array[
    'find_accounts(bytea[])'::regprocedure,
    'find_accounts_below(bytea[])'::regprocedure,
    'find_account(uuid)'::regprocedure,
    'find_accounts_connected_by(bytea[])'::regprocedure,
    'find_accounts_of_kinds(text[])'::regprocedure,
    'claim_accounts(uuid, integer, integer)'::regprocedure,
    'renew_accounts(uuid, integer)'::regprocedure,
    'release_accounts(uuid)'::regprocedure,
    'find_busy_accounts(uuid)'::regprocedure,
    'forget_parked(timestamptz)'::regprocedure,
    'note_deletion(text, text, bytea)'::regprocedure,
    'finish_deletion(text)'::regprocedure,
    'find_deletion(text)'::regprocedure]
  loop
    execute format('alter function %s owner to switchboard_lookup', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to switchboard_app', f);
  end loop;
end $$;
revoke create on schema public from switchboard_lookup;

-- Several nodes on one database: who is alive, an even share of the accounts, and whether logins
-- still stand.

grant create on schema public to switchboard_lookup;

-- The nodes, as each says of itself that it lives, by the database's clock.
create table nodes (
  id      uuid primary key,
  seen_at timestamptz not null
);
alter table nodes enable row level security;
alter table nodes force row level security;
create policy keep on nodes for all to switchboard_lookup using (true) with check (true);
grant select, insert, update, delete on nodes to switchboard_lookup;

-- Says that a node lives. How many do, it included, and how many accounts there are to share.
create function note_node(node uuid, seconds integer)
  returns table (alive bigint, accounts bigint)
  language sql volatile security definer set search_path = public
  as $$ with gone as (
          delete from nodes n where n.id <> node and n.seen_at < now() - interval '1 hour'),
        here as (
          insert into nodes (id, seen_at) values (node, now())
          on conflict (id) do update set seen_at = excluded.seen_at)
        select 1 + (select count(*) from nodes n
                    where n.id <> node and n.seen_at > now() - make_interval(secs => seconds)),
               (select count(*) from accounts a where a.status <> 'disconnected') $$;

-- A node that leaves is not counted any more.
create function forget_node(node uuid)
  returns void
  language sql volatile security definer set search_path = public
  as $$ delete from nodes n where n.id = node $$;

-- Lets go of one account, unless somebody else has it by now.
create function release_account(node uuid, of_workspace uuid, account uuid, epoch bigint)
  returns void
  language sql volatile security definer set search_path = public
  as $$ update accounts a set lease_until = null, lease_node = null
        where a.workspace_id = of_workspace and a.id = account
          and a.lease_node = node and a.lease_epoch = epoch $$;

-- As what members these credentials (sessions of browsers, API tokens) still let them in. Those
-- that no longer do are not among them.
create function find_logins(credentials uuid[], workspaces uuid[], of_members uuid[])
  returns table (credential uuid, member_id uuid, role text)
  language sql stable security definer set search_path = public
  as $$ select asked.credential, m.id, m.role
        from unnest(credentials, workspaces, of_members) asked (credential, workspace, member)
        join members m on m.workspace_id = asked.workspace and m.id = asked.member and m.active
        where exists (select 1 from user_sessions s
                      where s.id = asked.credential and s.user_id = m.user_id)
           or exists (select 1 from api_tokens t
                      where t.workspace_id = m.workspace_id and t.id = asked.credential
                        and t.member_id = m.id) $$;

do $$
declare f regprocedure;
begin
  foreach f in array array[
    'note_node(uuid, integer)'::regprocedure,
    'forget_node(uuid)'::regprocedure,
    'release_account(uuid, uuid, uuid, bigint)'::regprocedure,
    'find_logins(uuid[], uuid[], uuid[])'::regprocedure]
  loop
    execute format('alter function %s owner to switchboard_lookup', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to switchboard_app', f);
  end loop;
end $$;
revoke create on schema public from switchboard_lookup;

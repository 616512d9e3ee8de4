-- What a server tells of itself beyond single tenants: what waits to be sent, which accounts nobody
-- speaks for, and which master keys are in use.

grant create on schema public to switchboard_lookup;

-- Which master key wraps a workspace's key is named by its first bytes.
create index workspaces_by_master on workspaces (substr(key, 1, 4), id);

-- What waits to be sent, by kind of account and state, and for how many seconds the oldest is late.
create function count_sends()
  returns table (kind text, state text, how_many bigint, late_seconds double precision)
  language sql stable security definer set search_path = public
  as $$ select a.kind, s.state, count(*),
               greatest(0, extract(epoch from now() - min(s.due_at)))::double precision
        from sends s join accounts a on a.workspace_id = s.workspace_id and a.id = s.account_id
        group by a.kind, s.state $$;

-- How many connected accounts nobody has spoken for since so many seconds.
create function count_unheld_accounts(seconds integer)
  returns bigint
  language sql stable security definer set search_path = public
  as $$ select count(*) from accounts a
        where a.status <> 'disconnected'
          and coalesce(a.lease_until, a.created_at) < now() - make_interval(secs => seconds) $$;

-- The names of the master keys that wrap a workspace's key, each found by one step in the index.
create function find_masters()
  returns setof bytea
  language sql stable security definer set search_path = public
  as $$ with recursive named (id) as (
          (select substr(w.key, 1, 4) from workspaces w order by 1 limit 1)
          union all
          select (select substr(w.key, 1, 4) from workspaces w
                  where substr(w.key, 1, 4) > n.id order by 1 limit 1)
          from named n where n.id is not null)
        select n.id from named n where n.id is not null $$;

-- Workspaces whose key a master key wraps.
create function find_workspaces_of_master(master bytea, how_many integer)
  returns table (id uuid)
  language sql stable security definer set search_path = public
  as $$ select w.id from workspaces w where substr(w.key, 1, 4) = master
        order by w.id limit how_many $$;

create function count_workspaces_of_master(master bytea)
  returns bigint
  language sql stable security definer set search_path = public
  as $$ select count(*) from workspaces w where substr(w.key, 1, 4) = master $$;

do $$
declare f regprocedure;
begin
  foreach f in array array[
    'count_sends()'::regprocedure,
    'count_unheld_accounts(integer)'::regprocedure,
    'find_masters()'::regprocedure,
    'find_workspaces_of_master(bytea, integer)'::regprocedure,
    'count_workspaces_of_master(bytea)'::regprocedure]
  loop
    execute format('alter function %s owner to switchboard_lookup', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to switchboard_app', f);
  end loop;
end $$;
revoke create on schema public from switchboard_lookup;

-- Whoever writes as an account's owner holds the number of its hold until the commit. With the
-- number in a unique index that is a `for key share`, which only a change of the number waits for:
-- renewing a hold, pausing an account or noting its health concerns nobody who writes.
create unique index accounts_by_epoch on accounts (workspace_id, id, lease_epoch);

-- In one order, as whoever else changes several accounts at once.
create or replace function renew_accounts(node uuid, seconds integer)
  returns table (workspace_id uuid, account_id uuid, epoch bigint)
  language sql volatile security definer set search_path = public
  as $$ update accounts a set lease_until = now() + make_interval(secs => least(seconds, 300))
        from (select m.workspace_id, m.id from accounts m
              where m.lease_node = node and m.status <> 'disconnected'
              order by m.workspace_id, m.id
              for no key update) mine
        where a.workspace_id = mine.workspace_id and a.id = mine.id
        returning a.workspace_id, a.id, a.lease_epoch $$;

create or replace function release_accounts(node uuid)
  returns void
  language sql volatile security definer set search_path = public
  as $$ update accounts a set lease_until = null, lease_node = null
        from (select m.workspace_id, m.id from accounts m where m.lease_node = node
              order by m.workspace_id, m.id
              for no key update) mine
        where a.workspace_id = mine.workspace_id and a.id = mine.id $$;

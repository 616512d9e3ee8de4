-- What waits to be sent for an account that was disconnected is told that it will not be. Whoever
-- disconnects an account does so next; where that process died before it came to it, or somebody
-- posted at that very moment, any node finds what is left here.

grant create on schema public to switchboard_lookup;

create index accounts_disconnected on accounts (workspace_id, id) where status = 'disconnected';

-- Accounts that are disconnected and have something waiting, with the number under which it can be
-- told what becomes of that: another one begins when the account is connected again.
create function find_stranded_accounts(how_many integer)
  returns table (workspace_id uuid, account_id uuid, epoch bigint)
  language sql stable security definer set search_path = public
  as $$ select a.workspace_id, a.id, a.lease_epoch from accounts a
        where a.status = 'disconnected' and exists (select 1 from sends s
          where s.workspace_id = a.workspace_id and s.account_id = a.id)
        order by a.workspace_id, a.id limit least(how_many, 500) $$;

do $$
declare f regprocedure := 'find_stranded_accounts(integer)'::regprocedure;
begin
  execute format('alter function %s owner to switchboard_lookup', f);
  execute format('revoke all on function %s from public', f);
  execute format('grant execute on function %s to switchboard_app', f);
end $$;
revoke create on schema public from switchboard_lookup;

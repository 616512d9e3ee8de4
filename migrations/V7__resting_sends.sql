-- What waits for an account that may not send is nobody's fault here: it rests until somebody
-- connects the account again, or lets it go on.
create or replace function count_sends()
  returns table (kind text, state text, how_many bigint, late_seconds double precision)
  language sql stable security definer set search_path = public
  as $$ select a.kind, case when a.status = 'active' then s.state else 'resting' end, count(*),
               greatest(0, extract(epoch from now() - min(s.due_at)))::double precision
        from sends s join accounts a on a.workspace_id = s.workspace_id and a.id = s.account_id
        group by 1, 2 $$;

-- Requests for deletion are worked on to their end, whichever process began: whom they are about is
-- kept, sealed, until then. What is told of a person's messages before they come goes with the
-- person.

alter table deletion_requests
  -- The platform's id of the person, sealed with a key of the installation; null when done.
  add column person bytea,
  -- Until when the process that works on it is left alone.
  add column claimed_until timestamptz;
create index deletion_requests_open on deletion_requests (claimed_until) where state = 'working';

-- The thread in which it was told, by the hash of its name.
alter table parked add column thread bytea;
create index parked_by_thread on parked (workspace_id, account_id, thread) where thread is not null;

-- Notes a request for deletion, to be worked on by the caller; the same person again gets the same
-- code.
create function note_deletion(
    new_code text, from_platform text, of_subject bytea, of_person bytea, seconds integer)
  returns text
  language sql volatile security definer set search_path = public
  as $$ insert into deletion_requests
          (code, platform, subject, person, state, requested_at, claimed_until)
        values (new_code, from_platform, of_subject, of_person, 'working', now(),
          now() + make_interval(secs => least(seconds, 3600)))
        on conflict (platform, subject) do update set
          person = excluded.person, state = 'working', requested_at = excluded.requested_at,
          claimed_until = excluded.claimed_until, done_at = null
        returning code $$;

-- Takes requests that nobody works on any more.
create function claim_deletions(seconds integer, how_many integer)
  returns table (code text, subject bytea, person bytea)
  language sql volatile security definer set search_path = public
  as $$ update deletion_requests d
        set claimed_until = now() + make_interval(secs => least(seconds, 3600))
        from (select o.code from deletion_requests o
              where o.state = 'working' and o.person is not null and o.claimed_until < now()
              order by o.claimed_until limit least(how_many, 100)
              for update skip locked) open
        where d.code = open.code
        returning d.code, d.subject, d.person $$;

create or replace function finish_deletion(of_code text)
  returns void
  language sql volatile security definer set search_path = public
  as $$ update deletion_requests
        set state = 'done', done_at = now(), person = null, claimed_until = null
        where code = of_code $$;

do $$
declare f regprocedure;
begin
  grant create on schema public to switchboard_lookup;
  foreach f in array array[
    'note_deletion(text, text, bytea, bytea, integer)'::regprocedure,
    'claim_deletions(integer, integer)'::regprocedure]
  loop
    execute format('alter function %s owner to switchboard_lookup', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to switchboard_app', f);
  end loop;
  revoke create on schema public from switchboard_lookup;
end $$;

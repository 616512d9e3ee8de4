-- Search whose cost does not grow with how often a word was written.
--
-- Two ways lead to the newest messages that hold some words: through the index of words, which is
-- short for rare ones and reads every message for common ones; and from the newest message
-- backwards until enough are found, which is the other way round. The second needs this index.
create index messages_by_seq on messages (workspace_id, seq desc);

-- Which of them is shorter depends on the words, so it is planned anew for those of each search:
-- the statistics know the common ones. As before, the function checks the tenant itself, because
-- under a policy an operator that is not leak-proof could not use the index of words.
create or replace function find_messages_by_words(
    hashes bigint[], before_seq bigint, how_many integer)
  returns table (message_id uuid)
  language plpgsql stable security definer
  set search_path = public
  set plan_cache_mode = force_custom_plan
  as $$
  declare
    tenant uuid := app_workspace();
  begin
    return query
      select m.id from messages m
      where m.words @> hashes and m.workspace_id = tenant and m.seq < before_seq
      order by m.seq desc limit least(how_many, 200);
  end $$;

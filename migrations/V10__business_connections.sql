-- People's own accounts for which an account here answers, as the platform told of them last. A
-- server that does not know of them goes on as before: it asks nobody, and the platform refuses.
create table business_connections (
  workspace_id uuid not null,
  account_id   uuid not null,
  -- Made of the platform's name of it, so that every node finds the same row.
  id           uuid not null,
  -- Sealed with the account's key: that name, and whose account it is.
  sealed       bytea not null,
  enabled      boolean not null,
  rights       text[] not null,
  -- By the platform's clock and count: of two words about a connection the later one holds.
  made_at      timestamptz not null,
  number       bigint not null,
  primary key (workspace_id, account_id, id),
  foreign key (workspace_id, account_id) references accounts
);
create index business_connections_newest
  on business_connections (workspace_id, account_id, made_at desc, id);

alter table business_connections enable row level security;
alter table business_connections force row level security;
grant select, insert, update, delete on business_connections to switchboard_app;
create policy tenant on business_connections to switchboard_app
  using (workspace_id = app_workspace()) with check (workspace_id = app_workspace());

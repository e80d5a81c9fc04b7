-- What a customer sees of us: links to their open items. Named views of lists. And what makes finding a name quick.
set local app.tenant_id = '0';
set local app.user_id = '0';

-- A link that shows a customer what they owe, without signing in. Only the digest of its token is kept.
create table statement_links (
  tenant_id bigint not null,
  id bigserial,
  customer_id bigint not null,
  -- Null: every currency.
  currency text check (length(currency) = 3),
  -- Whom it was given to, in words.
  note text check (length(note) between 1 and 200),
  token_hash bytea not null check (length(token_hash) = 32),
  created_by bigint references users (id),
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  revoked_at timestamptz,
  revoked_by bigint references users (id),
  opened_count int not null default 0,
  last_opened_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create unique index statement_links_token on statement_links (tenant_id, token_hash);
create index statement_links_customer on statement_links (tenant_id, customer_id, id);

-- A list as somebody looks at it: the page and the query of its address.
create table views (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  user_id bigint not null references users (id),
  page text not null check (page ~ '^/[a-z/-]{1,79}$'),
  name text not null check (length(name) between 1 and 80),
  -- Seen by everybody of the organisation who sees the page; changed by its maker alone.
  shared boolean not null default false,
  query text not null check (length(query) <= 2000),
  position int not null default 0,
  deleted_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id)
);
create index views_page on views (tenant_id, page, user_id) where deleted_at is null;

do $$
declare
  name text;
begin
  foreach name in array array['statement_links', 'views'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;
grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on statement_links, views to duebook_app;

-- Who said it: one of us, or the customer through their link.
alter table promises add source text not null default 'staff' check (source in ('staff', 'customer'));
alter table disputes drop constraint disputes_source_check;
alter table disputes add constraint disputes_source_check check (source in ('manual', 'import', 'customer'));

-- What finds a customer, in lower case and in the order of bytes, so that the beginning of a name is a range of the index: comparisons
-- of text are leakproof, LIKE is not, and only leakproof operators reach an index beneath a policy. LIKE within the range of the
-- organisation still never looks at the table.
alter table customers add search_key text collate "C" not null generated always as (lower(name || ' ' || coalesce(code, ''))) stored;
create index customers_search on customers (tenant_id, search_key) include (id);
create index invoices_number on invoices (tenant_id, number_key collate "C") include (id);

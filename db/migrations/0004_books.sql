-- Imports as a lifecycle, and books that any order of snapshots leads to: each row of each file is kept as the statement
-- it makes, and what an invoice is follows from the statements that are in the books, in the order of their days.

-- The checks of new foreign keys read rows under the policies, and of no organisation.
set local app.tenant_id = '0';

-- Where files come from: one sender and layout, with what was decided for it once.
create table import_sources (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  target text not null check (target in ('receivables')),
  -- The headers that feed number, customer and amount, folded: by them the next file of the sender is recognised.
  key text not null check (length(key) between 1 and 1000),
  name text not null check (length(name) between 1 and 200),
  -- `open_items` and `all_invoices` are complete: what they cover and do not name is missing. `changes` concludes nothing.
  kind text check (kind in ('open_items', 'all_invoices', 'changes')),
  mapping jsonb not null default '{}',
  answers jsonb not null default '{}',
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, target, key)
);

-- Whether what is missing from a complete file is settled as of its day, or stays open until somebody decides.
alter table tenants add missing_rule text not null default 'settle' check (missing_rule in ('settle', 'keep'));
-- Counts what imports and their undoing do to the books, so that a preview knows whether it still holds.
create table import_books (
  tenant_id bigint primary key references tenants (id),
  version bigint not null default 0
);

alter table imports
  drop constraint imports_status_check,
  -- `reading` and `publishing` are at work; `checked` is a preview that waits for a person; `refused` had no row that
  -- could be taken; `failed` was cut off. Only `published` is in the books.
  add constraint imports_status_check check (status in
    ('reading', 'asking', 'checked', 'publishing', 'published', 'refused', 'failed', 'cancelled', 'reverting', 'reverted')),
  add source_id bigint,
  add kind text check (kind in ('open_items', 'all_invoices', 'changes')),
  add missing_rule text not null default 'settle' check (missing_rule in ('settle', 'keep')),
  -- What people said about the file: mapping, sheet, encoding, answers, corrections of cells.
  add said jsonb not null default '{}',
  add problem text,
  add older_count int not null default 0,
  add repeated_count int not null default 0,
  -- Money per group of the difference, per currency; and the file's own totals beside the sums of its rows.
  add difference jsonb not null default '[]',
  add reconciliation jsonb not null default '[]',
  add heartbeat_at timestamptz,
  add books_version bigint,
  add reverted_at timestamptz,
  add reverted_by bigint references users (id),
  add foreign key (tenant_id, source_id) references import_sources (tenant_id, id);
drop index imports_once;
create unique index imports_once on imports (tenant_id, target, file_sha256, as_of)
  where status not in ('reverted', 'cancelled', 'failed');
create index imports_at_work on imports (tenant_id, status) where status in ('reading', 'publishing', 'reverting');

-- A row as the statement it makes: what it says is kept, blanks are null and say nothing.
alter table import_rows
  add customer_id bigint,
  add number_key text,
  add currency text,
  add document_type text,
  add invoice_date date,
  add due_date date,
  add terms_days int,
  add settled_on date,
  add is_disputed boolean,
  add operating_unit text,
  add region text,
  add region_id bigint,
  add department text,
  add outlet text,
  add outlet_id bigint,
  add assigned_to bigint,
  add po_number text,
  add notes text,
  add root_cause text,
  add sales_person text;

-- What each file says of its customers, one row each.
create table import_accounts (
  tenant_id bigint not null,
  customer_id bigint not null,
  import_id bigint not null,
  key text not null,
  code text,
  name text,
  email text,
  phone text,
  primary key (tenant_id, import_id, customer_id)
);
create index import_accounts_customer on import_accounts (tenant_id, customer_id, import_id);

-- What came before this: rows state what their invoice is today.
do $$
declare
  tenant bigint;
begin
  for tenant in select id from tenants loop
    perform set_config('app.tenant_id', tenant::text, true);
    update import_rows r
       set customer_id = i.customer_id, number = i.number, number_key = i.number_key, currency = i.currency, document_type = i.document_type,
           invoice_date = i.invoice_date, due_date = i.due_date, terms_days = i.terms_days, settled_on = i.settled_on,
           is_disputed = i.is_disputed, operating_unit = i.operating_unit, region_id = i.region_id, po_number = i.po_number, notes = i.notes
      from invoices i
     where r.tenant_id = tenant and i.tenant_id = r.tenant_id and i.id = r.invoice_id;
    insert into import_accounts (tenant_id, customer_id, import_id, key, code, name, email, phone)
    select distinct r.tenant_id, c.id, r.import_id, c.key, c.code, c.name, c.email, c.phone
      from import_rows r join customers c on c.tenant_id = r.tenant_id and c.id = r.customer_id
     where r.tenant_id = tenant and r.outcome in ('new', 'changed', 'unchanged', 'older');
  end loop;
end $$;

-- What a person decided about an invoice that a file does not name; without a decision the import's missing_rule holds.
create table missing_decisions (
  tenant_id bigint not null,
  import_id bigint not null,
  invoice_id bigint not null,
  decision text not null check (decision in ('paid', 'withdrawn', 'open')),
  paid_on date,
  decided_by bigint references users (id),
  decided_at timestamptz not null,
  primary key (tenant_id, import_id, invoice_id),
  foreign key (tenant_id, import_id) references imports (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);

-- No file in the books states it (any more): it is listed nowhere, its ledger sums to nothing on every day.
alter table customers add retracted boolean not null default false;
alter table invoices
  add retracted boolean not null default false,
  -- The source that named it last: only its files can miss it.
  add source_id bigint,
  -- As files write them: by these words a file is known to cover an invoice, whether they name anything here or not.
  add region text check (length(region) <= 120),
  add outlet text check (length(outlet) <= 200),
  add department text check (length(department) <= 120),
  add root_cause text check (root_cause in
    ('Billing Error', 'Delivery Issue', 'PO Mismatch', 'Customer Dispute', 'Payment Processing', 'Other')),
  add sales_person text check (length(sales_person) <= 200),
  -- Assigned by a person: files do not change it any more.
  add assigned_by_hand boolean not null default false,
  add assigned_on timestamptz;
alter table invoice_entries
  drop constraint invoice_entries_kind_check,
  -- `withdrawal`: the sender took the document back; nobody paid.
  add constraint invoice_entries_kind_check check (kind in ('invoice', 'payment', 'correction', 'withdrawal'));

create table invoice_comments (
  tenant_id bigint not null,
  id bigserial,
  invoice_id bigint not null,
  user_id bigint not null references users (id),
  body text not null check (length(body) between 1 and 4000),
  version int not null default 1,
  created_at timestamptz not null default now(),
  edited_at timestamptz,
  deleted_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index invoice_comments_invoice on invoice_comments (tenant_id, invoice_id, id);

do $$
declare
  name text;
begin
  foreach name in array array['import_books', 'import_sources', 'import_accounts', 'missing_decisions', 'invoice_comments'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on import_books, import_sources, missing_decisions, invoice_comments to duebook_app;
grant select, insert on import_accounts to duebook_app;

-- The rows of a file that is read anew. The app role may not delete from append-only tables, so this runs as the owner,
-- and refuses what is or was in the books.
create function discard_import_rows(import bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  tenant constant bigint := current_setting('app.tenant_id')::bigint;
begin
  perform 1 from imports i
   where i.tenant_id = tenant and i.id = import and i.published_at is null
     and i.status in ('reading', 'asking', 'checked', 'publishing', 'refused', 'failed', 'cancelled') for update;
  if not found then
    raise exception 'import % is in the books, or was', import;
  end if;
  delete from import_rows r where r.tenant_id = tenant and r.import_id = import;
  delete from import_accounts a where a.tenant_id = tenant and a.import_id = import;
end $$;
revoke all on function discard_import_rows(bigint) from public;
grant execute on function discard_import_rows(bigint) to duebook_app;

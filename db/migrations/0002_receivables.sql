-- What customers owe, and the files that say so. Amounts are bigint in minor units beside their currency.
-- Tables that come in hundred thousands name their parent alone, which names the organisation: a second foreign key
-- costs 3 us a row.

-- An account that owes. A debtor is the account of an outlet; everybody else's outlet is null.
create table customers (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  outlet_id bigint,
  -- Identity inside the organisation or outlet: the code without leading zeros and the `.0` that spreadsheets add,
  -- or, for senders without codes, `=` and the name in lower case.
  key text not null check (length(key) between 1 and 220),
  code text check (length(code) between 1 and 100),
  name text not null check (length(name) between 1 and 300),
  email text check (length(email) <= 254),
  phone text check (length(phone) <= 60),
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, outlet_id, key),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id)
);
create index customers_name on customers (tenant_id, name);

create table invoices (
  tenant_id bigint not null,
  id bigserial,
  customer_id bigint not null,
  number text not null check (length(number) between 1 and 100),
  number_key text not null check (length(number_key) between 1 and 100),
  document_type text not null default 'invoice'
    check (document_type in ('invoice', 'credit_note', 'payment', 'journal')),
  currency text not null check (length(currency) = 3),
  -- Negative for credit notes and payments on account.
  amount bigint not null,
  -- The sum of the invoice's entries, kept in the transaction that writes them.
  open_amount bigint not null,
  invoice_date date,
  due_date date,
  terms_days int check (terms_days between 0 and 3650),
  -- The day from which the invoice ages when it ages by due date; null when its sender gave no date.
  aged_from date generated always as (coalesce(due_date, invoice_date + terms_days, invoice_date)) stored,
  settled_on date,
  is_disputed boolean not null default false,
  operating_unit text check (length(operating_unit) <= 200),
  po_number text check (length(po_number) <= 100),
  notes text check (length(notes) <= 2000),
  region_id bigint,
  outlet_id bigint,
  assigned_to bigint,
  -- Never null, so that the policy below is a range that an index can answer.
  region_key bigint not null generated always as (coalesce(region_id, 0)) stored,
  assigned_key bigint not null generated always as (coalesce(assigned_to, 0)) stored,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Carries every balance beside what it is grouped and filtered by, in the order of the ledger's own key: past days,
  -- sums over a list and searches are read from here without the table (1.5M invoices, as of a past day: 1.3 s, not 3).
  primary key (tenant_id, id) include (currency, customer_id, number_key, aged_from, invoice_date, amount, open_amount,
                                       is_disputed, region_key, assigned_key),
  unique (tenant_id, customer_id, number_key),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, region_id) references regions (tenant_id, id),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id),
  foreign key (tenant_id, assigned_to) references memberships (tenant_id, user_id)
);
-- Everything the ageing of today reads. The two columns of the policy below come first: for those it binds their range
-- ends the scan early (1M open invoices, all within the range: 174 ms; as a condition on each row 290).
create index invoices_open on invoices (tenant_id, currency, region_key, assigned_key, aged_from, customer_id)
  include (open_amount, invoice_date, is_disputed) where open_amount <> 0;
create index invoices_assigned on invoices (tenant_id, assigned_to) where assigned_to is not null;

-- The ledger: every change of a balance, append-only. The open amount as of a day is the sum up to that day.
create table invoice_entries (
  tenant_id bigint not null,
  id bigserial,
  invoice_id bigint not null,
  -- `invoice` raises the debt (a credit note lowers it), `payment` settles, `correction` is what the sender restated.
  kind text not null check (kind in ('invoice', 'payment', 'correction')),
  amount bigint not null check (amount <> 0),
  effective_on date not null,
  -- An inferred payment happened after this day and not later than effective_on; null when the sender gave the day.
  effective_after date check (effective_after <= effective_on),
  import_id bigint,
  recorded_at timestamptz not null default now(),
  primary key (tenant_id, invoice_id, id) include (effective_on, amount),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
-- For winding balances back from today: what took effect after a day.
create index invoice_entries_effective on invoice_entries (tenant_id, effective_on) include (invoice_id, amount);

-- A dated snapshot from a source file.
create table imports (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  target text not null check (target in ('receivables')),
  -- `asking`: something in the file cannot be decided without a person. `refused`: no row of it could be taken.
  -- Nothing of either is in the books, and the file may come again.
  status text not null check (status in ('asking', 'refused', 'published', 'reverted')),
  file_sha256 text not null check (length(file_sha256) = 64),
  file_name text not null check (length(file_name) <= 255),
  file_size bigint not null,
  as_of date not null,
  -- Which column feeds which field, and what was concluded from the columns, with its evidence.
  mapping jsonb not null default '{}',
  reading jsonb not null default '{}',
  questions jsonb not null default '[]',
  -- The operating units, regions and currencies found: only what a file covers can be missing from it.
  coverage jsonb not null default '{}',
  rows int not null default 0,
  new_count int not null default 0,
  changed_count int not null default 0,
  unchanged_count int not null default 0,
  missing_count int not null default 0,
  rejected_count int not null default 0,
  totals jsonb not null default '[]',
  warnings jsonb not null default '[]',
  created_by bigint references users (id),
  created_at timestamptz not null default now(),
  published_at timestamptz,
  primary key (tenant_id, id)
);
-- The same file for the same day is the same import, however often and from wherever it is sent.
create unique index imports_once on imports (tenant_id, target, file_sha256, as_of) where status <> 'reverted';
create index imports_as_of on imports (tenant_id, target, as_of) where status = 'published';

-- What became of each row: the plan that ran, the rejects, and each invoice's history of snapshots. Without foreign
-- keys: it is written with its import in one transaction, never deleted, and is one row per row of every file.
create table import_rows (
  tenant_id bigint not null,
  import_id bigint not null,
  -- The row in the file as a spreadsheet counts it; missing invoices have no row and count down from -1.
  row int not null,
  -- `older`: a later snapshot has already said more about this invoice. `repeated`: says what another row said.
  outcome text not null
    check (outcome in ('new', 'changed', 'unchanged', 'older', 'repeated', 'rejected', 'missing')),
  invoice_id bigint,
  amount bigint,
  open_amount bigint,
  -- Of changed rows: field -> [before, after].
  changes jsonb,
  -- Of rejected rows: what is wrong, [{column, value, reason}], with the invoice number and the cells as written.
  number text,
  problems jsonb,
  cells text[],
  primary key (tenant_id, import_id, row)
);
create index import_rows_invoice on import_rows (tenant_id, invoice_id, import_id) where invoice_id is not null;
create index import_rows_outcome on import_rows (tenant_id, import_id, outcome, row)
  where outcome in ('rejected', 'missing', 'changed');

do $$
declare
  name text;
begin
  foreach name in array array['customers', 'invoices', 'invoice_entries', 'imports', 'import_rows'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

-- Who sees which invoices inside an organisation: `assigned` those assigned to them, `region` those of their region,
-- `all` all. Other kinds of access have no say over invoices yet, and see none. Binds duebook_limited alone, as which the
-- scope of somebody with less than `all` runs. Written as ranges: PostgreSQL works
-- out the ends once per scan, where a condition with OR would be worked out for every row.
create policy row_access on invoices as restrictive to duebook_limited using (
  assigned_key between
    case current_setting('app.row_access')
      when 'all' then 0 when 'region' then 0
      when 'assigned' then current_setting('app.user_id')::bigint
      else 1 end
    and case current_setting('app.row_access')
      when 'all' then 9223372036854775807 when 'region' then 9223372036854775807
      when 'assigned' then current_setting('app.user_id')::bigint
      else 0 end
  and region_key between
    case current_setting('app.row_access')
      when 'region' then coalesce((current_setting('app.regions')::bigint[])[1], -1) else 0 end
    and case current_setting('app.row_access')
      when 'region' then coalesce((current_setting('app.regions')::bigint[])[1], -1) else 9223372036854775807 end
);

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on customers, invoices, imports to duebook_app;
grant select, insert on invoice_entries, import_rows to duebook_app;

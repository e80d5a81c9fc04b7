-- Debtors of pharmacies: the age analysis their own system prints, kept as dated snapshots. Figures are kept as printed and never aged again.
set local app.tenant_id = '0';
set local app.user_id = '0';

-- A debtor is the customer account of an outlet, its code the account number. What a person wrote wins over the next report.
alter table customers
  add email_by_hand boolean not null default false,
  add phone_by_hand boolean not null default false;

-- A report as it was read. `needs_review`: it does not add up, or a column of it is not understood; the list before stays current until
-- a person accepts it.
create table debtor_reports (
  tenant_id bigint not null references tenants (id),
  outlet_id bigint not null,
  id bigserial,
  file_sha256 text not null check (length(file_sha256) = 64),
  file_name text not null check (length(file_name) <= 255),
  file_size bigint not null,
  mime text not null,
  status text not null default 'processing' check (status in ('processing', 'completed', 'needs_review', 'rejected', 'failed')),
  error_code text,
  error_message text,
  report_date date,
  title text,
  layout text,
  how text check (how in ('text', 'ocr', 'sheet')),
  agrees boolean,
  -- The largest disagreement with a printed total.
  difference bigint,
  -- Printed totals and what the rows sum to; of single rows those that disagree.
  checks jsonb not null default '[]',
  columns jsonb not null default '[]',
  questions jsonb not null default '[]',
  pages jsonb not null default '[]',
  warnings jsonb not null default '[]',
  -- Without medical-aid control accounts, as every total of this page is.
  total_accounts int not null default 0,
  total_outstanding bigint not null default 0,
  -- By bucket, {listed: those without, all: those with medical-aid control accounts}.
  totals jsonb not null default '{}',
  -- What was current when this one was read, and how many are new, settled, moved against it.
  previous_id bigint,
  changes jsonb not null default '{}',
  uploaded_by bigint references users (id),
  uploaded_at timestamptz not null,
  decided_by bigint references users (id),
  decided_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id)
);
create index debtor_reports_outlet on debtor_reports (tenant_id, outlet_id, id);
create index debtor_reports_file on debtor_reports (tenant_id, file_sha256);

-- What a pharmacy says of itself in its reminders, and which of its reports is the list.
create table pharmacies (
  tenant_id bigint not null references tenants (id),
  outlet_id bigint not null,
  bank_name text check (length(bank_name) between 1 and 100),
  banking_account text check (length(banking_account) between 1 and 50),
  -- Names or account numbers of its medical-aid control accounts, beside those told by their words.
  medical_aid text[] not null default '{}',
  report_id bigint,
  version int not null default 1,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, outlet_id),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id),
  foreign key (tenant_id, report_id) references debtor_reports (tenant_id, id)
);

-- One account of one report. Without foreign keys: it is written with its report in one transaction, and never deleted.
create table debtor_balances (
  tenant_id bigint not null,
  outlet_id bigint not null,
  report_id bigint not null,
  customer_id bigint not null,
  -- Its place in the report.
  row int not null,
  acc_no text collate "C" not null,
  name text not null,
  name_key text collate "C" not null,
  current bigint not null,
  d30 bigint not null,
  d60 bigint not null,
  d90 bigint not null,
  d120 bigint not null,
  d150 bigint not null,
  d180 bigint not null,
  balance bigint not null,
  arrears bigint not null generated always as (d60 + d90 + d120 + d150 + d180) stored,
  -- As they are used: what a person wrote, else what the report says, else, when it prints none at all, what was known before.
  email text collate "C",
  phone text collate "C",
  stated_email text,
  stated_phone text,
  is_medical_aid_control boolean not null,
  is_control boolean not null,
  -- As read, whatever the pharmacy's own list says.
  read_as_medical_aid boolean not null,
  sub_of text,
  page int not null,
  line int not null,
  confidence real not null,
  notes text[] not null default '{}',
  search_key text collate "C" not null generated always as
    (name_key || E'\n' || lower(acc_no) || E'\n' || coalesce(lower(email), '') || E'\n' || coalesce(phone, '')) stored,
  -- Leads with what the policy below asks for.
  primary key (tenant_id, outlet_id, report_id, customer_id)
);
create index debtor_balances_balance on debtor_balances (tenant_id, outlet_id, report_id, balance desc, customer_id)
  include (arrears, is_medical_aid_control);
create index debtor_balances_name on debtor_balances (tenant_id, outlet_id, report_id, name_key, customer_id);
create index debtor_balances_customer on debtor_balances (tenant_id, customer_id, report_id);

-- Every line of the document, where it stands, and what became of it.
create table debtor_report_lines (
  tenant_id bigint not null,
  outlet_id bigint not null,
  report_id bigint not null,
  line int not null,
  page int not null,
  text text not null,
  kind text not null check (kind in ('account', 'detail', 'contact', 'continuation', 'header', 'section', 'total', 'noise', 'flagged', 'rejected')),
  reason text,
  row int,
  x0 real not null,
  y0 real not null,
  width real not null,
  height real not null,
  primary key (tenant_id, outlet_id, report_id, line)
);

-- What people said the columns of a layout mean: the next report of it asks no more.
create table debtor_layouts (
  tenant_id bigint not null references tenants (id),
  outlet_id bigint not null,
  layout text not null check (length(layout) between 1 and 200),
  columns jsonb not null default '{}',
  last_used_at timestamptz not null,
  primary key (tenant_id, outlet_id, layout),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id)
);

do $$
declare
  name text;
begin
  foreach name in array array['debtor_reports', 'pharmacies', 'debtor_balances', 'debtor_report_lines', 'debtor_layouts'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
  -- Who sees part of an organisation's rows sees, of these, those of the one outlet that their scope has opened: a range, which ends a
  -- scan of the key early, where a list of outlets would be worked out for every row.
  foreach name in array array['debtor_reports', 'debtor_balances', 'debtor_report_lines', 'debtor_layouts'] loop
    execute format('create policy row_access on %I as restrictive to duebook_limited using (outlet_id between'
                   ' current_setting(''app.outlet_from'')::bigint and current_setting(''app.outlet_to'')::bigint)', name);
  end loop;
end $$;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on debtor_reports, pharmacies, debtor_balances, debtor_layouts to duebook_app;
grant select, insert, delete on debtor_report_lines to duebook_app;
grant delete on debtor_balances to duebook_app;

-- Disputes, what is attached to invoices, and who sees an invoice because they clear its dispute.
set local app.tenant_id = '0';
set local app.user_id = '0';

-- Why customers dispute, in up to three levels, with who clears it and in how many business days.
create table dispute_reasons (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  parent_id bigint,
  -- Of the presets, whatever they are called now; by it what files say is known.
  code text check (length(code) between 1 and 40),
  name text not null check (length(name) between 1 and 120),
  -- Names are one under one parent whatever their letter case.
  name_key text not null check (length(name_key) between 1 and 120),
  owner_id bigint,
  sla_days int not null default 5 check (sla_days between 0 and 365),
  position int not null default 0,
  is_active boolean not null default true,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, parent_id, name_key),
  foreign key (tenant_id, parent_id) references dispute_reasons (tenant_id, id),
  foreign key (tenant_id, owner_id) references memberships (tenant_id, user_id)
);

create table disputes (
  tenant_id bigint not null,
  id bigserial,
  invoice_id bigint not null,
  reason_id bigint not null,
  -- Null: the whole invoice, whatever is open of it.
  amount bigint check (amount > 0),
  -- What was in dispute when it was opened, also of a whole invoice.
  opened_amount bigint not null check (opened_amount >= 0),
  -- The line of the invoice that is disputed, in words.
  line text check (length(line) between 1 and 200),
  note text check (length(note) between 1 and 4000),
  -- Opened by hand, or taken up from what a file says.
  source text not null default 'manual' check (source in ('manual', 'import')),
  state text not null default 'new' check (state in ('new', 'in_review', 'waiting', 'resolved', 'withdrawn')),
  owner_id bigint,
  -- The first day of the dispute, and the day from which it is over; between them it may have been closed and reopened.
  opened_on date not null,
  closed_on date check (closed_on >= opened_on),
  -- The last business day of the clock. It stands still while the customer is waited for.
  due_on date not null,
  waiting_since date,
  resolution text check (resolution in ('accepted', 'rejected', 'corrected')),
  resolution_note text check (length(resolution_note) between 1 and 4000),
  -- Of an accepted dispute: what will be credited.
  agreed_amount bigint check (agreed_amount >= 0),
  opened_by bigint references users (id),
  opened_at timestamptz not null,
  closed_by bigint references users (id),
  closed_at timestamptz,
  version int not null default 1,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  check ((state in ('resolved', 'withdrawn')) = (closed_on is not null)),
  check ((state = 'resolved') = (resolution is not null)),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, reason_id) references dispute_reasons (tenant_id, id),
  foreign key (tenant_id, owner_id) references memberships (tenant_id, user_id)
);
create index disputes_invoice on disputes (tenant_id, invoice_id);
create index disputes_open on disputes (tenant_id, due_on) where closed_on is null;
create index disputes_owner on disputes (tenant_id, owner_id) where closed_on is null;

-- When what was disputed: [opened_on, closed_on). Those of one part of an invoice never overlap. A dispute that is reopened, or
-- whose amount changes, gets another one; none is ever changed but to be closed.
create table dispute_intervals (
  tenant_id bigint not null,
  id bigserial,
  dispute_id bigint not null,
  invoice_id bigint not null,
  amount bigint check (amount > 0),
  opened_on date not null,
  closed_on date check (closed_on >= opened_on),
  -- When they became known: what the screen said on an evening follows from these.
  opened_at timestamptz not null,
  closed_at timestamptz,
  primary key (tenant_id, id),
  check ((closed_on is null) = (closed_at is null)),
  foreign key (tenant_id, dispute_id) references disputes (tenant_id, id)
);
create index dispute_intervals_invoice on dispute_intervals (tenant_id, invoice_id);
create index dispute_intervals_day on dispute_intervals (tenant_id, opened_on);
create unique index dispute_intervals_open on dispute_intervals (tenant_id, dispute_id) where closed_on is null;

create table dispute_comments (
  tenant_id bigint not null,
  id bigserial,
  dispute_id bigint not null,
  user_id bigint not null references users (id),
  body text not null check (length(body) between 1 and 4000),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, dispute_id) references disputes (tenant_id, id)
);
create index dispute_comments_dispute on dispute_comments (tenant_id, dispute_id, id);

-- Files on what people work with; their bytes are in the files folder, by their digest.
create table attachments (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  subject text not null check (subject in ('invoice', 'dispute', 'promise', 'comment', 'customer')),
  subject_id bigint not null,
  file_sha256 text not null check (length(file_sha256) = 64),
  file_name text not null check (length(file_name) between 1 and 255),
  size bigint not null check (size > 0),
  -- What the bytes are, not what the sender said.
  mime text not null check (length(mime) between 1 and 100),
  user_id bigint references users (id),
  created_at timestamptz not null,
  deleted_at timestamptz,
  deleted_by bigint references users (id),
  primary key (tenant_id, id)
);
create index attachments_subject on attachments (tenant_id, subject, subject_id) where deleted_at is null;
create index attachments_file on attachments (tenant_id, file_sha256);

-- `is_disputed` is what is disputed today: what files said last, or a dispute that is open.
alter table invoices
  add stated_disputed boolean not null default false,
  -- The sum of the amounts in dispute by hand; the largest number where one disputes the whole.
  add disputed_by_hand bigint not null default 0;

do $$
declare
  tenant bigint;
  name text;
begin
  foreach name in array array['dispute_reasons', 'disputes', 'dispute_intervals', 'dispute_comments', 'attachments'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
  for tenant in select id from tenants loop
    perform set_config('app.tenant_id', tenant::text, true);
    update invoices i set stated_disputed = true where i.tenant_id = tenant and i.is_disputed;
    insert into dispute_reasons (tenant_id, code, name, name_key, sla_days, position)
    select tenant, p.code, p.name, lower(p.name), p.sla_days, p.position
      from (values ('billing_error', 'Billing error', 3, 1), ('delivery_issue', 'Delivery issue', 7, 2), ('po_mismatch', 'PO mismatch', 5, 3),
                   ('customer_dispute', 'Customer dispute', 10, 4), ('payment_processing', 'Payment processing', 5, 5), ('other', 'Other', 5, 6))
           p (code, name, sla_days, position);
  end loop;
end $$;

-- What a day's disputed amounts are read from.
create index invoices_disputed on invoices (tenant_id, currency, region_key, assigned_key) where is_disputed;
-- Invoices that a file ever called disputed are few: as of a past day only their statements are looked at.
create index import_rows_disputed on import_rows (tenant_id, invoice_id) where is_disputed;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on dispute_reasons, disputes, dispute_intervals, dispute_comments, attachments to duebook_app;

-- As before, and besides: who clears open disputes of invoices that are not theirs sees those too (`app.clears` names them, `,7,12,`).
-- It is empty for most people, whose range is as narrow as it was. With a second key that either answers (OR) no index could
-- be used by anybody: a collector's list of 300,000 open invoices took 1100 ms instead of 190. The ends of the ranges are worked out by
-- the server; for who clears disputes they are wide, and each row is judged: so few settings are read. All columns are in the indexes that
-- lists and reports are read from alone.
drop policy row_access on invoices;
create policy row_access on invoices as restrictive to duebook_limited using (
  assigned_key between current_setting('app.assigned_from')::bigint and current_setting('app.assigned_to')::bigint
  and region_key between current_setting('app.region_from')::bigint and current_setting('app.region_to')::bigint
  and case when is_disputed
           then current_setting('app.clears') = '' or assigned_key = current_setting('app.user_id')::bigint
                or position(',' || id || ',' in current_setting('app.clears')) > 0
           else current_setting('app.clears') = '' or assigned_key = current_setting('app.user_id')::bigint end
);

-- What people record themselves: payments, credits set off, write-offs. The books follow from the files' statements and these,
-- together: an allocation is a fact beside the statements, its entries come from the same fold (decision 0007).
set local app.tenant_id = '0';
set local app.user_id = '0';

-- Money that came in. As long as it settles nothing it is a credit: a document among the invoices, of type `payment`.
create table payments (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  customer_id bigint not null,
  -- Its document: what of the payment is not allocated is the open amount there, negative.
  document_id bigint not null,
  currency text not null check (length(currency) = 3),
  amount bigint not null check (amount > 0),
  received_on date not null,
  method text not null default 'bank_transfer' check (method in ('bank_transfer', 'cheque', 'card', 'cash', 'direct_debit', 'other')),
  reference text check (length(reference) <= 100),
  note text check (length(note) <= 2000),
  -- What the customer wrote about it, as it was pasted.
  remittance text check (length(remittance) <= 20000),
  state text not null default 'active' check (state in ('active', 'reversed')),
  -- The day on which it went back, such as a returned cheque; null of one that was recorded in error: it never was.
  returned_on date check (returned_on >= received_on),
  reversal_reason text check (length(reversal_reason) <= 500),
  created_by bigint references users (id),
  created_at timestamptz not null default now(),
  reversed_by bigint references users (id),
  reversed_at timestamptz,
  version int not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, document_id) references invoices (tenant_id, id),
  check ((state = 'reversed') = (reversed_at is not null))
);
create index payments_customer on payments (tenant_id, customer_id);
create index payments_received on payments (tenant_id, received_on, id);
create unique index payments_document on payments (tenant_id, document_id);

create table write_offs (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  invoice_id bigint not null,
  amount bigint not null check (amount > 0),
  reason text not null check (reason in ('small_difference', 'short_payment', 'bad_debt', 'discount', 'bank_charges', 'goodwill', 'other')),
  note text not null check (length(note) between 1 and 2000),
  state text not null check (state in ('requested', 'approved', 'rejected', 'reversed')),
  written_off_on date,
  requested_by bigint references users (id),
  requested_at timestamptz not null,
  decided_by bigint references users (id),
  decided_at timestamptz,
  decision_note text check (length(decision_note) <= 2000),
  -- Nobody else could have approved it, or it was within the own limit.
  self_approved boolean not null default false,
  reversed_by bigint references users (id),
  reversed_at timestamptz,
  version int not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index write_offs_invoice on write_offs (tenant_id, invoice_id);
create index write_offs_requested on write_offs (tenant_id, id) where state = 'requested';

-- How much somebody of a role may write off of one invoice alone, in the organisation's currency. Without a row: nothing.
create table write_off_limits (
  tenant_id bigint not null references tenants (id),
  role_id bigint not null,
  amount bigint not null check (amount >= 0),
  updated_by bigint references users (id),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, role_id),
  foreign key (tenant_id, role_id) references roles (tenant_id, id) on delete cascade
);
-- Whether who asks may not be who approves; null: as soon as there are two who may approve.
alter table tenants add segregation_of_duties boolean;

-- What settles what. Never changed but for its reversal.
create table payment_allocations (
  tenant_id bigint not null,
  id bigserial,
  -- `mark`: somebody said that it is paid, without saying how; the next file that disagrees is believed.
  kind text not null check (kind in ('payment', 'credit', 'write_off', 'mark')),
  invoice_id bigint not null,
  -- The document that pays: of a payment, a credit note, a payment on account; none of write-offs and marks.
  credit_id bigint,
  payment_id bigint,
  write_off_id bigint,
  amount bigint not null check (amount > 0 or kind = 'mark'),
  said_on date not null,
  -- Files of this day and later ones may include it: those before it was known from, and could not.
  counts_from date not null,
  created_by bigint references users (id),
  created_at timestamptz not null,
  reversed_by bigint references users (id),
  reversed_at timestamptz,
  -- The day from which it no longer holds; null beside reversed_at: it never did.
  returned_on date,
  primary key (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, credit_id) references invoices (tenant_id, id),
  foreign key (tenant_id, payment_id) references payments (tenant_id, id),
  foreign key (tenant_id, write_off_id) references write_offs (tenant_id, id),
  check ((kind in ('payment', 'credit')) = (credit_id is not null)),
  check (kind <> 'payment' or payment_id is not null),
  check ((kind = 'write_off') = (write_off_id is not null)),
  check (returned_on is null or reversed_at is not null)
);
create index payment_allocations_invoice on payment_allocations (tenant_id, invoice_id);
create index payment_allocations_credit on payment_allocations (tenant_id, credit_id) where credit_id is not null;
create index payment_allocations_payment on payment_allocations (tenant_id, payment_id) where payment_id is not null;
create index payment_allocations_write_off on payment_allocations (tenant_id, write_off_id) where write_off_id is not null;

alter table invoice_entries
  drop constraint invoice_entries_kind_check,
  -- `credit`: a credit is used, or settles; `reversal`: what held until then does no longer, such as a returned payment.
  add constraint invoice_entries_kind_check check (kind in
    ('invoice', 'payment', 'correction', 'withdrawal', 'credit', 'write_off', 'reversal')),
  -- Without foreign keys, like import_id: the ledger comes in hundred thousands.
  add allocation_id bigint,
  add payment_id bigint;

alter table invoices
  -- People recorded something on it: its ledger follows from the fold alone.
  add by_hand boolean not null default false,
  -- What files state as open, less the open amount: what people recorded and no file has confirmed yet.
  add unconfirmed bigint not null default 0,
  -- The day of the last file that should have included what people recorded and does not.
  add contradicted_on date;
create index invoices_by_hand on invoices (tenant_id, id) where by_hand;
create index invoices_unconfirmed on invoices (tenant_id, id) where unconfirmed <> 0;

do $$
declare
  name text;
begin
  foreach name in array array['payments', 'write_offs', 'write_off_limits', 'payment_allocations'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on payments, write_offs, write_off_limits to duebook_app;
grant delete on write_off_limits to duebook_app;
grant select, insert on payment_allocations to duebook_app;
grant update (reversed_by, reversed_at, returned_on) on payment_allocations to duebook_app;

-- Who may record money, and who approves write-offs: in every organisation that there is.
do $$
declare
  tenant bigint;
begin
  for tenant in select id from tenants loop
    perform set_config('app.tenant_id', tenant::text, true);
    update roles set permissions = permissions || '{receivables.settle}'::text[], version = version + 1
     where tenant_id = tenant and not 'receivables.settle' = any (permissions)
       and code in ('tenant_admin', 'director', 'operations', 'collector', 'outstanding_admin', 'country_manager');
    update roles set permissions = permissions || '{receivables.write_off_approve}'::text[], version = version + 1
     where tenant_id = tenant and not 'receivables.write_off_approve' = any (permissions)
       and code in ('tenant_admin', 'director', 'operations', 'outstanding_admin', 'country_manager');
  end loop;
end $$;

-- Promises to pay, and the dunning policy that pauses for them.
set local app.tenant_id = '0';
set local app.user_id = '0';

-- How many days after the promised one money may still come and the promise is kept.
alter table tenants add promise_tolerance_days int not null default 2 check (promise_tolerance_days between 0 and 60);

-- A customer's word to pay. Whether it was kept is never stored: it follows from the ledger.
create table promises (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  customer_id bigint not null,
  currency text not null check (length(currency) = 3),
  amount bigint not null check (amount > 0),
  promised_on date not null,
  tolerance_days int not null check (tolerance_days between 0 and 60),
  -- The last day on which money still keeps it.
  deadline date not null generated always as (promised_on + tolerance_days) stored,
  -- The day the customer said so; money of before is none of it.
  made_on date not null check (made_on <= promised_on),
  made_at timestamptz not null,
  -- Null: by the system, such as the demo or a customer's own page.
  made_by bigint references users (id),
  note text check (length(note) between 1 and 2000),
  state text not null default 'active' check (state in ('active', 'superseded', 'withdrawn')),
  ended_on date check (ended_on >= made_on),
  ended_at timestamptz,
  ended_by bigint references users (id),
  superseded_by bigint,
  withdrawn_because text check (length(withdrawn_because) between 1 and 500),
  -- Made by mistake and taken back at once: it counts nowhere.
  undone_at timestamptz,
  -- Unkept promises about the same invoices before it, plus one; as it was when it was made.
  level int not null default 1 check (level >= 1),
  -- The verdict that was told last, so that each is told once.
  announced text check (announced in ('kept', 'partially_kept', 'broken', 'open')),
  version int not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, superseded_by) references promises (tenant_id, id),
  check ((state = 'active') = (ended_at is null) and (ended_at is null) = (ended_on is null)),
  check (state <> 'superseded' or superseded_by is not null)
);
create index promises_customer on promises (tenant_id, customer_id, id) where undone_at is null;
create index promises_due on promises (tenant_id, promised_on, id) where undone_at is null;
create index promises_superseded_by on promises (tenant_id, superseded_by) where superseded_by is not null;

-- What of the promise is for which invoice.
create table promise_invoices (
  tenant_id bigint not null,
  promise_id bigint not null,
  invoice_id bigint not null,
  amount bigint not null check (amount > 0),
  -- As `promises.state`; here so that an invoice has one active promise, whoever writes.
  is_active boolean not null default true,
  primary key (tenant_id, promise_id, invoice_id),
  foreign key (tenant_id, promise_id) references promises (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create unique index promise_invoices_active on promise_invoices (tenant_id, invoice_id) where is_active;
create index promise_invoices_invoice on promise_invoices (tenant_id, invoice_id, promise_id);

-- How the organisation reminds, step by step. What a policy says is kept by version: a message shows the words it was made of.
create table dunning_policies (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  name text not null check (length(name) between 1 and 120),
  -- For customers without a policy of their own.
  is_default boolean not null default false,
  archived_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create unique index dunning_policies_default on dunning_policies (tenant_id) where is_default and archived_at is null;
create unique index dunning_policies_name on dunning_policies (tenant_id, lower(name)) where archived_at is null;

create table dunning_steps (
  tenant_id bigint not null,
  policy_id bigint not null,
  version int not null,
  step int not null check (step between 1 and 20),
  -- Days after the due date, and at least so many after what was sent before.
  delay_days int not null check (delay_days between -60 and 3650),
  gap_days int not null check (gap_days between 0 and 3650),
  channel text not null check (channel in ('email', 'sms', 'letter', 'call')),
  language text not null check (language ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  subject text not null check (length(subject) <= 200),
  body text not null check (length(body) between 1 and 8000),
  primary key (tenant_id, policy_id, version, step),
  foreign key (tenant_id, policy_id) references dunning_policies (tenant_id, id)
);

-- Customers that have a policy of their own.
create table dunning_customers (
  tenant_id bigint not null,
  customer_id bigint not null,
  policy_id bigint not null,
  primary key (tenant_id, customer_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, policy_id) references dunning_policies (tenant_id, id)
);
create index dunning_customers_policy on dunning_customers (tenant_id, policy_id);

-- Not to be reminded up to and with a day: a customer, or one of its invoices.
create table dunning_blocks (
  tenant_id bigint not null,
  id bigserial,
  customer_id bigint not null,
  invoice_id bigint,
  until date not null,
  reason text not null check (length(reason) between 1 and 500),
  created_by bigint references users (id),
  created_at timestamptz not null default now(),
  lifted_at timestamptz,
  lifted_by bigint references users (id),
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index dunning_blocks_customer on dunning_blocks (tenant_id, customer_id) where lifted_at is null;
create index dunning_blocks_invoice on dunning_blocks (tenant_id, invoice_id) where invoice_id is not null;

-- Addresses that messages came back from.
create table dead_addresses (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  address text not null check (address = lower(address) and length(address) between 3 and 254),
  reason text not null check (length(reason) between 1 and 500),
  marked_at timestamptz not null default now(),
  marked_by bigint references users (id),
  cleared_at timestamptz,
  primary key (tenant_id, id)
);
create unique index dead_addresses_address on dead_addresses (tenant_id, address) where cleared_at is null;

-- The queue: one message per customer and currency. Nothing here sends.
create table dunning_messages (
  tenant_id bigint not null,
  id bigserial,
  customer_id bigint not null,
  currency text not null check (length(currency) = 3),
  policy_id bigint not null,
  policy_version int not null,
  step int not null,
  channel text not null check (channel in ('email', 'sms', 'letter', 'call')),
  language text not null,
  recipient text check (length(recipient) <= 300),
  subject text not null,
  body text not null,
  amount bigint not null,
  state text not null default 'prepared' check (state in ('prepared', 'approved', 'held', 'sent', 'cancelled')),
  held_because text check (length(held_because) between 1 and 500),
  prepared_on date not null,
  prepared_at timestamptz not null,
  prepared_by bigint references users (id),
  decided_at timestamptz,
  decided_by bigint references users (id),
  sent_on date,
  sent_at timestamptz,
  version int not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, policy_id) references dunning_policies (tenant_id, id),
  check ((state = 'sent') = (sent_at is not null) and (sent_at is null) = (sent_on is null))
);
-- Two runs at once prepare one message.
create unique index dunning_messages_waiting on dunning_messages (tenant_id, customer_id, currency) where state in ('prepared', 'approved', 'held');
create index dunning_messages_customer on dunning_messages (tenant_id, customer_id, id);
create index dunning_messages_state on dunning_messages (tenant_id, state, id);

-- Which invoices a message speaks of, and which step of theirs it is; null for those that are listed beside them.
create table dunning_message_invoices (
  tenant_id bigint not null,
  message_id bigint not null,
  invoice_id bigint not null,
  step int,
  amount bigint not null,
  days_overdue int not null,
  primary key (tenant_id, message_id, invoice_id),
  foreign key (tenant_id, message_id) references dunning_messages (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index dunning_message_invoices_invoice on dunning_message_invoices (tenant_id, invoice_id, message_id);

do $$
declare
  name text;
begin
  foreach name in array array['promises', 'promise_invoices', 'dunning_policies', 'dunning_steps', 'dunning_customers', 'dunning_blocks',
                              'dead_addresses', 'dunning_messages', 'dunning_message_invoices'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on promises, promise_invoices, dunning_policies, dunning_blocks, dead_addresses, dunning_messages to duebook_app;
grant select, insert on dunning_steps, dunning_message_invoices to duebook_app;
grant select, insert, update, delete on dunning_customers to duebook_app;

-- Who may prepare reminders: the presets that see the whole book and import into it.
do $$
declare
  tenant bigint;
begin
  for tenant in select id from tenants loop
    perform set_config('app.tenant_id', tenant::text, true);
    update roles set permissions = permissions || '{receivables.dun}', version = version + 1, updated_at = now()
     where tenant_id = tenant and code in ('tenant_admin', 'director', 'operations', 'outstanding_admin', 'country_manager')
       and not 'receivables.dun' = any(permissions);
  end loop;
end $$;

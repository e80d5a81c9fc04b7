-- The work of collecting: who to talk to, what was said, what is to be done next, who works what, and who is told.
set local app.tenant_id = '0';
set local app.user_id = '0';

-- The people of a customer.
create table contacts (
  tenant_id bigint not null,
  id bigserial,
  customer_id bigint not null,
  name text not null check (length(name) between 1 and 200),
  role text check (length(role) between 1 and 120),
  email text check (length(email) <= 254),
  phone text check (length(phone) <= 60),
  preferred_channel text check (preferred_channel in ('call', 'email', 'sms', 'visit', 'letter', 'other')),
  -- Whom to ask first.
  is_main boolean not null default false,
  note text check (length(note) <= 2000),
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Gone from the list; what was said to them keeps their name.
  deleted_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index contacts_customer on contacts (tenant_id, customer_id) where deleted_at is null;

-- Each time that somebody called, wrote or went there.
create table contact_attempts (
  tenant_id bigint not null,
  id bigserial,
  customer_id bigint not null,
  user_id bigint not null references users (id),
  contact_id bigint,
  channel text not null check (channel in ('call', 'email', 'sms', 'visit', 'letter', 'other')),
  outcome text not null check (outcome in
    ('spoke', 'promised', 'disputed', 'left_message', 'no_answer', 'wrong_number', 'sent', 'replied', 'refused', 'other')),
  -- As the person was called, whether they are a contact or not.
  person text check (length(person) between 1 and 200),
  note text check (length(note) <= 4000),
  attempted_at timestamptz not null,
  next_follow_up date,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, contact_id) references contacts (tenant_id, id)
);
create index contact_attempts_customer on contact_attempts (tenant_id, customer_id, attempted_at);
create index contact_attempts_at on contact_attempts (tenant_id, attempted_at, id);
create index contact_attempts_user on contact_attempts (tenant_id, user_id, attempted_at);
create index contact_attempts_contact on contact_attempts (tenant_id, contact_id) where contact_id is not null;

-- What it was about; none: the account as a whole.
create table attempt_invoices (
  tenant_id bigint not null,
  attempt_id bigint not null,
  invoice_id bigint not null,
  primary key (tenant_id, attempt_id, invoice_id),
  foreign key (tenant_id, attempt_id) references contact_attempts (tenant_id, id) on delete cascade,
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index attempt_invoices_invoice on attempt_invoices (tenant_id, invoice_id);

-- What somebody is to do by a day.
create table tasks (
  tenant_id bigint not null,
  id bigserial,
  customer_id bigint not null,
  invoice_id bigint,
  owner_id bigint not null references users (id),
  title text not null check (length(title) between 1 and 300),
  note text check (length(note) <= 2000),
  due_on date not null,
  done_at timestamptz,
  done_by bigint references users (id),
  -- The call that it follows.
  attempt_id bigint,
  created_by bigint references users (id),
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, attempt_id) references contact_attempts (tenant_id, id)
);
create index tasks_open on tasks (tenant_id, owner_id, due_on) where done_at is null;
create index tasks_due on tasks (tenant_id, due_on, id);
create index tasks_customer on tasks (tenant_id, customer_id);
create index tasks_invoice on tasks (tenant_id, invoice_id) where invoice_id is not null;
create index tasks_attempt on tasks (tenant_id, attempt_id) where attempt_id is not null;

-- What a member is told. Who does not see the customer or invoice any more does not see this either.
create table notifications (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  user_id bigint not null references users (id),
  kind text not null check (kind ~ '^[a-z_]+$'),
  sender_id bigint references users (id),
  subject text not null,
  subject_id bigint,
  customer_id bigint,
  invoice_id bigint,
  text text not null check (length(text) <= 1000),
  data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  read_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index notifications_user on notifications (tenant_id, user_id, id);
create index notifications_unread on notifications (tenant_id, user_id) where read_at is null;
create index notifications_customer on notifications (tenant_id, customer_id) where customer_id is not null;
create index notifications_invoice on notifications (tenant_id, invoice_id) where invoice_id is not null;

-- Kinds that a member does not want to be told of.
create table notification_preferences (
  tenant_id bigint not null references tenants (id),
  user_id bigint not null references users (id),
  muted text[] not null default '{}',
  primary key (tenant_id, user_id)
);

-- Who gets what nobody works yet. The first rule that fits has it.
create table assignment_rules (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  name text not null check (length(name) between 1 and 120),
  position int not null,
  is_on boolean not null default true,
  region_id bigint,
  customer_id bigint,
  root_cause text check (root_cause in
    ('Billing Error', 'Delivery Issue', 'PO Mismatch', 'Customer Dispute', 'Payment Processing', 'Other')),
  -- Amounts are open ones, of the currency.
  currency text check (length(currency) = 3),
  amount_min bigint,
  amount_max bigint,
  -- The customer's name begins with these letters or what lies between them.
  name_from text check (length(name_from) between 1 and 20),
  name_to text check (length(name_to) between 1 and 20),
  -- How several people share: as many invoices, or as much money.
  balance text not null default 'count' check (balance in ('count', 'amount')),
  -- Whether the customer is theirs from then on, with all that comes later.
  whole_customer boolean not null default true,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, region_id) references regions (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);

create table assignment_rule_people (
  tenant_id bigint not null,
  rule_id bigint not null,
  user_id bigint not null,
  primary key (tenant_id, rule_id, user_id),
  foreign key (tenant_id, rule_id) references assignment_rules (tenant_id, id) on delete cascade,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);

-- Somebody is away, and somebody else does their work meanwhile.
create table absences (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  user_id bigint not null references users (id),
  stand_in_id bigint not null references users (id),
  from_on date not null,
  until_on date not null check (until_on >= from_on),
  note text check (length(note) <= 500),
  started_at timestamptz,
  ended_at timestamptz,
  cancelled_at timestamptz,
  version int not null default 1,
  created_by bigint references users (id),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  check (user_id <> stand_in_id)
);
create index absences_open on absences (tenant_id, from_on) where ended_at is null and cancelled_at is null;

-- What was handed over, so that it comes back.
create table absence_items (
  tenant_id bigint not null,
  absence_id bigint not null,
  subject text not null check (subject in ('invoice', 'customer', 'task')),
  subject_id bigint not null,
  primary key (tenant_id, absence_id, subject, subject_id),
  foreign key (tenant_id, absence_id) references absences (tenant_id, id)
);

-- A person said why it is not paid: files do not change it any more.
alter table invoices add root_cause_by_hand boolean not null default false;

-- A comment is about an invoice, or about the customer as a whole.
alter table invoice_comments
  alter invoice_id drop not null,
  add customer_id bigint,
  -- Whom it calls by @name.
  add mentions bigint[] not null default '{}',
  add foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  add constraint invoice_comments_about check (num_nonnulls(invoice_id, customer_id) = 1);
create index invoice_comments_customer on invoice_comments (tenant_id, customer_id, id) where customer_id is not null;

do $$
declare
  name text;
begin
  foreach name in array array['contacts', 'contact_attempts', 'attempt_invoices', 'tasks', 'notifications', 'notification_preferences',
                              'assignment_rules', 'assignment_rule_people', 'absences', 'absence_items'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on contacts, notifications, notification_preferences, absences to duebook_app;
grant select, insert, update, delete on contact_attempts, attempt_invoices, tasks, assignment_rules, assignment_rule_people, absence_items to duebook_app;

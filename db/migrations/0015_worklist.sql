-- Whom to call next, and what is expected to come: what was learned of customers' habits, what was put off, and what weighs how much.

-- What the predictions of an organisation are made with; null model: the books say too little yet.
create table prediction_models (
  tenant_id bigint primary key references tenants (id),
  trained_on date not null,
  invoices int not null,
  model jsonb,
  -- How well it would have done on invoices that it did not know.
  back_test jsonb,
  updated_at timestamptz not null
);

-- What is known of a customer's habits, as parts of the log odds of paying late: with the size of an invoice it gives its risk.
create table customer_habits (
  tenant_id bigint not null,
  customer_id bigint not null,
  log_odds double precision not null,
  -- Median days from due date to payment of an invoice of the usual size.
  days_late double precision not null,
  recently double precision not null,
  ever double precision not null,
  -- Invoices that were paid or fell due, and how many of them were late.
  invoices int not null,
  late int not null,
  primary key (tenant_id, customer_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);

-- Put off by somebody for themselves, up to and with a day.
create table worklist_pauses (
  tenant_id bigint not null,
  user_id bigint not null references users (id),
  customer_id bigint not null,
  until_on date not null,
  kind text not null check (kind in ('snooze', 'skip')),
  reason text not null check (length(reason) between 1 and 300),
  created_at timestamptz not null,
  primary key (tenant_id, user_id, customer_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index worklist_pauses_customer on worklist_pauses (tenant_id, customer_id);

-- The most points that each reason can give; what is not named has its usual weight.
create table worklist_weights (
  tenant_id bigint primary key references tenants (id),
  weights jsonb not null default '{}',
  version int not null default 1,
  updated_at timestamptz not null
);

do $$
declare
  name text;
begin
  foreach name in array array['prediction_models', 'customer_habits', 'worklist_pauses', 'worklist_weights'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

grant select, insert, update on prediction_models, worklist_weights to duebook_app;
grant select, insert, update, delete on customer_habits, worklist_pauses to duebook_app;

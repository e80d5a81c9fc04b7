-- Reminders: their words, when they may go, and campaigns with what became of everybody in them.
set local app.tenant_id = '0';
set local app.user_id = '0';

-- Words of an organisation (no outlet) or of one outlet; where there are none, those that come with Duebook hold.
create table message_templates (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  outlet_id bigint,
  -- What for, as messages say it.
  purpose text not null check (purpose ~ '^[a-z_]{1,40}$'),
  kind text not null check (kind in ('email', 'sms')),
  language text not null check (language ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  subject text not null default '' check (length(subject) <= 200),
  body text not null check (length(body) between 1 and 8000),
  updated_by bigint references users (id),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version int not null default 1,
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, outlet_id, purpose, kind, language),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id)
);

-- When reminders may go and how often; of an organisation (no outlet), or of one outlet instead. Null: as the country's default has it.
create table sending_rules (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  outlet_id bigint,
  -- Sunday first, each {from, until} or null.
  week jsonb,
  keeps_holidays boolean not null default true,
  rest_days date[] not null default '{}',
  work_days date[] not null default '{}',
  -- Nobody is reminded again by the same way within so many days.
  repeat_days int not null default 7 check (repeat_days between 0 and 365),
  language text not null default 'en' check (language ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  updated_by bigint references users (id),
  updated_at timestamptz not null,
  version int not null default 1,
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, outlet_id),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id)
);

-- Reminders of a pharmacy that go together. Every call that sends is one, so that nothing goes without a place where its results are.
create table campaigns (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  outlet_id bigint not null,
  name text not null check (length(name) between 1 and 200),
  kind text not null check (kind in ('email', 'sms')),
  -- By a call of the API, chosen by a person, by the escalation policy, or the failures of another once more.
  source text not null check (source in ('call', 'campaign', 'escalation', 'resend')),
  -- Who: the filters of the list, debtors by id, or the members of another campaign that failed.
  filters jsonb not null default '{}',
  debtor_ids bigint[],
  resend_of bigint,
  -- What is summed up as the amount.
  ageing_buckets text[] not null,
  -- Null: the language of the rules, and the template of it.
  language text check (language ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  subject text check (length(subject) <= 200),
  message text check (length(message) <= 8000),
  state text not null check (state in ('draft', 'scheduled', 'started', 'cancelled')),
  send_at timestamptz,
  -- Why a scheduled one did not go as it was meant to.
  note text check (length(note) <= 500),
  created_by bigint references users (id),
  created_at timestamptz not null,
  started_at timestamptz,
  version int not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id),
  foreign key (tenant_id, resend_of) references campaigns (tenant_id, id),
  check (state <> 'scheduled' or send_at is not null)
);
create index campaigns_outlet on campaigns (tenant_id, outlet_id, id);
create index campaigns_scheduled on campaigns (tenant_id, send_at) where state = 'scheduled';
create index campaigns_resend_of on campaigns (tenant_id, resend_of) where resend_of is not null;

-- Everybody who was chosen when it went: with a message, or with the reason why not.
create table campaign_members (
  tenant_id bigint not null,
  campaign_id bigint not null,
  customer_id bigint not null,
  acc_no text not null,
  name text not null,
  recipient text,
  -- What the message asks for.
  amount bigint not null,
  message_id bigint,
  gate text check (gate ~ '^[a-z_]{1,40}$'),
  reason text check (length(reason) <= 500),
  primary key (tenant_id, campaign_id, customer_id),
  foreign key (tenant_id, campaign_id) references campaigns (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, message_id) references messages (tenant_id, id),
  check ((message_id is null) = (gate is not null))
);
create index campaign_members_customer on campaign_members (tenant_id, customer_id);
create index campaign_members_message on campaign_members (tenant_id, message_id) where message_id is not null;

-- What a pharmacy does about debts by their oldest bucket: one way each.
create table escalation_steps (
  tenant_id bigint not null references tenants (id),
  outlet_id bigint not null,
  bucket text not null check (bucket in ('d30', 'd60', 'd90', 'd120', 'd150', 'd180')),
  kind text not null check (kind in ('email', 'sms')),
  subject text check (length(subject) <= 200),
  message text check (length(message) <= 8000),
  min_amount bigint not null default 0 check (min_amount >= 0),
  primary key (tenant_id, outlet_id, bucket, kind),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id)
);

do $$
declare
  name text;
begin
  foreach name in array array['message_templates', 'sending_rules', 'campaigns', 'campaign_members', 'escalation_steps'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

-- The message that a dunning message left as.
alter table dunning_messages
  add outgoing_id bigint,
  add foreign key (tenant_id, outgoing_id) references messages (tenant_id, id);
create index dunning_messages_outgoing on dunning_messages (tenant_id, outgoing_id) where outgoing_id is not null;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update, delete on message_templates, sending_rules, escalation_steps to duebook_app;
grant select, insert, update on campaigns, campaign_members to duebook_app;

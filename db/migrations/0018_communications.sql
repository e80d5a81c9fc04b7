-- Messages that leave the organisation, the channels they leave by, what providers say of them afterwards, and whom not to write to.
set local app.tenant_id = '0';
set local app.user_id = '0';

-- By what mail and texts leave: one channel per kind of the organisation (no outlet) and of each outlet.
create table channels (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  outlet_id bigint,
  kind text not null check (kind in ('email', 'sms')),
  -- `outbox` captures and shows, nothing leaves; `shared` is an outlet that writes through the organisation's own channel.
  provider text not null check (provider in ('sendgrid', 'smsportal', 'smtp', 'outbox', 'shared')),
  check (provider in ('outbox', 'shared') or (kind = 'sms') = (provider = 'smsportal')),
  check (provider <> 'shared' or outlet_id is not null),
  -- What is no secret: sender, host, names of the webhook's headers.
  settings jsonb not null default '{}',
  -- Keys and passwords, sealed together; never answered.
  secret text,
  -- The names of what is sealed, so that a form can say what is set.
  secret_names text[] not null default '{}',
  -- Digest of the secret in the address that the provider reports to.
  webhook_hash bytea check (length(webhook_hash) = 32),
  -- How many calls may be under way at once.
  concurrency int not null default 4 check (concurrency between 1 and 50),
  -- The provider said: not before.
  paused_until timestamptz,
  last_error text check (length(last_error) <= 500),
  last_error_at timestamptz,
  tested_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, outlet_id, kind),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id)
);
create unique index channels_webhook on channels (tenant_id, webhook_hash);

-- One row per intent to tell somebody something (`dedupe_key`), there before anything leaves.
create table messages (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  dedupe_key text not null check (length(dedupe_key) between 1 and 200),
  kind text not null check (kind in ('email', 'sms')),
  -- What for, such as reminder or invitation.
  purpose text not null check (purpose ~ '^[a-z_]{1,40}$'),
  -- 0020 says what a campaign is.
  campaign_id bigint,
  outlet_id bigint,
  customer_id bigint,
  -- The member it goes to, when it goes to one of ours.
  user_id bigint references users (id),
  -- Who had it sent; null is the system.
  created_by bigint references users (id),
  recipient text not null check (length(recipient) <= 254),
  recipient_name text not null default '' check (length(recipient_name) <= 200),
  -- The recipient as suppressions know it: lower case, or digits with the country's. Empty: nothing can be sent there.
  address text not null check (length(address) <= 254),
  subject text check (length(subject) <= 400),
  text text not null check (length(text) <= 200000),
  html text check (length(html) <= 500000),
  -- The words of a message that holds a link to an account, sealed until they left and gone then; `text` says that it does.
  sealed text,
  -- Files that go with it, by their digest: [{store, sha256, name, mime, size}].
  files jsonb not null default '[]',
  -- Whoever gets it can refuse further ones.
  refusable boolean not null default false,
  state text not null check (state in ('pending', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'held', 'cancelled')),
  -- Why it is held, in a word.
  reason text check (reason ~ '^[a-z_]{1,40}$'),
  -- Why it failed or what is not known of it, in a sentence.
  error text check (length(error) <= 500),
  send_after timestamptz not null,
  lease_until timestamptz,
  -- Times it was taken to be sent; an outcome counts for the attempt it belongs to.
  attempts int not null default 0,
  -- By what it left, or tried to.
  channel_id bigint,
  provider text,
  external_id text check (length(external_id) <= 200),
  -- Parts of a text as it is charged; in hundredths of the provider's unit (1.00 credit is 100) what it said it took.
  parts int,
  cost bigint,
  sent_at timestamptz,
  delivered_at timestamptz,
  -- Opened or clicked, if the provider says so.
  opened_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, dedupe_key),
  check ((state = 'sending') = (lease_until is not null)),
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, channel_id) references channels (tenant_id, id)
);
create index messages_due on messages (tenant_id, send_after, id) where state = 'pending';
create index messages_under_way on messages (tenant_id, channel_id, lease_until) where state = 'sending';
create index messages_state on messages (tenant_id, state, id);
create index messages_customer on messages (tenant_id, customer_id, id);
create index messages_outlet on messages (tenant_id, outlet_id, id);
create index messages_campaign on messages (tenant_id, campaign_id, id) where campaign_id is not null;
create index messages_address on messages (tenant_id, kind, address, id);

-- What providers report, each report once, whatever the order it comes in.
create table message_events (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  message_id bigint not null,
  -- The attempt it speaks of.
  attempt int not null,
  kind text not null check (kind in ('accepted', 'deferred', 'delivered', 'bounced', 'blocked', 'dropped', 'expired', 'opened', 'clicked', 'spam', 'unsubscribed', 'replied')),
  -- What makes it the same report when it comes again.
  report_key text not null check (length(report_key) <= 200),
  detail text check (length(detail) <= 500),
  -- When it happened, as the provider says; and when it was told.
  at timestamptz not null,
  received_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, report_key),
  foreign key (tenant_id, message_id) references messages (tenant_id, id)
);
create index message_events_message on message_events (tenant_id, message_id, id);

-- Addresses that nothing is sent to any more, and why.
create table suppressions (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  kind text not null check (kind in ('email', 'sms')),
  address text not null check (length(address) between 1 and 254),
  reason text not null check (reason in ('opted_out', 'bounced', 'spam', 'manual')),
  -- How it came here: the word of a reply, a link, a report of the provider, or a person's note.
  source text not null default '' check (length(source) <= 200),
  message_id bigint,
  created_by bigint references users (id),
  since timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, kind, address),
  foreign key (tenant_id, message_id) references messages (tenant_id, id)
);

do $$
declare
  name text;
begin
  foreach name in array array['channels', 'messages', 'message_events', 'suppressions'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on channels, messages to duebook_app;
grant select, insert on message_events to duebook_app;
grant select, insert, update, delete on suppressions to duebook_app;

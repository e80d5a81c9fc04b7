-- The ground floor: organisations, people, sign-in, roles, the event log.
-- Conventions: every tenant table has tenant_id first in its keys and indexes, forced row-level security and the
-- policy `tenant`. An unset app.tenant_id is an error, on purpose. Global tables are few and named below:
--   tenants, users, credentials, recovery_codes, sessions, refresh_tokens, password_resets, sign_in_failures,
--   idempotency_keys, realtime_tickets.

create table tenants (
  id bigserial primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
  name text not null check (length(name) between 1 and 200),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  timezone text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  financial_year_start smallint not null default 1 check (financial_year_start between 1 and 12),
  ageing_buckets int[] not null default '{30,60,90,120}',
  working_days int[] not null default '{1,2,3,4,5}',
  is_demo boolean not null default false,
  -- Began as the demo and was cleared: no second demo is made beside it.
  was_demo boolean not null default false,
  is_active boolean not null default true,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- People. A person may belong to several organisations; names are unique over all of them because they sign in with them.
create table users (
  id bigserial primary key,
  username text not null check (length(username) between 1 and 150),
  email text not null check (length(email) between 3 and 254),
  full_name text not null default '' check (length(full_name) <= 200),
  phone_number text check (length(phone_number) <= 30),
  is_superuser boolean not null default false,
  is_active boolean not null default true,
  is_verified boolean not null default false,
  last_tenant_id bigint references tenants (id),
  last_login_at timestamptz,
  deleted_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index users_username on users (lower(username)) where deleted_at is null;
create unique index users_email on users (lower(email)) where deleted_at is null;

-- Apart from users, so that no list of people ever carries a secret by accident.
create table credentials (
  user_id bigint primary key references users (id),
  password_hash text not null,
  password_changed_at timestamptz not null default now(),
  totp_secret text,
  totp_confirmed_at timestamptz,
  totp_last_step bigint
);

create table recovery_codes (
  user_id bigint not null references users (id),
  code_hash bytea not null,
  used_at timestamptz,
  primary key (user_id, code_hash)
);

-- One sign-in on one device. Checked at every request, so an ended session ends at once.
create table sessions (
  id bigserial primary key,
  user_id bigint not null references users (id),
  current_tenant_id bigint references tenants (id),
  door text not null,
  ip text,
  user_agent text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_because text
);
create index sessions_user on sessions (user_id, id);

-- Rotating refresh tokens: one row per token handed out; a used one that comes back late ends its session.
create table refresh_tokens (
  token_hash bytea primary key,
  session_id bigint not null references sessions (id),
  created_at timestamptz not null default now(),
  used_at timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);

create table password_resets (
  token_hash bytea primary key,
  user_id bigint not null references users (id),
  created_by bigint references users (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index password_resets_user on password_resets (user_id);

-- Failed sign-ins per account name, per address, and per pair; shared by every door.
create table sign_in_failures (
  key text primary key,
  failures int not null,
  window_started_at timestamptz not null,
  blocked_until timestamptz
);

-- The first answer to a POST with an Idempotency-Key. The answer is encrypted, since it may hold a token.
create table idempotency_keys (
  owner text not null,
  key text not null,
  fingerprint text not null,
  status smallint,
  answer text,
  created_at timestamptz not null default now(),
  primary key (owner, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

create table realtime_tickets (
  ticket_hash bytea primary key,
  session_id bigint not null references sessions (id),
  expires_at timestamptz not null
);

-- ---- tenant tables -------------------------------------------------------------------------------------------------

create table regions (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  code text not null check (length(code) between 1 and 60),
  name text not null check (length(name) between 1 and 120),
  is_active boolean not null default true,
  version int not null default 1,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, code)
);

create table departments (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  name text not null check (length(name) between 1 and 120),
  name_key text not null,
  is_active boolean not null default true,
  version int not null default 1,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name_key)
);

-- A shop, a campus, a pharmacy: a place with settings and people of its own.
create table outlets (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  code text check (length(code) between 1 and 60),
  name text not null check (length(name) between 1 and 200),
  kind text not null default 'store' check (kind in ('store', 'campus', 'pop-up', 'partner', 'pharmacy', 'office')),
  region_id bigint,
  address text,
  email text,
  phone text,
  is_active boolean not null default true,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, code),
  foreign key (tenant_id, region_id) references regions (tenant_id, id)
);

create table memberships (
  tenant_id bigint not null references tenants (id),
  user_id bigint not null references users (id),
  is_active boolean not null default true,
  region_id bigint,
  department_id bigint,
  version int not null default 1,
  joined_at timestamptz not null default now(),
  primary key (tenant_id, user_id),
  foreign key (tenant_id, region_id) references regions (tenant_id, id),
  foreign key (tenant_id, department_id) references departments (tenant_id, id)
);
create index memberships_user on memberships (user_id, tenant_id);

create table roles (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  code text not null check (code ~ '^[a-z][a-z0-9_]{1,59}$'),
  name text not null check (length(name) between 1 and 60),
  family text not null check (family in ('ours', 'tracker', 'finsentry', 'outstanding', 'debtors', 'posightful')),
  description text not null default '' check (length(description) <= 500),
  permissions text[] not null default '{}',
  row_access text not null default 'all' check (row_access in ('all', 'region', 'team', 'outlets', 'assigned')),
  requires_second_factor boolean not null default false,
  is_preset boolean not null default false,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, code)
);

create table membership_roles (
  tenant_id bigint not null,
  user_id bigint not null,
  role_id bigint not null,
  primary key (tenant_id, user_id, role_id),
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade,
  foreign key (tenant_id, role_id) references roles (tenant_id, id)
);
create index membership_roles_role on membership_roles (tenant_id, role_id);

create table outlet_access (
  tenant_id bigint not null,
  user_id bigint not null,
  outlet_id bigint not null,
  can_read boolean not null default true,
  can_write boolean not null default false,
  primary key (tenant_id, user_id, outlet_id),
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade,
  foreign key (tenant_id, outlet_id) references outlets (tenant_id, id)
);
create index outlet_access_outlet on outlet_access (tenant_id, outlet_id);

create table invitations (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  email text not null,
  full_name text not null default '',
  role_ids bigint[] not null,
  region_id bigint,
  department_id bigint,
  outlets jsonb not null default '[]',
  token_hash bytea not null,
  invited_by bigint not null references users (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by bigint references users (id),
  revoked_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, token_hash),
  foreign key (tenant_id, region_id) references regions (tenant_id, id),
  foreign key (tenant_id, department_id) references departments (tenant_id, id)
);

create table join_requests (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  user_id bigint not null references users (id),
  state text not null default 'open' check (state in ('open', 'approved', 'declined')),
  requested_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by bigint references users (id),
  primary key (tenant_id, id)
);
create unique index join_requests_open on join_requests (tenant_id, user_id) where state = 'open';

create table api_keys (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  user_id bigint not null references users (id),
  name text not null check (length(name) between 1 and 120),
  prefix text not null,
  key_hash bytea not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, key_hash)
);
create index api_keys_user on api_keys (tenant_id, user_id);

-- What happened, once: audit log, timeline, realtime message and outbox. Append-only for the app role.
create table events (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  at timestamptz not null default now(),
  kind text not null check (kind ~ '^[a-z_]+\.[a-z_]+$'),
  subject text not null,
  subject_id bigint,
  user_id bigint references users (id),
  data jsonb not null default '{}',
  request_id text,
  primary key (tenant_id, id)
);
create index events_subject on events (tenant_id, subject, subject_id, id);
create index events_user on events (tenant_id, user_id, id);

-- ---- walls ---------------------------------------------------------------------------------------------------------

do $$
declare
  name text;
begin
  foreach name in array array['regions', 'departments', 'outlets', 'roles', 'membership_roles', 'outlet_access',
                              'invitations', 'join_requests', 'api_keys', 'events'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

-- A person may read in which organisations they are, whichever of them is open; nobody else's.
alter table memberships enable row level security;
alter table memberships force row level security;
create policy tenant on memberships
  using (tenant_id = current_setting('app.tenant_id')::bigint or user_id = current_setting('app.user_id')::bigint)
  with check (tenant_id = current_setting('app.tenant_id')::bigint);

grant usage on schema public to duebook_app;
grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on tenants, users, credentials, sessions, password_resets to duebook_app;
grant select, insert, update, delete on
  recovery_codes, refresh_tokens, sign_in_failures, idempotency_keys, realtime_tickets,
  regions, departments, outlets, memberships, roles, membership_roles, outlet_access,
  join_requests to duebook_app;
grant select, insert, update on invitations, api_keys to duebook_app;
grant select, insert on events to duebook_app;

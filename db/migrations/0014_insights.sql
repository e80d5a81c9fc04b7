-- Figures about the books: rates between currencies, packs of reports and their schedules.
set local app.tenant_id = '0';
set local app.user_id = '0';

-- What one unit of a currency was worth in the organisation's own, from a day on until the next.
create table rates (
  tenant_id bigint not null references tenants (id),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  day date not null,
  rate numeric(20, 10) not null check (rate > 0),
  -- Where it comes from, in the words of who entered it.
  source text check (length(source) <= 200),
  created_by bigint references users (id),
  created_at timestamptz not null default now(),
  primary key (tenant_id, currency, day)
);

-- Who gets a pack of reports, and how often. `next_on` is the day on which the next one is made.
create table report_schedules (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  name text not null check (length(name) between 1 and 200),
  every text not null check (every in ('day', 'week', 'month')),
  -- The figures' money: one currency's invoices, or all of them converted.
  currency text check (length(currency) = 3),
  reporting text check (length(reporting) = 3),
  user_ids bigint[] not null,
  next_on date not null,
  is_active boolean not null default true,
  created_by bigint references users (id),
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index report_schedules_next on report_schedules (tenant_id, next_on) where is_active;

-- Packs that were made, for good: what a director was shown on a day does not change with the books.
create table report_packs (
  tenant_id bigint not null references tenants (id),
  id bigserial,
  schedule_id bigint,
  as_of date not null,
  currency text not null check (length(currency) = 3),
  file_sha256 text not null check (length(file_sha256) = 64),
  file_name text not null check (length(file_name) <= 255),
  file_size bigint not null,
  created_by bigint references users (id),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, schedule_id) references report_schedules (tenant_id, id)
);
create index report_packs_schedule on report_packs (tenant_id, schedule_id, as_of);

-- To whom a pack goes. `waiting`: it is there to read, and goes out by mail as soon as mail can be sent.
create table report_deliveries (
  tenant_id bigint not null references tenants (id),
  pack_id bigint not null,
  user_id bigint not null references users (id),
  mail text not null default 'waiting' check (mail in ('waiting', 'sent', 'failed')),
  opened_at timestamptz,
  primary key (tenant_id, pack_id, user_id),
  foreign key (tenant_id, pack_id) references report_packs (tenant_id, id)
);
create index report_deliveries_waiting on report_deliveries (tenant_id, pack_id) where mail = 'waiting';
create index report_deliveries_user on report_deliveries (tenant_id, user_id, pack_id);

do $$
declare
  name text;
begin
  foreach name in array array['rates', 'report_schedules', 'report_packs', 'report_deliveries'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update, delete on rates to duebook_app;
grant select, insert, update on report_schedules, report_deliveries to duebook_app;
grant select, insert on report_packs to duebook_app;

-- What the books said on an earlier evening: entries recorded since are wound back. The ledger is written in the order in which it
-- is recorded, so the ranges of its pages are enough, and cost an import nothing.
create index invoice_entries_recorded on invoice_entries using brin (tenant_id, recorded_at);
-- Payments on account are few; what was billed and what was paid are told apart by them.
create index invoices_on_account on invoices (tenant_id, id) where document_type = 'payment';

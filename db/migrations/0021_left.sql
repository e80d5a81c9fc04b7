-- What was given to somebody in one go, so that it can be taken back in one.
create table assignment_acts (
  tenant_id bigint not null,
  id bigserial,
  made_by bigint not null references users (id),
  made_at timestamptz not null,
  undone_at timestamptz,
  primary key (tenant_id, id)
);
create table assignment_act_items (
  tenant_id bigint not null,
  act_id bigint not null,
  subject text not null check (subject in ('invoice', 'customer', 'task')),
  subject_id bigint not null,
  -- Whose it was, and whose it is by this; null nobody's.
  was bigint,
  given_to bigint,
  -- Of an invoice: a person had assigned it before, too, and files left it alone.
  was_by_hand boolean not null default false,
  primary key (tenant_id, act_id, subject, subject_id),
  foreign key (tenant_id, act_id) references assignment_acts (tenant_id, id)
);

do $$
declare
  name text;
begin
  foreach name in array array['assignment_acts', 'assignment_act_items'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = current_setting(''app.tenant_id'')::bigint)'
                   ' with check (tenant_id = current_setting(''app.tenant_id'')::bigint)', name);
  end loop;
end $$;

grant usage on all sequences in schema public to duebook_app;
grant select, insert, update on assignment_acts to duebook_app;
grant select, insert on assignment_act_items to duebook_app;

-- What files say otherwise of an invoice than people recorded, and somebody has decided that what was recorded holds: as long as
-- files go on saying the same, nobody is asked again.
alter table invoices
  add kept_unconfirmed bigint,
  add kept_by bigint,
  add kept_at timestamptz;

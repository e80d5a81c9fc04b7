-- The monthly outstanding sheet: what each customer owes at the end of a month, by invoice or as a balance per age band.
-- A sheet is an import; its rows are the import's rows. So a second sheet of a month takes the place of the first, and
-- undoing it brings the first one back.
set local app.tenant_id = '0';
set local app.user_id = '0';

alter table imports
  drop constraint imports_target_check,
  add constraint imports_target_check check (target in ('receivables', 'outstanding'));
alter table import_sources
  drop constraint import_sources_target_check,
  add constraint import_sources_target_check check (target in ('receivables', 'outstanding'));

-- A sheet gives no dates, only how old a debt is, as a band of days: it is kept as stated, and no date is invented.
alter table import_rows add age_band text check (length(age_band) <= 60);
alter table invoices add age_band text check (length(age_band) <= 60);
create index invoices_banded on invoices (tenant_id) where age_band is not null and aged_from is null;

alter table customers
  add remark text check (remark in ('payment received', 'partial payment', 'under follow-up', 'dispute', 'write-off')),
  add notes text check (length(notes) <= 4000),
  -- Where the latest sheet puts them.
  add region_id bigint,
  add department_id bigint,
  add foreign key (tenant_id, region_id) references regions (tenant_id, id),
  add foreign key (tenant_id, department_id) references departments (tenant_id, id);
create index customers_region on customers (tenant_id, region_id) where region_id is not null;

create table outstanding_sheets (
  tenant_id bigint not null,
  import_id bigint not null,
  -- Its first day.
  month date not null check (extract(day from month) = 1),
  financial_year text not null check (financial_year ~ '^\d{4}-\d{4}$'),
  department_id bigint,
  -- Whether its rows are invoices, or balances of customers.
  level text not null check (level in ('invoice', 'customer')),
  primary key (tenant_id, import_id),
  foreign key (tenant_id, import_id) references imports (tenant_id, id),
  foreign key (tenant_id, department_id) references departments (tenant_id, id)
);
create index outstanding_sheets_month on outstanding_sheets (tenant_id, month, department_id);
alter table outstanding_sheets enable row level security;
alter table outstanding_sheets force row level security;
create policy tenant on outstanding_sheets using (tenant_id = current_setting('app.tenant_id')::bigint)
  with check (tenant_id = current_setting('app.tenant_id')::bigint);

-- What the sheets say that are in force: the last one published of each month and department.
create view outstanding_balances with (security_invoker = true) as
select r.tenant_id, s.import_id, r.row, s.month, s.financial_year, s.department_id, m.as_of, r.customer_id, r.invoice_id, r.number,
       r.number_key, r.currency, r.amount, r.open_amount, r.invoice_date, r.age_band, r.region_id, r.region
  from outstanding_sheets s
  join imports m on m.tenant_id = s.tenant_id and m.id = s.import_id and m.status = 'published'
  join import_rows r on r.tenant_id = s.tenant_id and r.import_id = s.import_id and r.outcome in ('new', 'changed', 'unchanged', 'older')
 where not exists (
   select from outstanding_sheets o join imports x on x.tenant_id = o.tenant_id and x.id = o.import_id and x.status = 'published'
    where o.tenant_id = s.tenant_id and o.month = s.month and o.department_id is not distinct from s.department_id
      and o.import_id > s.import_id);

grant select, insert on outstanding_sheets to duebook_app;
grant select on outstanding_balances to duebook_app;

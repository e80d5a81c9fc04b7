-- What the ageing of a past day reads: no entry of an invoice took effect before first_on nor after last_on. So the balance at the end
-- of a day is the open amount, or nothing, for all but the invoices that the day lies within; only their entries are summed.
-- They may be wider than the entries, never narrower: who writes entries widens them. Of what comes past the imports nothing is known, so everything is summed.
alter table invoices
  add first_on date not null default '-infinity',
  add last_on date not null default 'infinity';

do $$
declare
  tenant bigint;
begin
  for tenant in select id from tenants loop
    perform set_config('app.tenant_id', tenant::text, true);
    update invoices i
       set first_on = coalesce(e.first_on, 'infinity'), last_on = coalesce(e.last_on, '-infinity')
      from invoices o
      left join (select invoice_id, min(effective_on) as first_on, max(effective_on) as last_on
                   from invoice_entries where tenant_id = tenant group by invoice_id) e on e.invoice_id = o.id
     where i.tenant_id = tenant and o.tenant_id = tenant and i.id = o.id;
  end loop;
end $$;

-- An invoice is in one of these two.
drop index invoices_open;
create index invoices_open on invoices (tenant_id, currency, region_key, assigned_key, aged_from, customer_id)
  include (open_amount, invoice_date, is_disputed, first_on, last_on, id) where open_amount <> 0;
create index invoices_settled on invoices (tenant_id, last_on)
  include (currency, region_key, assigned_key, aged_from, customer_id, open_amount, invoice_date, is_disputed, first_on, id) where open_amount = 0;

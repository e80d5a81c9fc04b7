-- Who works a customer: new invoices of the customer go to them, and an engineer's customers are theirs.
set local app.tenant_id = '0';
set local app.user_id = '0';
alter table customers
  add assigned_to bigint,
  add foreign key (tenant_id, assigned_to) references memberships (tenant_id, user_id);
create index customers_assigned on customers (tenant_id, assigned_to) where assigned_to is not null;

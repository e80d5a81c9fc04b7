-- What lists and pages of receivables read besides the open amounts.

-- Retracted invoices are few or none. Lists leave them out by this, not by the column: so sums and searches over everything
-- are still read from the key alone, without the table.
create index invoices_retracted on invoices (tenant_id, id) where retracted;

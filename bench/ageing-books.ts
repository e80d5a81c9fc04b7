import type pg from 'pg'

export type AgeingBooks = { tenant_id: number; regions: number[]; collectors: number[] }

/**
 * Books of an organisation: so many open invoices of the last 500 days, a seventh as many settled ones, some credits; a
 * customer has one currency, and seven of ten the first. Past the API and its checks, as superuser.
 */
export async function fillAgeingBooks(
  client: pg.Client,
  { tenant_id, regions, collectors }: AgeingBooks,
  open: number,
  today: string,
): Promise<void> {
  await client.query(
    `begin; set local session_replication_role = replica; set local work_mem = '256MB'; select setseed(0.26)`,
  )
  await client.query(
    `insert into customers (tenant_id, key, code, name)
     select $1, 'c' || n, 'C' || n, 'Customer ' || n from generate_series(1, $2::int) n`,
    [tenant_id, open / 50],
  )
  await client.query(
    `create temp table made on commit drop as
     select n, c.id as customer_id, n % 8 = 0 as is_settled, c.draw, random() as part, 5000 + floor(random() ^ 3 * 4000000)::bigint as amount,
            $2::date - floor(random() * 500)::int as invoice_date, n % 33 = 0 as is_credit, n % 40 = 0 as is_disputed, random() as who
       from generate_series(1, $3::int) n
       join (select id, row_number() over (order by id) as place, random() as draw from customers where tenant_id = $1) c
         on c.place = 1 + (n::bigint * 7919) % $4`,
    [tenant_id, today, Math.round((open * 8) / 7), open / 50],
  )
  // A tenth of the open ones is paid in part; a fifteenth of all payments came in the last 30 days, besides those of the young.
  await client.query(
    `alter table made add paid bigint, add paid_on date;
     update made set paid = case when is_settled then amount when part < 0.16 then floor(amount * part * 4)::bigint else 0 end,
                     paid_on = least('${today}'::date, invoice_date + case when part > 0.93 then 500 else floor(part * 6 * 90)::int % 120 end)`,
  )
  await client.query(
    `insert into invoices (tenant_id, customer_id, number, number_key, document_type, currency, amount, open_amount, invoice_date, due_date,
                           is_disputed, stated_disputed, region_id, assigned_to, first_on, last_on)
     select $1, customer_id, 'INV-' || n, 'INV-' || n, case when is_credit then 'credit_note' else 'invoice' end,
            case when draw < 0.7 then 'USD' when draw < 0.9 then 'EUR' else 'GBP' end,
            case when is_credit then -amount else amount end, case when is_credit then paid - amount else amount - paid end, invoice_date,
            invoice_date + (array[15, 30, 30, 45, 60])[1 + customer_id % 5], is_disputed, is_disputed,
            ($2::bigint[])[1 + customer_id % array_length($2, 1)],
            case when who < 0.9 then ($3::bigint[])[1 + (customer_id / 8) % array_length($3, 1)] end,
            invoice_date, case when paid = 0 then invoice_date else paid_on end
       from made order by n`,
    [tenant_id, regions, collectors],
  )
  // As imports write them: each file's invoices and payments together, so the ledger lies in the order of its days.
  await client.query(
    `insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on)
     select tenant_id, invoice_id, kind, amount, effective_on
       from (select i.tenant_id, i.id as invoice_id, 'invoice' as kind, i.amount, i.invoice_date as effective_on
               from invoices i where i.tenant_id = $1
             union all
             select i.tenant_id, i.id, 'payment', i.open_amount - i.amount, m.paid_on
               from invoices i join made m on i.number = 'INV-' || m.n where i.tenant_id = $1 and i.open_amount <> i.amount) e
      order by effective_on, invoice_id`,
    [tenant_id],
  )
  await client.query('commit')
  await client.query('vacuum analyze')
}

import { sql } from 'kysely'
import { asSystem } from '../server/core/scope.ts'
import type { TestApp } from './app.ts'
import type { Organisation, Person } from './given.ts'

// Files that go into the books, and what the books then are.

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
export type Sent = { status: number; body: any }

/** Sends a file to one of the doors for imports. */
export async function send(
  { app }: TestApp,
  by: Person,
  content: string | Buffer,
  fields: Record<string, string> = {},
  { name = 'ar.csv', url = '/api/import-ar-data', headers = {} as Record<string, string> } = {},
): Promise<Sent> {
  const form = new FormData()
  for (const [key, value] of Object.entries(fields)) form.set(key, value)
  form.set('file', new Blob([content as never]), name)
  const encoded = new Response(form)
  const raw = await app.inject({
    method: 'POST',
    url,
    headers: { ...by.headers, ...headers, 'content-type': encoded.headers.get('content-type')! },
    payload: Buffer.from(await encoded.arrayBuffer()),
  })
  return { status: raw.statusCode, body: raw.json() }
}

/** Rows that the organisation sees. */
export const rowsIn = <R>({ database }: TestApp, org: Organisation, query: ReturnType<typeof sql<R>>) =>
  asSystem(database, 'test', async (system) => (await query.execute((await system.enter(org.id)).db)).rows)

/** All that the books say, without ids, times and how they came to it: two books that are equal here are the same. */
export async function booksOf(test: TestApp, org: Organisation) {
  const customers = await rowsIn(
    test,
    org,
    sql`select key, code, name, email, phone from customers where tenant_id = ${org.id} and not retracted order by key`,
  )
  const invoices = await rowsIn(
    test,
    org,
    sql`select c.key as customer, i.number_key, i.number, i.document_type, i.currency, i.amount, i.open_amount, i.invoice_date, i.due_date,
               i.terms_days, i.settled_on, i.is_disputed, i.operating_unit, i.po_number, i.notes, i.assigned_to, s.key as source
          from invoices i join customers c on c.tenant_id = i.tenant_id and c.id = i.customer_id
          left join import_sources s on s.tenant_id = i.tenant_id and s.id = i.source_id
         where i.tenant_id = ${org.id} and not i.retracted order by 1, 2`,
  )
  const entries = await rowsIn(
    test,
    org,
    sql`select c.key as customer, i.number_key, e.kind, e.effective_on, e.effective_after, sum(e.amount)::text as amount
          from invoice_entries e
          join invoices i on i.tenant_id = e.tenant_id and i.id = e.invoice_id
          join customers c on c.tenant_id = i.tenant_id and c.id = i.customer_id
         where e.tenant_id = ${org.id}
         group by 1, 2, 3, 4, 5 having sum(e.amount) <> 0 order by 1, 2, 3, 4, 5`,
  )
  return { customers, invoices, entries }
}

/** Invoices whose open amount is not the sum of their entries, or whose entries lie outside the days they are said to lie between. */
export const broken = (test: TestApp, org: Organisation) =>
  rowsIn(
    test,
    org,
    sql`select i.number from invoices i left join invoice_entries e on e.tenant_id = i.tenant_id and e.invoice_id = i.id
         where i.tenant_id = ${org.id} group by i.id, i.number, i.open_amount, i.first_on, i.last_on
        having i.open_amount <> coalesce(sum(e.amount), 0) or min(e.effective_on) < i.first_on or max(e.effective_on) > i.last_on`,
  )

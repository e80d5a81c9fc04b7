import { type RawBuilder, sql } from 'kysely'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'

export const who = (alias: string) =>
  sql`case when ${sql.ref(`${alias}.id`)} is not null then json_build_object('id', ${sql.ref(`${alias}.id`)}, 'full_name', coalesce(nullif(${sql.ref(`${alias}.full_name`)}, ''), ${sql.ref(`${alias}.username`)})) end`

type Person = { id: number; full_name: string } | null
type AllocationRow = {
  id: number
  kind: string
  invoice_id: number
  invoice_number: string
  amount: number
  currency: string
  credit_id: number | null
  credit_number: string | null
  payment_id: number | null
  write_off_id: number | null
  in_books: boolean
  said_on: string
  created_by: Person
  created_at: string
  reversed_by: Person
  reversed_at: string | null
  returned_on: string | null
}
/** Allocations on invoices that the caller sees, taken back ones too. */
export async function allocationsOf(scope: Scope, which: RawBuilder<unknown>) {
  const { rows } = await sql<AllocationRow>`
    select a.id, a.kind, a.invoice_id, i.number as invoice_number, a.credit_id, k.number as credit_number, a.payment_id, a.write_off_id, a.amount, i.currency, not i.retracted as in_books, a.said_on,
           ${who('u')} as created_by, a.created_at, ${who('v')} as reversed_by, a.reversed_at, a.returned_on
      from payment_allocations a
      join invoices i on i.tenant_id = ${scope.tenantId} and i.id = a.invoice_id
      left join invoices k on k.tenant_id = ${scope.tenantId} and k.id = a.credit_id
      left join users u on u.id = a.created_by
      left join users v on v.id = a.reversed_by
     where a.tenant_id = ${scope.tenantId} and ${which} order by a.id`.execute(scope.db)
  return rows.map(({ currency, ...row }) => ({ ...row, amount: wireNumber(row.amount, currency) }))
}

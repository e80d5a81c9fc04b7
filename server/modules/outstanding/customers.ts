import { sql } from 'kysely'
import { wireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { bandDays, bandHolding, bands } from '../receivables/bands.ts'
import { monthEnd, monthText } from './rules.ts'
import type { invoiceStatuses, remarks, SheetCustomer } from './schemas.ts'
import { ageText, balances, readQuery, regionCode, type SheetQuery, sheetsIn, withinYear } from './sheets.ts'

type Line = {
  customer_id: number
  month: string
  invoice_id: number | null
  number: string | null
  amount: number
  open_amount: number
  age: string | null
  invoice_date: string | null
  region: string
  /** As the books know the invoice today. */
  is_disputed: boolean | null
  open_now: number | null
}
type Customer = {
  id: number
  code: string | null
  name: string
  remark: Exclude<(typeof remarks)[number], 'none'> | null
  notes: string | null
  engineer_id: number | null
  engineer: string | null
  department: string | null
}

/** The data sheet: customers of a financial year, or of one month of it, with their invoices and what was outstanding. */
export async function listSheet(scope: Scope, query: SheetQuery): Promise<SheetCustomer[]> {
  const asked = await readQuery(scope, query)
  const { from, to } = query.month ? { from: asked.month, to: asked.month } : withinYear(scope, asked.year)
  const within = balances(scope, asked, await sheetsIn(scope, asked, from, to), true)
  const [customers, lines] = await scope.overAllRows(async () => [
    await sql<Customer>`
      select c.id, c.code, c.name, c.remark, c.notes, c.assigned_to as engineer_id, coalesce(nullif(u.full_name, ''), u.username) as engineer,
             d.name as department
        from customers c
        left join users u on u.id = c.assigned_to
        left join departments d on d.tenant_id = c.tenant_id and d.id = c.department_id
       where c.tenant_id = ${scope.tenantId} and c.id in (select b.customer_id ${within})
       order by lower(c.name), c.id`.execute(scope.db),
    await sql<Line>`
      select b.customer_id, b.month, b.invoice_id, b.number, b.amount, b.open_amount, ${ageText} as age, b.invoice_date, ${regionCode} as region,
             i.is_disputed, i.open_amount as open_now
      ${within}
       order by b.customer_id, b.month, b.row`.execute(scope.db),
  ])
  const money = (minor: number) => wireNumber(minor, scope.tenant.currency)
  // Without a sheet of the month nothing is outstanding in it; the latest month is that of all customers, not of each.
  const latest = lines.rows.reduce((last, line) => (line.month > last ? line.month : last), '')
  const byCustomer = Map.groupBy(lines.rows, (line) => line.customer_id)
  return customers.rows.map((customer) => {
    const own = byCustomer.get(customer.id) ?? []
    const current = own.filter((line) => line.month === latest && line.open_amount !== 0)
    const outstandings = (of: Line[]) =>
      [...Map.groupBy(of, (line) => line.month)].map(([month, each]) => ({
        month: monthText(month),
        amount: money(each.reduce((sum, line) => sum + line.open_amount, 0)),
        agePeriod: oldest(each),
      }))
    const ages = { ...Object.fromEntries(bands.map((band) => [band, 0])), total: 0 } as SheetCustomer['ages']
    for (const line of current) {
      const band = line.age === null ? undefined : bandHolding(line.age)
      if (band) ages[band] += line.open_amount
      ages.total += line.open_amount
    }
    return {
      id: String(customer.id),
      customerCode: customer.code ?? String(customer.id),
      customerName: customer.name,
      region: own.at(-1)?.region ?? '',
      department: customer.department,
      agePeriod: oldest(current),
      outstandingAmount: money(ages.total),
      remarks: customer.remark ?? ('none' as const),
      notes: customer.notes ?? '',
      assignedEngineer: customer.engineer,
      assignedEngineerId: customer.engineer_id === null ? null : String(customer.engineer_id),
      ages: Object.fromEntries(
        Object.entries(ages).map(([band, minor]) => [band, money(minor)]),
      ) as SheetCustomer['ages'],
      outstandings: outstandings(own),
      invoices: [...Map.groupBy(own.filter(isInvoice), (line) => line.invoice_id)].map(([id, of]) => {
        const last = of.at(-1)!
        return {
          id: String(id),
          customerId: String(customer.id),
          invoiceNumber: last.number,
          invoiceAmount: money(last.amount),
          // Without a date the end of the first month that names it stands in: the front end reads a day.
          invoiceDate: last.invoice_date ?? monthEnd(of[0]!.month),
          status: statusOf(last),
          outstandings: outstandings(of),
        }
      }),
    }
  })
}

const isInvoice = (line: Line): line is Line & { invoice_id: number; number: string } =>
  line.invoice_id !== null
const statusOf = ({ is_disputed, open_now }: Line): (typeof invoiceStatuses)[number] =>
  open_now === 0 ? 'paid' : is_disputed ? 'dispute' : 'unpaid'

/** The band of what is outstanding longest. */
function oldest(lines: Line[]): string | null {
  const ages = lines.filter((line) => line.open_amount > 0 && line.age !== null).map((line) => line.age!)
  const days = (age: string) => bandDays(age)?.from ?? -1
  return ages.toSorted((a, b) => days(b) - days(a))[0] ?? null
}

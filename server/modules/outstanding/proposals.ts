import { sql } from 'kysely'
import type { z } from 'zod'
import { notFound } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { beginAct } from '../receivables/assignments.ts'
import { giveCustomers } from '../receivables/team/customers.ts'
import { monthText } from './rules.ts'
import type { AcceptProposals } from './schemas.ts'
import { latestMonth, listEngineers, mine, sheetsIn } from './sheets.ts'

// Sheets may name an engineer beside a customer. That gives nobody anything: it proposes, and whoever assigns accepts.

export type Proposal = {
  customer_id: number
  code: string | null
  name: string
  region: string | null
  /** As the sheet writes it. */
  said: string
  /** Who that is among the engineers of the customer's region; null where nobody, or more than one, is called so. */
  engineer_id: number | null
  engineer: string | null
  /** Who has the customer now. */
  now_id: number | null
  now: string | null
}

/** Customers of the latest sheets beside whom these name somebody else than who has them. */
export async function listProposals(scope: Scope): Promise<{ month: string | null; items: Proposal[] }> {
  const month = await latestMonth(scope, null, undefined)
  if (!month) return { month: null, items: [] }
  const sheets = await sheetsIn(scope, { department_id: null }, month, month)
  if (sheets.length === 0) return { month: null, items: [] }
  const engineers = await listEngineers(scope)
  const { rows } = await scope.overAllRows(() =>
    sql<Omit<Proposal, 'engineer_id' | 'engineer'> & { region_id: number | null }>`
      select c.id as customer_id, c.code, c.name, g.name as region, c.region_id, s.said, c.assigned_to as now_id,
             coalesce(nullif(u.full_name, ''), u.username) as now
        from (select r.customer_id, min(r.sales_person) as said
                from import_rows r
               where r.tenant_id = ${scope.tenantId} and r.import_id = any(${sheets.map(({ import_id }) => import_id)}::bigint[])
                 and r.sales_person is not null and r.customer_id is not null and r.outcome in ('new', 'changed', 'unchanged', 'older')
               -- Rows of one customer that name different people say nothing.
               group by r.customer_id having count(distinct lower(r.sales_person)) = 1) s
        join customers c on c.tenant_id = ${scope.tenantId} and c.id = s.customer_id and not c.retracted
        left join regions g on g.tenant_id = c.tenant_id and g.id = c.region_id
        left join users u on u.id = c.assigned_to
       where ${mine(scope)}
       order by lower(c.name), c.id`.execute(scope.db),
  )
  const items = rows.flatMap(({ region_id, ...row }): Proposal[] => {
    const called = engineers.filter(
      (each) =>
        [each.name, each.username, each.email].some(
          (name) => name.toLowerCase() === row.said.trim().toLowerCase(),
        ) &&
        (region_id === null || each.region_id === null || each.region_id === region_id),
    )
    const [one] = called.length === 1 ? called : []
    if (one && one.id === row.now_id) return []
    return [{ ...row, engineer_id: one?.id ?? null, engineer: one?.name ?? null }]
  })
  return { month: monthText(month), items }
}

/** Gives customers to the engineers that the latest sheets name: those named, or all of whom that is known. One undo takes all back. */
export async function acceptProposals(
  scope: Scope,
  { customer_ids }: z.output<typeof AcceptProposals>,
): Promise<{ customers: number; invoices: number; act_id: number | null }> {
  if (customer_ids) await requireMine(scope, [...new Set(customer_ids)])
  const { items } = await listProposals(scope)
  const chosen = items.filter(
    ({ customer_id, engineer_id }) =>
      engineer_id !== null && (!customer_ids || customer_ids.includes(customer_id)),
  )
  if (chosen.length === 0) return { customers: 0, invoices: 0, act_id: null }
  const act_id = await beginAct(scope)
  let [customers, invoices] = [0, 0]
  for (const [engineer, of] of Map.groupBy(chosen, ({ engineer_id }) => engineer_id!)) {
    const given = await giveCustomers(
      scope,
      of.map(({ customer_id }) => customer_id),
      engineer,
      { act: act_id },
    )
    customers += given.changed
    invoices += given.invoices
  }
  return { customers, invoices, act_id }
}

async function requireMine(scope: Scope, ids: number[]) {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from customers c
     where c.tenant_id = ${scope.tenantId} and c.id = any(${ids}) and not c.retracted and ${mine(scope)}`.execute(
    scope.db,
  )
  if (rows[0]!.n < ids.length) throw notFound('One of these customers')
}

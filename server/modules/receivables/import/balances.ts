import { sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import type { Outcome, Planning } from '../../imports/target.ts'
import { findPlaces } from './places.ts'
import { findAccounts, runner } from './plan.ts'

/** Rows of a sheet by customer, beside the last sheet up to the same month: a balance is one by customer and age band. */
export async function planBalances(scope: Scope, planning: Planning): Promise<Outcome> {
  const { tenantId } = scope
  const run = runner(scope)
  const { id, said } = planning
  const { month, department_id } = said.period!
  await findAccounts(run, scope)
  const unknown = await findPlaces(run, scope, planning)
  await run(sql`
    insert into import_rows (tenant_id, import_id, row, outcome, changes, customer_id, currency, amount, open_amount, region, region_id, age_band,
                             sales_person, number, problems, cells)
    with before as (
      select b.customer_id, coalesce(b.age_band, '') as age_band, b.currency, sum(b.open_amount)::bigint as open_amount
        from outstanding_balances b
       where b.tenant_id = ${tenantId} and b.department_id = ${department_id}
         and b.month = (select max(x.month) from outstanding_sheets x join imports m on m.tenant_id = x.tenant_id and m.id = x.import_id
                         where x.tenant_id = ${tenantId} and x.department_id = ${department_id} and x.month <= ${month}::date and m.status = 'published')
       group by 1, 2, 3
    )
    select ${tenantId}, ${id}, s.row,
           case when s.problems is not null then 'rejected' when b.customer_id is null then 'new'
                when b.open_amount <> s.open_amount then 'changed' else 'unchanged' end,
           case when b.open_amount <> s.open_amount then jsonb_build_object('open_amount', jsonb_build_array(b.open_amount, s.open_amount)) end,
           a.id, s.currency, s.amount, s.open_amount, s.region, p.id, s.age_band, s.sales_person, null, s.problems, s.cells
      from staged s
      left join accounts a on a.key = s.customer_key and s.problems is null
      left join places p on p.kind = 'region' and p.word = s.region
      left join before b on b.customer_id = a.id and b.age_band = coalesce(s.age_band, '') and b.currency = s.currency`)
  await run(sql`
    insert into import_accounts (tenant_id, import_id, customer_id, key, code, name, email, phone)
    select ${tenantId}, ${id}, id, key, code, name, email, phone from accounts`)
  type Group = Outcome['difference'][number]
  const groups = await run(sql<Group>`
    select outcome, coalesce(currency, '') as currency, count(*)::int as count, coalesce(sum(amount), 0)::bigint as amount,
           coalesce(sum(open_amount), 0)::bigint as open_amount,
           coalesce(sum(case outcome when 'changed' then (changes -> 'open_amount' ->> 0)::bigint when 'unchanged' then open_amount end), 0)::bigint as open_before
      from import_rows where tenant_id = ${tenantId} and import_id = ${id} group by 1, 2 order by 1, 2`)
  const count = (outcome: string) =>
    groups.filter((group) => group.outcome === outcome).reduce((sum, group) => sum + group.count, 0)
  const taken = groups.filter(({ outcome }) => outcome !== 'rejected')
  return {
    rows: groups.reduce((sum, group) => sum + group.count, 0),
    new: count('new'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    older: 0,
    repeated: 0,
    folded: 0,
    rejected: count('rejected'),
    // It speaks of no invoice, so none can be missing from it.
    kind: 'changes',
    missing: 0,
    missing_share: 0,
    missed_later: [],
    future: 0,
    totals: [...Map.groupBy(taken, ({ currency }) => currency)].map(([currency, of]) => ({
      currency,
      amount: of.reduce((sum, group) => sum + group.amount, 0),
      open_amount: of.reduce((sum, group) => sum + group.open_amount, 0),
    })),
    difference: taken,
    rejects: await run(sql<Outcome['rejects'][number]>`
      select row, number, problems from import_rows
       where tenant_id = ${tenantId} and import_id = ${id} and outcome = 'rejected' order by row limit 1000`),
    coverage: {
      currencies: [...new Set(taken.map(({ currency }) => currency))].sort(),
      operating_units: [],
      regions: [],
      outlets: [],
    },
    unknown,
  }
}

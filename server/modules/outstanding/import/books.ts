import { sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import { monthIn } from '../../imports/mapping.ts'
import type { Outcome, Period, Planning, Snapshot } from '../../imports/target.ts'
import { notify } from '../../notifications/notifications.ts'
import { placeCustomers } from '../../receivables/customer-places.ts'
import { planBalances } from '../../receivables/import/balances.ts'
import { foldCustomers } from '../../receivables/import/fold.ts'
import { laterImports, planReceivables, type Run, runner } from '../../receivables/import/plan.ts'
import {
  decideReceivables,
  publishReceivables,
  revertReceivables,
  writeCustomers,
} from '../../receivables/import/publish.ts'
import { addPresetRegions } from '../../tenancy/places.ts'
import { monthText } from '../rules.ts'
import { peopleOf } from '../told.ts'

// A sheet by invoice goes the way of every export of receivables: its rows are statements about invoices, and the books
// follow from them. A sheet by customer states balances: they are kept as stated, and are never invoices.

export async function planSheet(scope: Scope, planning: Planning): Promise<Outcome> {
  const { fields, mapping, said } = planning
  await wantRegions(scope)
  const outcome = fields.has('invoice_number')
    ? await planReceivables(scope, planning)
    : await planBalances(scope, planning)
  const column = mapping.open_amount ?? ''
  const named = monthIn(column)
  const { month } = said.period!
  if (named !== undefined && named !== Number(month.slice(5, 7)))
    outcome.unknown.push({
      kind: `The outstanding column names another month than ${monthText(month)}`,
      words: [column],
    })
  return outcome
}

/** Organisations without any region begin with those of the document. */
async function wantRegions(scope: Scope) {
  const some = await scope.db.selectFrom('regions').select('id').limit(1).executeTakeFirst()
  if (!some) await addPresetRegions(scope)
}

export async function publishSheet(scope: Scope, snapshot: Snapshot): Promise<void> {
  const run = runner(scope)
  const { level, period } = await sheetOf(run, scope, snapshot)
  await scope.db
    .insertInto('outstanding_sheets')
    .values({
      import_id: snapshot.id,
      level,
      month: period.month,
      financial_year: period.financial_year,
      department_id: period.department_id,
    })
    .execute()
  if (level === 'invoice') await publishReceivables(scope, snapshot)
  else {
    const later = await laterImports(run, scope, snapshot)
    await writeCustomers(run, scope, snapshot, later.length === 0)
  }
  await placeCustomers(scope, snapshot.id)
  await notify(scope, {
    user_ids: await peopleOf(scope, ['outstanding_admin', 'country_manager', 'regional_manager', 'engineer']),
    kind: 'import_published',
    subject: 'import',
    subject_id: snapshot.id,
    data: { to: 'all', month: monthText(period.month), department: period.department },
    text: `The outstanding sheet of ${monthText(period.month)} for ${period.department} is there.`,
  })
}

export async function revertSheet(scope: Scope, snapshot: Snapshot): Promise<void> {
  const run = runner(scope)
  const { level } = await sheetOf(run, scope, snapshot)
  if (level === 'invoice') await revertReceivables(scope, snapshot)
  else await foldCustomers(run, scope, snapshot.id)
  await placeCustomers(scope, snapshot.id)
}

export const decideSheet = decideReceivables

async function sheetOf(run: Run, { tenantId }: Scope, { id }: Snapshot) {
  const [kept] = await run(sql<{ period: Period; is_invoice: boolean }>`
    select said -> 'period' as period, mapping ? 'invoice_number' as is_invoice from imports where tenant_id = ${tenantId} and id = ${id}`)
  return { period: kept!.period, level: kept!.is_invoice ? ('invoice' as const) : ('customer' as const) }
}

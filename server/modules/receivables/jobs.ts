import { sql } from 'kysely'
import type { Jobs } from '../../core/jobs.ts'
import { asSystem, type Scope } from '../../core/scope.ts'
import { turnAbsences } from './team/absences.ts'

const NAMED_MAX = 100

/** Invoices whose open amount is not the sum of their entries: there should never be any. Answers the first hundred. */
async function misstatedInvoices(scope: Scope): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select i.id
      from invoices i
      left join (select invoice_id, sum(amount) as amount from invoice_entries where tenant_id = ${scope.tenantId} group by invoice_id) e
        on e.invoice_id = i.id
     where i.tenant_id = ${scope.tenantId} and i.open_amount <> coalesce(e.amount, 0)
     order by i.id limit ${NAMED_MAX}`.execute(scope.db)
  return rows.map(({ id }) => id)
}

export const receivablesJobs: Jobs = {
  tasks: {
    /** Every night: what is kept beside the ledger still says what the ledger says, in every organisation. */
    async receivables_check(deps, _payload, log) {
      const now = deps.now()
      const tenants = await asSystem(
        deps.database,
        'check of the books',
        ({ db }) => db.selectFrom('tenants').select('id').orderBy('id').execute(),
        { now },
      )
      for (const { id } of tenants) {
        const ids = await asSystem(
          deps.database,
          'check of the books',
          async (system) => {
            const scope = await system.enter(id)
            const found = await misstatedInvoices(scope)
            if (found.length > 0) await scope.record('invoice.misstated', null, { invoice_ids: found })
            return found
          },
          { now },
        )
        if (ids.length > 0)
          log.error(
            { tenant_id: id, invoice_ids: ids },
            'Open amounts differ from the sums of their ledger entries; ageing and lists of this organisation cannot be trusted',
          )
      }
    },
    /** Every hour, because days begin at another hour in each organisation: absences that are due begin and end. */
    async absences(deps, _payload, _log) {
      const now = deps.now()
      const tenants = await asSystem(
        deps.database,
        'absences',
        ({ db }) => db.selectFrom('tenants').select('id').orderBy('id').execute(),
        { now },
      )
      for (const { id } of tenants)
        await asSystem(deps.database, 'absences', async (system) => turnAbsences(await system.enter(id)), {
          now,
        })
    },
  },
  cron: ['43 1 * * * receivables_check', '4 * * * * absences'],
}

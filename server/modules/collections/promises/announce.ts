import { sql } from 'kysely'
import type { Jobs } from '../../../core/jobs.ts'
import { decimalText } from '../../../core/money.ts'
import { asSystem, type Scope } from '../../../core/scope.ts'
import { notify } from '../../notifications/notifications.ts'
import { promiseVerdicts, type Verdict } from './verdict.ts'

type Told = { id: number; verdict: Verdict; before: string | null; customer_id: number; paid: number }

/**
 * Tells each verdict once, as an event: also that a promise which was kept is not any more, or is open again, because a payment was
 * reversed or an import undone. The verdicts themselves need no telling: they follow from the ledger whenever somebody looks.
 */
export async function announceVerdicts(scope: Scope): Promise<Told[]> {
  const { tenantId, today } = scope
  const { rows } = await sql<Told>`
    with told as (
      select v.promise_id, v.verdict, v.paid, p.announced,
             case when v.verdict in ('superseded', 'withdrawn') or v.verdict = 'open' and p.announced is null then null else v.verdict end as now
        from (${promiseVerdicts(scope, { as_of: today })}) v
        join promises p on p.tenant_id = ${tenantId} and p.id = v.promise_id)
    update promises p set announced = t.now
      from told t
     where p.tenant_id = ${tenantId} and p.id = t.promise_id and t.announced is distinct from t.now
    returning p.id, t.verdict, t.announced as before, p.customer_id, t.paid`.execute(scope.db)
  rows.sort((a, b) => a.id - b.id)
  for (const [kind, of] of Map.groupBy(rows, ({ verdict }) => kinds[verdict]))
    await scope.recordEach(
      kind,
      of.map(({ id, before, customer_id, paid }) => ({
        subject_id: id,
        data: { customer_id, paid, before },
      })),
    )
  await tellBroken(
    scope,
    rows.filter(({ verdict }) => verdict === 'broken').map(({ id }) => id),
  )
  return rows
}

/** Who took the promise, and who works its invoices. */
async function tellBroken(scope: Scope, ids: number[]) {
  if (ids.length === 0) return
  const { rows } = await sql<{
    id: number
    customer_id: number
    customer: string
    invoice_number: string
    amount: number
    currency: string
    user_ids: number[]
  }>`
    select p.id, p.customer_id, c.name as customer, min(i.number) as invoice_number, p.amount, p.currency,
           array_remove(array_agg(distinct i.assigned_to) || p.made_by, null) as user_ids
      from promises p
      join customers c on c.tenant_id = ${scope.tenantId} and c.id = p.customer_id
      join promise_invoices pi on pi.tenant_id = ${scope.tenantId} and pi.promise_id = p.id
      join invoices i on i.tenant_id = ${scope.tenantId} and i.id = pi.invoice_id
     where p.tenant_id = ${scope.tenantId} and p.id = any(${ids})
     group by p.id, p.customer_id, c.name, p.amount, p.currency, p.made_by order by p.id`.execute(scope.db)
  for (const { id, user_ids, amount, currency, ...data } of rows)
    await notify(scope, {
      user_ids,
      kind: 'promise_broken',
      subject: 'promise',
      subject_id: id,
      data: { ...data, currency, amount: decimalText(amount, currency) },
    })
}

const kinds: Record<Verdict, string> = {
  kept: 'promise.kept',
  partially_kept: 'promise.partially_kept',
  broken: 'promise.broken',
  open: 'promise.reopened',
  superseded: 'promise.reopened',
  withdrawn: 'promise.reopened',
}

export const promiseJobs: Jobs = {
  tasks: {
    /** After the books of an organisation have changed; every night without a name, for those whose last day has passed. */
    async promise_verdicts(deps, { tenant_id }, log) {
      const now = deps.now()
      const tenants =
        typeof tenant_id === 'number'
          ? [{ id: tenant_id }]
          : await asSystem(
              deps.database,
              'verdicts of promises',
              ({ db }) =>
                db.selectFrom('tenants').select('id').where('is_active', '=', true).orderBy('id').execute(),
              { now },
            )
      for (const { id } of tenants) {
        const told = await asSystem(
          deps.database,
          'verdicts of promises',
          async (system) => announceVerdicts(await system.enter(id)),
          { now },
        )
        if (told.length > 0)
          log.info({ tenant_id: id, promises: told.length }, 'Verdicts of promises were told')
      }
    },
  },
  cron: ['13 2 * * * promise_verdicts'],
}

import { sql } from 'kysely'
import { addDays } from '../../server/core/dates.ts'
import type { Scope } from '../../server/core/scope.ts'
import { nextOn } from '../../server/modules/insights/schedules.ts'

/** What the last months' rates were, and a pack for the director every Monday. */
export async function loadDemoInsights(scope: Scope) {
  const { tenantId, today } = scope
  const courses: [currency: string, rate: number, step: number][] = [
    ['USD', 83.1, 0.21],
    ['EUR', 89.6, -0.14],
    ['GBP', 105.2, 0.17],
  ]
  const rates = courses.flatMap(([currency, rate, step]) =>
    Array.from({ length: 10 }, (_, n) => ({
      currency,
      day: `${addDays(today, -30 * (9 - n)).slice(0, 7)}-01`,
      rate: (rate + step * n).toFixed(4),
    })),
  )
  await sql`
    insert into rates (tenant_id, currency, day, rate, source, created_at)
    select ${tenantId}, r.currency, r.day, r.rate, 'Month rates of the treasury', ${scope.now}
      from jsonb_to_recordset(${JSON.stringify(rates)}::jsonb) as r(currency text, day date, rate numeric)
        on conflict do nothing`.execute(scope.db)
  await sql`
    insert into report_schedules (tenant_id, name, every, user_ids, next_on, created_by)
    select ${tenantId}, 'Receivables, Monday morning', 'week', array[u.id], ${nextOn('week', today)}, u.id
      from users u join memberships m on m.tenant_id = ${tenantId} and m.user_id = u.id
     where u.username = 'director' and u.deleted_at is null
       and not exists (select from report_schedules s where s.tenant_id = ${tenantId})`.execute(scope.db)
}

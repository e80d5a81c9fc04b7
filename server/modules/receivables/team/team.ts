import { sql } from 'kysely'
import type { z } from 'zod'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { assignable } from '../assignments.ts'
import type { Team } from './schemas.ts'

type Sum = {
  user_id: number
  currency: string
  count: number
  open_amount: string
  overdue_count: number
  overdue_amount: string
}
type Person = Omit<z.input<typeof Team>['people'][number], 'count' | 'overdue_count' | 'customers' | 'load'>

/** Who has how much on the table, and what nobody has; of the invoices that the caller sees. */
export async function getTeam(scope: Scope): Promise<z.input<typeof Team>> {
  const { tenantId, today } = scope
  const late = sql`i.open_amount > 0 and i.aged_from < ${today}::date`
  const [{ rows: sums }, { rows: customers }, { rows: people }] = await Promise.all([
    sql<Sum>`
      select i.assigned_key as user_id, i.currency, count(*)::int as count, sum(i.open_amount)::text as open_amount,
             (count(*) filter (where ${late}))::int as overdue_count, coalesce(sum(i.open_amount) filter (where ${late}), 0)::text as overdue_amount
        from invoices i where i.tenant_id = ${tenantId} and i.open_amount <> 0 group by 1, 2 order by 1, 2`.execute(
      scope.db,
    ),
    sql<{ user_id: number; n: number }>`
      select i.assigned_key as user_id, count(distinct i.customer_id)::int as n
        from invoices i where i.tenant_id = ${tenantId} and i.open_amount <> 0 group by 1`.execute(scope.db),
    sql<Person>`
      select u.id, coalesce(nullif(u.full_name, ''), u.username) as full_name, u.username,
             array(select r.name from membership_roles mr join roles r on r.tenant_id = ${tenantId} and r.id = mr.role_id
                    where mr.tenant_id = ${tenantId} and mr.user_id = u.id order by r.name) as roles,
             coalesce(t.open, 0) as tasks_open, coalesce(t.overdue, 0) as tasks_overdue,
             (select count(*)::int from contact_attempts k where k.tenant_id = ${tenantId} and k.user_id = u.id
                 and k.attempted_at > ${scope.now}::timestamptz - interval '7 days') as contacts_week,
             (select json_build_object('from_on', b.from_on, 'until_on', b.until_on, 'running', b.started_at is not null,
                       'stand_in', json_build_object('id', s.id, 'full_name', coalesce(nullif(s.full_name, ''), s.username)))
                from absences b join users s on s.id = b.stand_in_id
               where b.tenant_id = ${tenantId} and b.user_id = u.id and b.ended_at is null and b.cancelled_at is null
               order by b.from_on limit 1) as away
        from (${assignable(scope)}) a
        join users u on u.id = a.user_id
        left join (select owner_id, count(*)::int as open, (count(*) filter (where due_on < ${today}::date))::int as overdue
                     from tasks where tenant_id = ${tenantId} and done_at is null group by 1) t on t.owner_id = u.id
       order by lower(coalesce(nullif(u.full_name, ''), u.username)), u.id`.execute(scope.db),
  ])
  const loadOf = (id: number) => {
    const own = sums.filter(({ user_id }) => user_id === id)
    return {
      count: own.reduce((all, { count }) => all + count, 0),
      overdue_count: own.reduce((all, each) => all + each.overdue_count, 0),
      customers: customers.find(({ user_id }) => user_id === id)?.n ?? 0,
      load: own.map(({ user_id: _, open_amount, overdue_amount, ...sum }) => ({
        ...sum,
        open_amount: wireNumber(BigInt(open_amount), sum.currency),
        overdue_amount: wireNumber(BigInt(overdue_amount), sum.currency),
      })),
    }
  }
  return {
    as_of: today,
    people: people.map((person) => ({ ...person, ...loadOf(person.id) })),
    unassigned: loadOf(0),
  }
}

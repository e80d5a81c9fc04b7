import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { balancesOn, isCash, known, onAccount, readyToSum } from './balances.ts'
import { percentOf } from './rules.ts'
import { ofCurrency, type View, viewFacts } from './view.ts'

/** Who has how much to do: open and overdue invoices, tasks and disputes, and what nobody has. */
export async function getTeam(scope: Scope, view: View) {
  await readyToSum(scope)
  const { tenantId } = scope
  const [{ rows: loads }, { rows: work }] = [
    await sql<{
      user_id: number
      currency: string
      open: string
      overdue: string
      count: number
      late: number
      oldest: number | null
    }>`
      select assigned_key as user_id, currency, sum(b0)::text as open, coalesce(sum(b0) filter (where aged_from < ${view.as_of}), 0)::text as overdue,
             count(*)::int as count, (count(*) filter (where aged_from < ${view.as_of}))::int as late,
             ${view.as_of}::date - min(aged_from) filter (where aged_from < ${view.as_of}) as oldest
        from (${balancesOn(scope, view, [view.as_of])}) b where b0 > 0 group by 1, 2`.execute(scope.db),
    await sql<{
      user_id: number
      name: string
      tasks: number
      late_tasks: number
      disputes: number
      late_disputes: number
      contacts: number
    }>`
      select u.id as user_id, coalesce(nullif(u.full_name, ''), u.username) as name, coalesce(t.tasks, 0) as tasks, coalesce(t.late, 0) as late_tasks,
             coalesce(d.disputes, 0) as disputes, coalesce(d.late, 0) as late_disputes, coalesce(a.contacts, 0) as contacts
        from memberships m join users u on u.id = m.user_id
        left join (select owner_id, count(*)::int as tasks, (count(*) filter (where due_on < ${scope.today}))::int as late
                     from tasks where tenant_id = ${tenantId} and done_at is null group by owner_id) t on t.owner_id = m.user_id
        left join (select d.owner_id, count(*)::int as disputes, (count(*) filter (where d.due_on < ${scope.today} and d.waiting_since is null))::int as late
                     from disputes d join invoices i on i.tenant_id = ${tenantId} and i.id = d.invoice_id and not i.retracted
                    where d.tenant_id = ${tenantId} and d.closed_on is null group by d.owner_id) d on d.owner_id = m.user_id
        left join (select user_id, count(*)::int as contacts from contact_attempts
                    where tenant_id = ${tenantId} and attempted_at >= ${view.from}::date::timestamp at time zone ${scope.tenant.timezone}
                      and attempted_at < (${view.as_of}::date + 1)::timestamp at time zone ${scope.tenant.timezone} group by user_id) a on a.user_id = m.user_id
       where m.tenant_id = ${tenantId}`.execute(scope.db),
  ]
  const people = new Map(work.map((one) => [one.user_id, one]))
  const byUser = Map.groupBy(loads, ({ user_id }) => user_id)
  const load = (of: typeof loads) => ({
    count: of.reduce((all, row) => all + row.count, 0),
    overdue_count: of.reduce((all, row) => all + row.late, 0),
    open: view.wire(of.reduce((all, row) => all + view.money(row.open, row.currency), 0n)),
    overdue: view.wire(of.reduce((all, row) => all + view.money(row.overdue, row.currency), 0n)),
    oldest_days: of.reduce<number | null>(
      (most, { oldest }) => (oldest === null ? most : Math.max(most ?? 0, oldest)),
      null,
    ),
  })
  const busy = work.filter(
    (one) => byUser.has(one.user_id) || one.tasks > 0 || one.disputes > 0 || one.contacts > 0,
  )
  return {
    ...viewFacts(view),
    unassigned: load(byUser.get(0) ?? []),
    items: busy
      .map(({ user_id, name, ...one }) => ({ user_id, name, ...one, ...load(byUser.get(user_id) ?? []) }))
      .sort((a, b) => b.overdue - a.overdue || a.name.localeCompare(b.name)),
    /** Somebody who is no member any more. */
    others: load(loads.filter(({ user_id }) => user_id !== 0 && !people.has(user_id))),
  }
}

/** Cash counts for the last contact in so many days before it. */
export const CONTACT_DAYS = 14
const reached = sql`a.outcome in ('spoke', 'promised', 'disputed', 'replied', 'refused')`

/**
 * What came of contacts: of what was overdue when the period began, how much is paid, with customers whom somebody contacted and, to
 * compare, those whom nobody did; and the cash that came within 14 days of a contact, for the last who made one.
 */
export async function getCollectors(scope: Scope, view: View, onlyUser?: number) {
  await readyToSum(scope)
  const { tenantId } = scope
  const zone = scope.tenant.timezone
  const begin = sql`(${view.from}::date::timestamp at time zone ${zone})`
  const end = sql`((${view.as_of}::date + 1)::timestamp at time zone ${zone})`
  const [{ rows: contacted }, { rows: cash }] = [
    await sql<{
      user_id: number | null
      name: string | null
      currency: string | null
      customers: number
      contacts: number
      reached: number
      promised: number
      overdue: string
      paid: string
    }>`
      with owed as (
        select customer_id, currency, sum(b0) as overdue, sum(b0 - greatest(least(b0, b1), 0)) as paid
          from (${balancesOn(scope, view, [view.before, view.as_of])}) b where b0 > 0 and aged_from < ${view.from} group by 1, 2
      ), contacts as (
        select a.customer_id, a.user_id, count(*)::int as contacts, (count(*) filter (where ${reached}))::int as reached,
               (count(*) filter (where a.outcome = 'promised'))::int as promised
          from contact_attempts a
         where a.tenant_id = ${tenantId} and a.attempted_at >= ${begin} and a.attempted_at < ${end}
           and exists (select from invoices i where i.tenant_id = ${tenantId} and i.customer_id = a.customer_id and not i.retracted)
         group by 1, 2
      )
      select c.user_id, coalesce(nullif(u.full_name, ''), u.username) as name, o.currency, count(distinct c.customer_id)::int as customers,
             sum(c.contacts)::int as contacts, sum(c.reached)::int as reached, sum(c.promised)::int as promised,
             coalesce(sum(o.overdue), 0)::text as overdue, coalesce(sum(o.paid), 0)::text as paid
        from contacts c left join owed o on o.customer_id = c.customer_id join users u on u.id = c.user_id
       group by 1, 2, 3
      union all
      select null, null, o.currency, count(distinct o.customer_id)::int, 0, 0, 0, sum(o.overdue)::text, sum(o.paid)::text
        from owed o where not exists (select from contacts c where c.customer_id = o.customer_id) group by o.currency`.execute(
      scope.db,
    ),
    await sql<{ user_id: number | null; currency: string; cash: string }>`
      select c.user_id, i.currency, (-sum(e.amount))::text as cash
        from invoice_entries e
        join invoices i on i.tenant_id = ${tenantId} and i.id = e.invoice_id ${onAccount(scope)}
        left join lateral (
          select a.user_id from contact_attempts a
           where a.tenant_id = ${tenantId} and a.customer_id = i.customer_id
             and a.attempted_at < ((e.effective_on + 1)::timestamp at time zone ${zone})
             and a.attempted_at >= ((e.effective_on - ${CONTACT_DAYS}::int)::timestamp at time zone ${zone})
           order by a.attempted_at desc limit 1) c on true
       where e.tenant_id = ${tenantId} and e.effective_on between ${view.from} and ${view.as_of} and ${isCash} ${ofCurrency(view)} ${known(scope, view)}
       group by 1, 2`.execute(scope.db),
  ]
  const money = (of: { currency: string | null }[], name: 'overdue' | 'paid' | 'cash') =>
    of.reduce((all, row) => {
      const minor = BigInt((row as unknown as Record<string, string>)[name]!)
      return minor === 0n ? all : all + view.money(minor, row.currency!)
    }, 0n)
  const none = 'None of these customers was overdue when the period began.'
  const line = (of: typeof contacted, cashOf: typeof cash) => {
    const [overdue, paid] = [money(of, 'overdue'), money(of, 'paid')]
    const count = (name: 'contacts' | 'reached' | 'promised' | 'customers') =>
      of.reduce((most, row) => Math.max(most, row[name]), 0)
    const contacts = of.reduce((all, row) => all + row.contacts, 0)
    const got = money(cashOf, 'cash')
    return {
      customers: count('customers'),
      contacts,
      reached_percent: percentOf(BigInt(of.reduce((all, row) => all + row.reached, 0)), BigInt(contacts), '')
        .value,
      promised_percent: percentOf(
        BigInt(of.reduce((all, row) => all + row.promised, 0)),
        BigInt(contacts),
        '',
      ).value,
      overdue: view.wire(overdue),
      paid: view.wire(paid),
      paid_percent: percentOf(paid, overdue, none).value,
      cash: view.wire(got),
      cash_per_contact: contacts > 0 ? view.wire(got / BigInt(contacts)) : null,
    }
  }
  const people = [
    ...Map.groupBy(
      contacted.filter((row) => row.user_id !== null),
      (row) => row.user_id!,
    ),
  ]
  return {
    ...viewFacts(view),
    contact_days: CONTACT_DAYS,
    items: people
      .filter(([user_id]) => onlyUser === undefined || user_id === onlyUser)
      .map(([user_id, of]) => ({
        user_id,
        name: of[0]!.name!,
        ...line(
          of,
          cash.filter((row) => row.user_id === user_id),
        ),
      }))
      .sort((a, b) => b.cash - a.cash || a.name.localeCompare(b.name)),
    /** Customers who were overdue and whom nobody contacted, and cash that followed no contact. */
    comparison: line(
      contacted.filter((row) => row.user_id === null),
      cash.filter((row) => row.user_id === null),
    ),
  }
}

import { sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { promiseVerdicts } from '../collections/promises/verdict.ts'
import { isVisible } from '../collections/promises/view.ts'
import { percentOf } from './rules.ts'
import { type View, viewFacts } from './view.ts'

const decided = ['kept', 'partially_kept', 'broken'] as const
const none = 'No promise came due in the period and has its verdict.'

/** What came of the promises whose last day lies in the period, by count and by money; what is paid in part counts its part. */
export async function getPromisesKept(scope: Scope, view: View) {
  const { rows } = await sql<{
    verdict: string
    currency: string
    month: string
    count: number
    amount: string
    paid: string
  }>`
    select v.verdict, p.currency, to_char(p.deadline, 'YYYY-MM') as month, count(*)::int as count, sum(p.amount)::text as amount,
           sum(least(v.paid, p.amount))::text as paid
      from (${promiseVerdicts(scope, {
        as_of: view.as_of,
        known: view.known_on === view.as_of ? 'then' : 'now',
        which: sql`p.deadline between ${view.from} and ${view.as_of}`,
      })}) v
      join promises p on p.tenant_id = ${scope.tenantId} and p.id = v.promise_id
     where ${isVisible(scope)} ${view.only ? sql`and p.currency = ${view.only}` : sql``}
     group by 1, 2, 3`.execute(scope.db)
  const sum = (of: typeof rows) => {
    const count = of.reduce((all, row) => all + row.count, 0)
    const amount = of.reduce((all, row) => all + view.money(row.amount, row.currency), 0n)
    const paid = of.reduce((all, row) => all + view.money(row.paid, row.currency), 0n)
    return { count, amount, paid }
  }
  const rateOf = (of: typeof rows) => {
    const judged = of.filter(({ verdict }) => (decided as readonly string[]).includes(verdict))
    const kept = judged.filter(({ verdict }) => verdict === 'kept')
    const partly = judged.filter(({ verdict }) => verdict === 'partially_kept')
    const all = sum(judged)
    return {
      kept_percent: percentOf(BigInt(sum(kept).count), BigInt(all.count), none).value,
      kept_amount_percent: percentOf(sum(kept).amount + sum(partly).paid, all.amount, none).value,
    }
  }
  const verdicts = [...Map.groupBy(rows, ({ verdict }) => verdict)].map(([verdict, of]) => {
    const { count, amount, paid } = sum(of)
    return { verdict, count, amount: view.wire(amount), paid: view.wire(paid) }
  })
  const rates = rateOf(rows)
  return {
    ...viewFacts(view),
    ...rates,
    reason: rates.kept_percent === null ? none : null,
    verdicts,
    months: [...Map.groupBy(rows, ({ month }) => month)]
      .map(([month, of]) => ({ month, count: sum(of).count, ...rateOf(of) }))
      .sort((a, b) => a.month.localeCompare(b.month)),
  }
}

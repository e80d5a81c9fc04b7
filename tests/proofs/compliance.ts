import assert from 'node:assert/strict'
import { closedAt, defaultWeek, type Times } from '../../server/modules/communications/gates/hours.ts'
import { type Facts, judge } from '../../server/modules/communications/gates/rules.ts'
import type { Proof } from '../prove.ts'

// Reminders that may not go, in 10,000 made-up situations, ten accounts each. What is forbidden is told here once more, naively and by
// other means than the gates: from the situation as it was made up, and from lists of holidays as governments published them.

const published: Record<string, string[]> = {
  ZA: '2025-01-01 2025-03-21 2025-04-18 2025-04-21 2025-04-27 2025-04-28 2025-05-01 2025-06-16 2025-08-09 2025-09-24 2025-12-16 2025-12-25 2025-12-26 2026-01-01 2026-03-21 2026-04-03 2026-04-06 2026-04-27 2026-05-01 2026-06-16 2026-08-09 2026-08-10 2026-09-24 2026-12-16 2026-12-25 2026-12-26'.split(
    ' ',
  ),
  IN: '2025-01-26 2025-03-14 2025-03-31 2025-04-18 2025-06-07 2025-08-15 2025-10-02 2025-10-20 2025-12-25 2026-01-26 2026-03-04 2026-03-21 2026-04-03 2026-05-27 2026-08-15 2026-10-02 2026-11-08 2026-12-25'.split(
    ' ',
  ),
  UZ: '2025-01-01 2025-03-08 2025-03-21 2025-03-30 2025-05-09 2025-06-06 2025-09-01 2025-10-01 2025-12-08 2026-01-01 2026-03-08 2026-03-20 2026-03-21 2026-05-09 2026-05-27 2026-09-01 2026-10-01 2026-12-08'.split(
    ' ',
  ),
}
/** Minutes that the three countries are ahead of UTC; none of them has a summer time. */
const ahead: Record<string, number> = { ZA: 120, IN: 330, UZ: 300 }
const zones: Record<string, string> = { ZA: 'Africa/Johannesburg', IN: 'Asia/Kolkata', UZ: 'Asia/Tashkent' }
/** From and until in minutes, Sunday first. */
const hours: Record<string, ([number, number] | null)[]> = {
  ZA: [null, ...Array(5).fill([480, 1200]), [540, 780]],
  IN: [null, ...Array(6).fill([480, 1140])],
  UZ: [null, ...Array(5).fill([540, 1200]), [540, 1080]],
}
const DAY = 86_400_000
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

export default {
  name: 'compliance',
  claim: 'no reminder goes to whom, or when, it may not, and everybody left out has a reason',
  full: 10_000,
  sample: 1_000,
  async run({ trials, random }) {
    const chance = (p: number) => random() < p
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
    let sent = 0
    let left = 0
    const reasons = new Map<string, number>()
    for (let trial = 0; trial < trials; trial++) {
      const country = pick(['ZA', 'IN', 'UZ'])
      // Half of the trials in working hours of a weekday, so that the other gates are reached.
      const anyDay = Date.UTC(2025, 0, 1) + Math.floor(random() * 729) * DAY
      const minute = chance(0.5) ? 660 + Math.floor(random() * 60) : Math.floor(random() * 1440)
      const day = chance(0.15) ? Date.parse(pick(published[country]!)) : anyDay
      const now = new Date(day + (minute - ahead[country]!) * 60_000)
      const today = dayOf(day)
      const own = { rest: chance(0.05), keeps: chance(0.9), work: chance(0.05) }
      const times: Times = {
        timezone: zones[country]!,
        country,
        week: defaultWeek(country),
        keeps_holidays: own.keeps,
        rest_days: own.rest ? [today] : [],
        work_days: own.work ? [today] : [],
      }
      const span = hours[country]![new Date(day).getUTCDay()]
      const isHoliday = own.keeps && !own.work && published[country]!.includes(today)
      const isClosed = own.rest || isHoliday || !span || minute < span[0] || minute >= span[1]
      const repeat_days = pick([0, 1, 3, 7, 30])
      const kind = pick(['email', 'sms'] as const)

      const forbidden = new Map<number, string>()
      const all: Facts[] = []
      for (let id = 1; id <= 10; id++) {
        const because = (condition: boolean, why: string) => {
          if (condition) forbidden.set(id, why)
          return condition
        }
        const reach = because(chance(0.06), 'address') ? '' : `reach${Math.floor(random() * 60)}`
        const owed = because(chance(0.06), 'nothing owed') ? BigInt(-Math.floor(random() * 3)) : 5_000n
        const paid = because(chance(0.06), 'paid')
          ? 5_000n + BigInt(Math.floor(random() * 9))
          : chance(0.1)
            ? 4_999n
            : 0n
        const daysAgo = Math.floor(random() * 40)
        const wasReminded = chance(0.2)
        because(wasReminded && daysAgo < repeat_days, 'reminded')
        const promised = chance(0.1) ? Math.floor(random() * 10) - 5 : null
        because(promised !== null && promised >= 0, 'promise')
        const blocked = chance(0.06) ? Math.floor(random() * 10) - 5 : null
        because(blocked !== null && blocked >= 0, 'block')
        const disputed = because(chance(0.06), 'dispute') ? 5_000n : chance(0.1) ? 0n : 0n
        all.push({
          id,
          kind,
          address: reach ? `written ${reach}` : pick([null, '', 'nowhere']),
          reach,
          is_medical_aid: because(chance(0.06), 'medical aid'),
          is_control: because(chance(0.03), 'control'),
          suppressed: because(chance(0.1), 'suppressed')
            ? pick(['opted_out', 'bounced', 'spam', 'manual'] as const)
            : null,
          owed,
          paid_since: paid,
          disputed,
          promised_until: promised === null ? null : dayOf(day + promised * DAY),
          blocked_until: blocked === null ? null : dayOf(day + blocked * DAY),
          reminded_on: wasReminded ? dayOf(day - daysAgo * DAY) : null,
        })
      }
      const earlier = new Set(chance(0.3) ? [`reach${Math.floor(random() * 60)}`] : [])
      const judged = judge(all, { today, repeat_days, closed: closedAt(now, times) }, earlier)
      const reached = new Set<string>()
      for (const { id, stops } of judged) {
        const facts = all[id - 1]!
        const told = `trial ${trial}, account ${id}: ${JSON.stringify({ facts, stops, now, country }, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`
        if (stops.length > 0) {
          left++
          assert.ok(
            stops.every(({ text }) => text.length > 3),
            `without a reason: ${told}`,
          )
          reasons.set(stops[0]!.gate, (reasons.get(stops[0]!.gate) ?? 0) + 1)
          // Nobody is left out without cause either.
          const shared =
            all.some((each) => each.id !== id && each.reach === facts.reach) || earlier.has(facts.reach)
          assert.ok(
            forbidden.has(id) || isClosed || shared || restOrFeast(country, today),
            `for nothing: ${told}`,
          )
          continue
        }
        sent++
        assert.ok(!forbidden.has(id), `forbidden (${forbidden.get(id)}): ${told}`)
        assert.ok(!isClosed, `at a forbidden time: ${told}`)
        assert.ok(!reached.has(facts.reach) && !earlier.has(facts.reach), `twice to one address: ${told}`)
        reached.add(facts.reach)
      }
    }
    assert.ok(sent > 0 && left > 0)
    const told = [...reasons].sort((a, b) => b[1] - a[1]).map(([gate, n]) => `${gate} ${n}`)
    return `${sent} reminders went, none forbidden; ${left} left out (${told.join(', ')})`
  },
} satisfies Proof

/** The days beside the feasts of the moon, which differ by a day from place to place: rest there is no mistake. */
function restOrFeast(country: string, today: string): boolean {
  if (country === 'ZA') return false
  const near =
    '2025-03-30 2025-03-31 2025-06-06 2025-06-07 2026-03-20 2026-03-21 2026-05-27 2026-05-28'.split(' ')
  return near.includes(today)
}

import type { Closed } from './hours.ts'

export type Kind = 'email' | 'sms'

/** Why somebody gets no reminder, in the order in which it is said. */
export const gates = [
  'unknown',
  'medical_aid',
  'control',
  'no_address',
  'opted_out',
  'bounced',
  'paid',
  'dispute',
  'promise',
  'block',
  'reminded',
  'duplicate',
  'holiday',
  'quiet_hours',
] as const
export type Gate = (typeof gates)[number]

/** What is known of somebody when a reminder is about to go; the gates ask nothing else. */
export type Facts = {
  id: number
  kind: Kind
  /** Where it would go, as in the books. */
  address: string | null
  /** The same as addresses are compared (`addressOf`), empty where nothing can be sent: forms of one number are one. */
  reach: string
  is_medical_aid: boolean
  /** A control account of another kind: no person. */
  is_control: boolean
  suppressed: 'opted_out' | 'bounced' | 'spam' | 'manual' | null
  /** What the reminder asks for, and what of it came in since the figures were made. Minor units. */
  owed: bigint
  paid_since: bigint
  disputed: bigint
  /** The last day of an open promise. */
  promised_until: string | null
  blocked_until: string | null
  /** The day of the last reminder that went, or may have gone, by this channel. */
  reminded_on: string | null
}
export type Rules = {
  today: string
  /** Not again within so many days; 0: no such rule. */
  repeat_days: number
  /** From `closedAt`. */
  closed: Closed | null
}
export type Stop = { gate: Gate; text: string; until: string | null }

const DAY_MS = 86_400_000
const daysFrom = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / DAY_MS
const dayAfter = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)

const suppressedText = {
  opted_out: 'They asked not to be written to',
  spam: 'They marked a message as unwanted',
  manual: 'Somebody here decided that nothing is sent there',
  bounced: 'Messages to this address came back',
}

/** Everything that stops a reminder to one, in order; empty: it may go. The first is the reason that is said. */
export function stopsOf(facts: Facts, rules: Rules): Stop[] {
  const stops: Stop[] = []
  const stop = (gate: Gate, text: string, until: string | null = null) => stops.push({ gate, text, until })
  const { kind, address } = facts
  if (facts.is_medical_aid) stop('medical_aid', 'Medical aid control account')
  if (facts.is_control) stop('control', 'Control account, not a person')
  if (!address?.trim()) stop('no_address', kind === 'email' ? 'No email address' : 'No phone number')
  else if (!facts.reach)
    stop('no_address', kind === 'email' ? 'The email address is not one' : 'The phone number takes no texts')
  if (facts.suppressed)
    stop(facts.suppressed === 'bounced' ? 'bounced' : 'opted_out', suppressedText[facts.suppressed])
  const due = facts.owed - facts.paid_since
  if (due <= 0n)
    stop('paid', facts.owed > 0n ? 'Paid since the report' : 'Nothing is owed in the chosen buckets')
  else if (facts.disputed >= due) stop('dispute', 'What is owed is in dispute')
  if (facts.promised_until && facts.promised_until >= rules.today)
    stop('promise', `Promised to pay by ${facts.promised_until}`, facts.promised_until)
  if (facts.blocked_until && facts.blocked_until >= rules.today)
    stop('block', `No reminders until ${facts.blocked_until}`, facts.blocked_until)
  if (
    facts.reminded_on &&
    rules.repeat_days > 0 &&
    daysFrom(facts.reminded_on, rules.today) < rules.repeat_days
  )
    stop(
      'reminded',
      `Reminded already on ${facts.reminded_on}`,
      dayAfter(facts.reminded_on, rules.repeat_days - 1),
    )
  if (rules.closed) {
    const { gate, text, next } = rules.closed
    const when = next ? `, next from ${next.toISOString().slice(0, 16)}Z` : ''
    stop(gate, gate === 'holiday' ? `Holiday: ${text}${when}` : `Quiet hours (${text})${when}`)
  }
  return stops
}

export type Judged = { id: number; stops: Stop[] }

/**
 * Judges many at once. Of those who share an address one gets a reminder, the first as given: two to one telephone would be twice.
 * `earlier` are addresses that others were reminded at within the days of the rule.
 */
export function judge(
  all: readonly Facts[],
  rules: Rules,
  earlier: ReadonlySet<string> = new Set(),
): Judged[] {
  const taken = new Set<string>()
  return all.map((facts) => {
    const stops = stopsOf(facts, rules)
    if (stops.some(({ gate }) => gate === 'no_address')) return { id: facts.id, stops }
    const key = facts.reach
    const lasting = stops.filter(({ gate }) => gate !== 'holiday' && gate !== 'quiet_hours')
    if (taken.has(key) || (earlier.has(key) && !lasting.some(({ gate }) => gate === 'reminded')))
      stops.splice(lasting.length, 0, {
        gate: 'duplicate',
        text: taken.has(key)
          ? 'Another account of this reminder has the same address'
          : 'Another account was reminded at this address already',
        until: null,
      })
    else if (lasting.length === 0) taken.add(key)
    return { id: facts.id, stops }
  })
}

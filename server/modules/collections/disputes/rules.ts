import { addDays, dayNumber, daysBetween } from '../../../core/dates.ts'

export const openStates = ['new', 'in_review', 'waiting'] as const
export const states = [...openStates, 'resolved', 'withdrawn'] as const
export type State = (typeof states)[number]
export const resolutions = ['accepted', 'rejected', 'corrected'] as const
export type Resolution = (typeof resolutions)[number]

/** From where to where a dispute may go, and by which act. */
export const transitions: Record<State, Partial<Record<State, Act>>> = {
  new: { in_review: 'move', waiting: 'move', resolved: 'resolve', withdrawn: 'withdraw' },
  in_review: { new: 'move', waiting: 'move', resolved: 'resolve', withdrawn: 'withdraw' },
  waiting: { new: 'move', in_review: 'move', resolved: 'resolve', withdrawn: 'withdraw' },
  resolved: { in_review: 'reopen' },
  withdrawn: { in_review: 'reopen' },
}
type Act = 'move' | 'resolve' | 'withdraw' | 'reopen'

export const isOpen = (state: string) => state !== 'resolved' && state !== 'withdrawn'
export const stateWords: Record<State, string> = {
  new: 'new',
  in_review: 'in review',
  waiting: 'waiting for the customer',
  resolved: 'resolved',
  withdrawn: 'withdrawn',
}

/** What every organisation begins with: the AR Tracker's root causes. The same as 0012_disputes.sql gives those that were there. */
export const presetReasons = [
  { code: 'billing_error', name: 'Billing error', sla_days: 3 },
  { code: 'delivery_issue', name: 'Delivery issue', sla_days: 7 },
  { code: 'po_mismatch', name: 'PO mismatch', sla_days: 5 },
  { code: 'customer_dispute', name: 'Customer dispute', sla_days: 10 },
  { code: 'payment_processing', name: 'Payment processing', sla_days: 5 },
  { code: 'other', name: 'Other', sla_days: 5 },
] as const

/** Monday 1 to Sunday 7, as the organisation's working days are kept. The first day of the count, 1970-01-01, was a Thursday. */
const weekday = (day: string) => ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1

/** The day that is `days` business days after `day`. The clock of what comes in on a day off begins with the next business day. */
export function afterBusinessDays(day: string, days: number, working: readonly number[]): string {
  const week = working.length > 0 ? working : [1, 2, 3, 4, 5, 6, 7]
  let at = day
  while (!week.includes(weekday(at))) at = addDays(at, 1)
  for (let left = days; left > 0; ) {
    at = addDays(at, 1)
    if (week.includes(weekday(at))) left--
  }
  return at
}

/** Business days after `from` up to `to`; negative when `to` comes first. */
export function businessDaysBetween(from: string, to: string, working: readonly number[]): number {
  if (to < from) return -businessDaysBetween(to, from, working)
  const week = working.length > 0 ? working : [1, 2, 3, 4, 5, 6, 7]
  const days = daysBetween(from, to)
  const whole = Math.floor(days / 7)
  let count = whole * week.length
  for (let at = whole * 7 + 1; at <= days; at++) if (week.includes(weekday(addDays(from, at)))) count++
  return count
}

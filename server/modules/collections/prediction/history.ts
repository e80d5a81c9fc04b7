// What was known of every customer's habits on any day, and nothing that came later: the ground that predictions stand on.

/** An invoice as prediction sees it. Days are day numbers (`dayNumber` of core/dates.ts); amounts are in minor units. */
export type Dated = {
  customer: number
  issued: number
  due: number
  /** The day on which it was paid in full; null while it is open. */
  settled: number | null
  amount: number
}

/** How often and by how many days somebody paid late. Recent behaviour weighs more in `recent`, all weighs the same in `ever`. */
export type Habits = { recent: Tally; ever: Tally }
/** Sums of weights: of all invoices, of the late ones, and of days late (negative when early). */
export type Tally = { weight: number; late: number; days: number }

const RECENT_HALF_LIFE = 60
const decay = (days: number) => 0.5 ** (days / RECENT_HALF_LIFE)

/** Sums that fade with the days. Kept as of `day`; moved on when read. */
type Account = { day: number; recent: Tally; ever: Tally; overdue: Set<Dated>; overdueDue: number }

const empty = (): Tally => ({ weight: 0, late: 0, days: 0 })
const account = (): Account => ({
  day: 0,
  recent: empty(),
  ever: empty(),
  overdue: new Set(),
  overdueDue: 0,
})

function fade(each: Account, day: number) {
  const factor = each.day === 0 ? 1 : decay(day - each.day)
  each.recent.weight *= factor
  each.recent.late *= factor
  each.recent.days *= factor
  each.day = day
}

function settle(each: Account, invoice: Dated, day: number) {
  const daysLate = day - invoice.due
  fade(each, day)
  for (const tally of [each.recent, each.ever]) {
    tally.weight += 1
    tally.late += daysLate > 0 ? 1 : 0
    tally.days += daysLate
  }
  if (each.overdue.delete(invoice)) each.overdueDue -= invoice.due
}

/** What is overdue and open counts as late by the days that have passed, so that who stopped paying is not forgotten. */
function habitsOf(each: Account | undefined, day: number): Habits {
  if (!each) return { recent: empty(), ever: empty() }
  const factor = each.day === 0 ? 0 : decay(day - each.day)
  const open = each.overdue.size
  const days = open * day - each.overdueDue
  return {
    recent: {
      weight: each.recent.weight * factor + open,
      late: each.recent.late * factor + open,
      days: each.recent.days * factor + days,
    },
    ever: { weight: each.ever.weight + open, late: each.ever.late + open, days: each.ever.days + days },
  }
}

export type Known = { everybody: Habits; of(customer: number): Habits }

/**
 * Walks through the days. `see(invoice, known)` is called for every invoice with what was known on the morning of the day on which
 * it was issued; the answer is what is known on the morning of `today`. An outcome counts from the day after it.
 */
export function walk(
  invoices: readonly Dated[],
  today: number,
  see?: (invoice: Dated, known: Known) => void,
): Known {
  const accounts = new Map<number, Account>()
  const everybody = account()
  const accountOf = (customer: number) => {
    let found = accounts.get(customer)
    if (!found) {
      found = account()
      accounts.set(customer, found)
    }
    return found
  }
  // An invoice is heard of on the day it is issued, whatever days it names; what was paid on the day it fell due was never overdue.
  const happened = invoices
    .flatMap((invoice) => {
      const paid =
        invoice.settled === null ? Number.POSITIVE_INFINITY : Math.max(invoice.settled, invoice.issued)
      const overdue = Math.max(invoice.due, invoice.issued)
      return [
        { day: paid, pays: true, invoice },
        { day: overdue, pays: false, invoice },
      ].filter(({ day, pays }) => day < today && (pays || paid > overdue))
    })
    .sort((a, b) => a.day - b.day)
  let next = 0
  const until = (day: number) => {
    for (; next < happened.length && happened[next]!.day < day; next++) {
      const { day, pays, invoice } = happened[next]!
      for (const each of [accountOf(invoice.customer), everybody]) {
        if (pays) settle(each, invoice, day)
        else {
          each.overdue.add(invoice)
          each.overdueDue += invoice.due
        }
      }
    }
  }
  const knownOn = (day: number): Known => ({
    everybody: habitsOf(everybody, day),
    of: (customer) => habitsOf(accounts.get(customer), day),
  })
  if (see) {
    const issued = invoices.filter((invoice) => invoice.issued < today).sort((a, b) => a.issued - b.issued)
    for (const invoice of issued) {
      until(invoice.issued)
      see(invoice, knownOn(invoice.issued))
    }
  }
  until(today)
  return knownOn(today)
}

import { type Dated, walk } from './history.ts'
import { predict, train } from './model.ts'

// How well the predictions would have done: trained on what was known before a day, then asked about every invoice from that day on
// with what was known on the morning it was issued.

export type Scores = {
  invoices: number
  late_share: number
  /** Share of invoices for which late or in time was said rightly. */
  accuracy: number
  /** Chance that a late invoice was given a higher probability than one in time; null when all were one or the other. */
  auc: number | null
  /** Mean absolute error of the day of payment, days. */
  days_error: number
  /** Predicted probability against what came, in tenths that hold invoices. */
  calibration: { predicted: number; happened: number; invoices: number }[]
}
export type BackTest = { from: number; trained_on: number; ours: Scores; customer_history: Scores }

/** Undefined when there is too little before `from`, or nothing decided after it. */
export function backTest(invoices: readonly Dated[], from: number, today: number): BackTest | undefined {
  const model = train(invoices, from)
  if (!model) return undefined
  const asked: Asked[] = []
  const simple: Asked[] = []
  const history = customerHistory(invoices, from)
  walk(invoices, today, (invoice, known) => {
    if (invoice.issued < from) return
    const settled = invoice.settled !== null && invoice.settled < today
    if (!settled) return
    const days = invoice.settled! - invoice.due
    const { probability, days_late } = predict(model, invoice, known)
    asked.push({ probability, days_late, days })
    simple.push({ ...history(invoice.customer), days })
  })
  if (asked.length === 0) return undefined
  return { from, trained_on: model.invoices, ours: scores(asked), customer_history: scores(simple) }
}

type Asked = { probability: number; days_late: number; days: number }

/** The yardstick: a customer's share of late invoices, drawn towards everybody's, and their median days late. */
function customerHistory(invoices: readonly Dated[], from: number) {
  const before = invoices.filter(({ issued, settled }) => issued < from && settled !== null && settled < from)
  const daysLate = (each: Dated) => each.settled! - each.due
  const late = before.filter((each) => daysLate(each) > 0).length / before.length
  const usual = median(before.map(daysLate))
  const byCustomer = Map.groupBy(before, ({ customer }) => customer)
  return (customer: number) => {
    const own = byCustomer.get(customer) ?? []
    return {
      probability: (own.filter((each) => daysLate(each) > 0).length + 5 * late) / (own.length + 5),
      days_late: own.length > 0 ? median(own.map(daysLate)) : usual,
    }
  }
}

const median = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function scores(asked: Asked[]): Scores {
  const late = ({ days }: Asked) => days > 0
  const tenths = Map.groupBy(asked, ({ probability }) => Math.min(9, Math.floor(probability * 10)))
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    invoices: asked.length,
    late_share: mean(asked.map((each) => Number(late(each)))),
    accuracy: mean(asked.map((each) => Number(each.probability > 0.5 === late(each)))),
    auc: areaUnderCurve(asked.map((each) => ({ value: each.probability, positive: late(each) }))),
    days_error: mean(asked.map(({ days_late, days }) => Math.abs(days_late - days))),
    calibration: [...tenths]
      .sort(([a], [b]) => a - b)
      .map(([, group]) => ({
        predicted: mean(group.map(({ probability }) => probability)),
        happened: mean(group.map((each) => Number(late(each)))),
        invoices: group.length,
      })),
  }
}

/** By ranks, ties halved (Mann-Whitney U). */
export function areaUnderCurve(cases: { value: number; positive: boolean }[]): number | null {
  const sorted = [...cases].sort((a, b) => a.value - b.value)
  const positives = cases.filter(({ positive }) => positive).length
  const negatives = cases.length - positives
  if (positives === 0 || negatives === 0) return null
  let ranks = 0
  for (let at = 0; at < sorted.length; ) {
    let end = at
    while (end < sorted.length && sorted[end]!.value === sorted[at]!.value) end++
    const rank = (at + 1 + end) / 2
    for (; at < end; at++) if (sorted[at]!.positive) ranks += rank
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives)
}

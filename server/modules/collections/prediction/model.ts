import { type Dated, type Habits, type Known, type Tally, walk } from './history.ts'

// Whether an invoice will be paid late, and how late: a logistic regression for the one, a median regression for the other, over
// what its customer and everybody did before. Few numbers, each of which can be said in words.

export type Model = {
  /** Day on which it was trained; nothing later went in. */
  trained_on: number
  invoices: number
  /** Log of the amounts, on average: an invoice is large or small by comparison. */
  size: number
  late: number[]
  days: number[]
  /** Errors of the median, sorted, days: what the distribution of lateness is made of. At most `SPREAD_MAX`. */
  spread: number[]
}

export type Prediction = {
  /** Of being paid after the due date; 0 to 1. */
  probability: number
  /** Median days from due date to payment; negative when early. */
  days_late: number
  /** What the probability is made of, in log odds, the constant left out. */
  reasons: Record<'recently' | 'ever' | 'size', number>
}

/** Fewer decided invoices than this say too little. */
export const TRAINING_MIN = 50
const SPREAD_MAX = 2_000
/** An invoice of half a year ago weighs half as much in the training. */
const TRAINING_HALF_LIFE = 180
/** What is known of everybody weighs as much as one invoice of the customer. */
const PRIOR = 1

/** Undefined where the organisation's books say too little yet. */
export function train(invoices: readonly Dated[], today: number): Model | undefined {
  const begins = invoices.reduce((first, { issued }) => Math.min(first, issued), Number.POSITIVE_INFINITY)
  const rows: { inputs: Inputs; late: number; days: number; weight: number }[] = []
  walk(invoices, today, (invoice, known) => {
    const decided = invoice.settled !== null && invoice.settled < today
    // What is open and not yet due has said nothing; nor has anybody been known in the first month.
    if ((!decided && invoice.due >= today) || invoice.issued - begins < 30) return
    const days = (decided ? invoice.settled! : today) - invoice.due
    rows.push({
      inputs: inputsOf(invoice, known),
      late: days > 0 ? 1 : 0,
      days,
      weight: 0.5 ** ((today - invoice.issued) / TRAINING_HALF_LIFE),
    })
  })
  if (rows.length < TRAINING_MIN) return undefined
  const mean = rows.reduce((sum, { weight }) => sum + weight, 0) / rows.length
  const weights = rows.map(({ weight }) => weight / mean)
  const size = rows.reduce((sum, { inputs }) => sum + inputs[SIZE]!, 0) / rows.length
  const inputs = rows.map(({ inputs }) => centred(inputs, size))
  const days = medianRegression(
    inputs,
    rows.map((row) => row.days),
    weights,
  )
  const errors = rows.map((row, at) => row.days - dot(days, inputs[at]!)).sort((a, b) => a - b)
  const step = Math.max(1, errors.length / SPREAD_MAX)
  return {
    trained_on: today,
    invoices: rows.length,
    size,
    late: logisticRegression(
      inputs,
      rows.map((row) => row.late),
      weights,
    ),
    days,
    spread: Array.from(
      { length: Math.min(errors.length, SPREAD_MAX) },
      (_, at) => errors[Math.floor(at * step)]!,
    ),
  }
}

/** What is expected of an invoice, from what is known of its customer. */
export function predict(model: Model, invoice: Pick<Dated, 'customer' | 'amount'>, known: Known): Prediction {
  const inputs = centred(inputsOf(invoice, known), model.size)
  const part = (at: number) => model.late[at]! * inputs[at]!
  return {
    probability: chance(dot(model.late, inputs)),
    days_late: dot(model.days, inputs),
    reasons: { recently: part(1) + part(2), ever: part(3) + part(4), size: part(SIZE) },
  }
}

/**
 * The distribution of the days from due date to payment, `elapsed` of which have passed without one: those of the spread that are still
 * possible, as sorted days. Once more days have passed than ever did, the longest ones known count on from now.
 */
export function laterThan(model: Model, prediction: Prediction, elapsed: number): number[] {
  const days = model.spread.map((error) => prediction.days_late + error)
  const first = days.findIndex((each) => each > elapsed)
  const possible = first < 0 ? [] : days.slice(first)
  if (possible.length >= model.spread.length / 50) return possible
  const longest = days.slice(-Math.ceil(days.length / 10))
  return longest.map((each) => elapsed + 1 + each - longest[0]!)
}

/** Constant, the customer's late share (log odds) and days late of late and ever, and the size: in this order. */
type Inputs = [number, number, number, number, number, number]
const SIZE = 5

function inputsOf(
  { customer, amount }: Pick<Dated, 'customer' | 'amount'>,
  { everybody, of }: Known,
): Inputs {
  const habits: Habits = of(customer)
  const usual = everybody.recent
  const lateShare = (usual.late + 1) / (usual.weight + 2)
  const daysLate = usual.weight > 0 ? usual.days / usual.weight : 0
  const share = (tally: Tally) => logOdds((tally.late + PRIOR * lateShare) / (tally.weight + PRIOR))
  const days = (tally: Tally) => (tally.days + PRIOR * daysLate) / (tally.weight + PRIOR) / 10
  return [
    1,
    share(habits.recent),
    days(habits.recent),
    share(habits.ever),
    days(habits.ever),
    Math.log(Math.abs(amount) + 1),
  ]
}

const centred = (inputs: Inputs, size: number) =>
  inputs.map((value, at) => (at === SIZE ? value - size : value))
const logOdds = (share: number) => {
  const within = Math.min(Math.max(share, 0.001), 0.999)
  return Math.log(within / (1 - within))
}
const chance = (odds: number) => 1 / (1 + Math.exp(-odds))
const dot = (weights: readonly number[], inputs: readonly number[]) =>
  weights.reduce((sum, weight, at) => sum + weight * inputs[at]!, 0)

/** Newton's method on the likelihood, with a ridge of 1 (Hosmer and Lemeshow, Applied Logistic Regression, ch. 2). */
function logisticRegression(rows: number[][], outcomes: number[], weights: number[]): number[] {
  let found = rows[0]!.map(() => 0)
  for (let round = 0; round < 25; round++) {
    const chances = rows.map((row) => chance(dot(found, row)))
    const step = solve(
      gram(
        rows,
        weights.map((weight, at) => weight * chances[at]! * (1 - chances[at]!)),
        1,
      ),
      found.map(
        (value, column) =>
          value +
          rows.reduce(
            (sum, row, at) => sum + weights[at]! * (chances[at]! - outcomes[at]!) * row[column]!,
            0,
          ),
      ),
    )
    found = found.map((value, at) => value - step[at]!)
    if (step.every((value) => Math.abs(value) < 1e-8)) break
  }
  return found
}

/** Least absolute errors by least squares, weighted anew each round (Schlossmacher 1973). */
function medianRegression(rows: number[][], outcomes: number[], weights: number[]): number[] {
  let found = rows[0]!.map(() => 0)
  for (let round = 0; round < 60; round++) {
    const now = rows.map((row, at) => weights[at]! / Math.max(Math.abs(outcomes[at]! - dot(found, row)), 0.5))
    const next = solve(
      gram(rows, now, 0.01),
      found.map((_, column) =>
        rows.reduce((sum, row, at) => sum + now[at]! * row[column]! * outcomes[at]!, 0),
      ),
    )
    const moved = next.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at]!)), 0)
    found = next
    if (moved < 1e-6) break
  }
  return found
}

function gram(rows: number[][], weights: number[], ridge: number): number[][] {
  const size = rows[0]!.length
  const sums = Array.from({ length: size }, (_, at) =>
    Array.from({ length: size }, (_, to) => (at === to ? ridge : 0)),
  )
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!
    for (let left = 0; left < size; left++)
      for (let right = left; right < size; right++)
        sums[left]![right]! += weights[at]! * row[left]! * row[right]!
  }
  for (let left = 0; left < size; left++)
    for (let right = 0; right < left; right++) sums[left]![right] = sums[right]![left]!
  return sums
}

/** Gaussian elimination; the ridge keeps the matrix regular. */
function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length
  const rows = matrix.map((row, at) => [...row, right[at]!])
  for (let pivot = 0; pivot < size; pivot++) {
    const best = rows
      .slice(pivot)
      .reduce(
        (most, row, at) => (Math.abs(row[pivot]!) > Math.abs(rows[most]![pivot]!) ? at + pivot : most),
        pivot,
      )
    ;[rows[pivot], rows[best]] = [rows[best]!, rows[pivot]!]
    for (let at = pivot + 1; at < size; at++) {
      const factor = rows[at]![pivot]! / rows[pivot]![pivot]!
      for (let column = pivot; column <= size; column++) rows[at]![column]! -= factor * rows[pivot]![column]!
    }
  }
  const found = new Array<number>(size).fill(0)
  for (let at = size - 1; at >= 0; at--) {
    const known = found.reduce(
      (sum, value, column) => sum + (column > at ? rows[at]![column]! * value : 0),
      0,
    )
    found[at] = (rows[at]![size]! - known) / rows[at]![at]!
  }
  return found
}

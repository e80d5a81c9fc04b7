import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSettled, outcomeOf, type Report, replyMeans, reports } from './rules.ts'

const report: fc.Arbitrary<Report> = fc.record({
  kind: fc.constantFrom(...reports),
  // Few moments, so that many reports are of the same one.
  at: fc.integer({ min: 1, max: 4 }),
  detail: fc.constantFrom(null, 'mailbox full', 'no such user'),
})

describe('what reports come to', () => {
  test('does not depend on their order, nor on how often each came', () => {
    const told = fc
      .array(report, { maxLength: 8 })
      .chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
      )
    fc.assert(
      fc.property(told, ([all, again]) => {
        expect(outcomeOf(again)).toEqual(outcomeOf(all))
      }),
      { numRuns: 5_000 },
    )
  })

  test('the latest end counts, whatever else was reported, and without an end the message is not lost', () => {
    fc.assert(
      fc.property(fc.array(report, { minLength: 1, maxLength: 8 }), (all) => {
        const ends = all.filter(({ kind }) =>
          ['delivered', 'bounced', 'blocked', 'dropped', 'expired'].includes(kind),
        )
        const outcome = outcomeOf(all)!
        expect(isSettled(outcome.state)).toBe(true)
        if (ends.length === 0) {
          expect(['sent', 'delivered']).toContain(outcome.state)
          return
        }
        const last = Math.max(...ends.map(({ at }) => at))
        const atLast = ends.filter(({ at }) => at === last)
        const isLost = atLast.some(({ kind }) => kind !== 'delivered')
        expect(outcome.state).toBe(isLost ? 'failed' : 'delivered')
        expect(outcome.error === null).toBe(!isLost)
      }),
      { numRuns: 5_000 },
    )
  })

  test.each([
    [['accepted', 'delivered'], 'delivered'],
    [['delivered', 'bounced'], 'failed'],
    [['bounced', 'delivered'], 'delivered'],
    [['deferred'], 'sent'],
    [['opened'], 'delivered'],
  ] as const)('%j in this order of time is %s', (kinds, state) => {
    expect(outcomeOf(kinds.map((kind, at) => ({ kind, at, detail: null })))?.state).toBe(state)
  })

  test('nothing reported says nothing', () => expect(outcomeOf([])).toBeNull())
})

test.each([
  ['STOP', 'stop'],
  [' stop. ', 'stop'],
  ['Opt-out!', 'stop'],
  ['unsubscribe', 'stop'],
  ['START', 'start'],
  ['Please stop by on Friday, I will pay', null],
  ['I will not stop paying', null],
  ['', null],
] as const)('the reply %j means %j', (text, meaning) => expect(replyMeans(text)).toBe(meaning))

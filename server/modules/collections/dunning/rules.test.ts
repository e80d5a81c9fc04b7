import { expect, test } from 'vitest'
import { type AccountFacts, decide, dueStep, type InvoiceFacts, type Step } from './rules.ts'
import { render, standardSteps, unknownPlaceholder } from './wording.ts'

const today = '2026-03-31'
const steps: Step[] = [
  { step: 1, delay_days: 3, gap_days: 0, channel: 'email' },
  { step: 2, delay_days: 15, gap_days: 7, channel: 'email' },
  { step: 3, delay_days: 30, gap_days: 10, channel: 'call' },
]
const invoice = (more: Partial<InvoiceFacts> = {}): InvoiceFacts => ({
  id: 1,
  number: 'A-1',
  open: 1000n,
  disputed: 0n,
  due_on: '2026-03-11',
  promise: null,
  block: null,
  last: null,
  ...more,
})
const account = (more: Partial<AccountFacts> = {}): AccountFacts => ({
  credit: 0n,
  block: null,
  email: 'pay@acme.example',
  phone: '+15550100',
  dead: new Set(),
  steps,
  invoices: [invoice()],
  ...more,
})

test.each<[why: string, due_on: string, last: InvoiceFacts['last'], expected: object]>([
  ['too early: its first day', '2026-03-30', null, { next_on: '2026-04-02' }],
  ['the day itself counts', '2026-03-28', null, { step: 1 }],
  ['after downtime the latest step, once', '2026-01-01', null, { step: 3 }],
  [
    'what was sent is not sent again',
    '2026-03-20',
    { step: 1, sent_on: '2026-03-23' },
    { next_on: '2026-04-04' },
  ],
  [
    'the gap after the previous sending holds it',
    '2026-03-11',
    { step: 1, sent_on: '2026-03-28' },
    { next_on: '2026-04-04' },
  ],
  ['once the gap has passed it goes', '2026-03-11', { step: 1, sent_on: '2026-03-24' }, { step: 2 }],
  ['it may pass a step over', '2026-01-01', { step: 1, sent_on: '2026-01-05' }, { step: 3 }],
  [
    'its gap not yet passed, the step between goes',
    '2026-02-20',
    { step: 1, sent_on: '2026-03-22' },
    { step: 2 },
  ],
  ['after the last step nothing', '2025-01-01', { step: 3, sent_on: '2025-03-01' }, { finished: true }],
])('step due: %s', (_why, due_on, last, expected) => {
  const due = dueStep({ due_on, last }, steps, today)
  expect('step' in due ? { step: due.step.step } : due).toEqual(expected)
})

test.each<
  [
    gate: string,
    more: Partial<AccountFacts>,
    expected: { step: number | null; amount: bigint; gates: string[] },
  ]
>([
  ['nothing in the way', {}, { step: 2, amount: 1000n, gates: [] }],
  [
    'balance: paid meanwhile',
    { invoices: [invoice({ open: 0n })] },
    { step: null, amount: 0n, gates: ['balance'] },
  ],
  [
    'dispute of the whole',
    { invoices: [invoice({ disputed: 1000n })] },
    { step: null, amount: 0n, gates: ['dispute'] },
  ],
  [
    'dispute of a part stops that part',
    { invoices: [invoice({ disputed: 300n })] },
    { step: 2, amount: 700n, gates: ['dispute'] },
  ],
  [
    'an open promise pauses',
    { invoices: [invoice({ promise: { id: 7, deadline: '2026-04-02' } })] },
    { step: null, amount: 0n, gates: ['promise'] },
  ],
  [
    'a block of the customer',
    { block: { until: today, reason: 'talks' } },
    { step: null, amount: 0n, gates: ['block'] },
  ],
  [
    'a block releases itself',
    { block: { until: '2026-03-30', reason: 'talks' } },
    { step: 2, amount: 1000n, gates: [] },
  ],
  [
    'a block of one invoice leaves the other',
    {
      invoices: [invoice({ block: { until: '2026-04-30', reason: 'talks' } }), invoice({ id: 2, open: 50n })],
    },
    { step: 2, amount: 50n, gates: ['block'] },
  ],
  ['credit as much as the amount', { credit: 1000n }, { step: null, amount: 0n, gates: ['credit'] }],
  ['less credit does not stop it', { credit: 999n }, { step: 2, amount: 1000n, gates: [] }],
  ['no address', { email: null }, { step: null, amount: 0n, gates: ['address'] }],
  [
    'a dead address, whatever its letter case',
    { email: 'Pay@Acme.example', dead: new Set(['pay@acme.example']) },
    { step: null, amount: 0n, gates: ['address'] },
  ],
  [
    'a dead e-mail address does not stop a call',
    { email: null, invoices: [invoice({ due_on: '2026-02-01' })] },
    { step: 3, amount: 1000n, gates: [] },
  ],
  [
    'not due yet',
    { invoices: [invoice({ due_on: '2026-03-30' })] },
    { step: null, amount: 0n, gates: ['not_due'] },
  ],
  ['no policy', { steps: null }, { step: null, amount: 0n, gates: ['no_policy'] }],
  [
    'one message at the highest step, with all that is late',
    {
      invoices: [
        invoice({ due_on: '2026-03-28' }),
        invoice({ id: 2, due_on: '2026-02-01', open: 5n }),
        invoice({ id: 3, due_on: '2026-03-30', open: 7n }),
      ],
    },
    { step: 3, amount: 1012n, gates: [] },
  ],
])('gates: %s', (_gate, more, { step, amount, gates }) => {
  const decision = decide(account(more), today)
  expect({
    step: decision.step?.step ?? null,
    amount: decision.amount,
    gates: decision.reasons.map(({ gate }) => gate),
  }).toEqual({
    step,
    amount,
    gates,
  })
})

test('each invoice keeps its own step, and those that are only listed none', () => {
  const { invoices } = decide(
    account({
      invoices: [
        invoice({ due_on: '2026-03-28' }),
        invoice({ id: 2, due_on: '2026-02-01' }),
        invoice({ id: 3, due_on: '2026-03-30' }),
        invoice({ id: 4, due_on: '2026-04-30' }),
      ],
    }),
    today,
  )
  expect(invoices.map(({ id, step }) => [id, step])).toEqual([
    [1, 1],
    [2, 3],
    [3, null],
  ])
})

test('a dispute that closes resumes with the next step, never with the first', () => {
  const last = { step: 2, sent_on: '2026-03-01' }
  const disputed = decide(
    account({ invoices: [invoice({ due_on: '2026-02-01', last, disputed: 1000n })] }),
    today,
  )
  const closed = decide(account({ invoices: [invoice({ due_on: '2026-02-01', last })] }), today)
  expect([disputed.step, closed.step?.step]).toEqual([null, 3])
})

test('templates are filled in the manner of their language, amounts exactly', () => {
  const letter = {
    customer: 'Acme',
    customer_code: null,
    organisation: 'Northwind',
    currency: 'EUR',
    amount: 123456789n,
    today,
    invoices: [{ number: 'A-1', due_on: '2026-03-11', days_overdue: 20, amount: 123456789n }],
    credits: [],
  }
  expect(render('{{customer}}: {{ amount }}, {{invoice_count}}', letter, 'de')).toBe(
    'Acme: 1.234.567,89 EUR, 1',
  )
  expect(render('{{amount}}', { ...letter, currency: 'JPY' }, 'en')).toBe('123,456,789 JPY')
  expect(render('{{amount}}', { ...letter, amount: 90_071_992_547_409_93n }, 'en')).toBe(
    '90,071,992,547,409.93 EUR',
  )
  expect(unknownPlaceholder('Dear {{custmer}}')).toBe('custmer')
  for (const step of standardSteps) expect(unknownPlaceholder(step.subject + step.body)).toBeUndefined()
})

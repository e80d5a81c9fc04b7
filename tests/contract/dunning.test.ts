import { sql } from 'kysely'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobs } from '../../server/app.ts'
import { settled } from '../../server/modules/communications/messages.ts'
import { type TestApp, testApp } from '../app.ts'
import { send } from '../books.ts'
import { call } from '../call.ts'
import * as given from '../given.ts'
import { sendsBy, within } from '../pharmacy.ts'

// Who is reminded, and why not; what is approved leaves through the communications.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const travel = (day: string) =>
  t.clock.ahead(new Date(`${day}T12:00:00Z`).getTime() - t.clock.now().getTime())
type Row = {
  number: string
  customer: string
  due: string
  amount: number
  open?: number
  email?: string
  disputed?: boolean
  type?: string
}
const file = (rows: Row[]) =>
  [
    'Customer,Email,Invoice no,Invoice date,Due date,Currency,Amount,Open amount,Disputed,Document type',
    ...rows.map((row) =>
      [
        row.customer,
        row.email ?? `${row.customer.toLowerCase()}@example.com`,
        row.number,
        '2026-01-01',
        row.due,
        'USD',
        row.amount,
        row.open ?? row.amount,
        row.disputed ? 'yes' : 'no',
        row.type ?? 'invoice',
      ].join(','),
    ),
  ].join('\n')

const steps = [
  {
    delay_days: 3,
    gap_days: 0,
    channel: 'email',
    subject: 'Reminder: {{amount}}',
    body: 'Dear {{customer}},\n{{invoices}}\nCredits: {{credits}}',
  },
  {
    delay_days: 15,
    gap_days: 7,
    channel: 'email',
    subject: 'Second: {{amount}}',
    body: '{{customer}} {{oldest_days}}',
  },
  { delay_days: 30, gap_days: 10, channel: 'letter', subject: 'Final', body: '{{customer}} owes {{amount}}' },
]

async function story(rows: Row[]) {
  const org = await given.organisation(t, { name: 'Northwind' })
  travel('2026-03-31')
  const operations = await given.person(t, { in: org, roles: ['Operations'] })
  const as = operations
  const s = {
    org,
    as,
    async on(day: string) {
      travel(day)
      as.headers = { authorization: `Bearer ${await given.signIn(t, as.username)}` }
    },
    async snapshot(rows: Row[]) {
      const as_of = t.clock.now().toISOString().slice(0, 10)
      const sent = await send(
        t,
        as,
        file(rows),
        { as_of, kind: 'open_items', missing: 'settle' },
        { name: `${as_of}.csv` },
      )
      expect(sent.status, JSON.stringify(sent.body)).toBe(200)
    },
    async post(path: string, json: object = {}) {
      return call(t, `POST /api/receivables/${path}` as never, { as, json })
    },
    async get(path: string, query: Record<string, string> = {}) {
      return (await call(t, `GET /api/receivables/${path}` as never, { as, query })).body
    },
    async dryRun(json: object = {}) {
      const { status, body } = await s.post('dunning/dry-run', json)
      expect(status, JSON.stringify(body)).toBe(200)
      return body
    },
    /** customer: step, or the gates that stop it. */
    async outcome() {
      const { items } = await s.dryRun()
      type Line = { customer_name: string; step: number | null; reasons: { gate: string }[] }
      return Object.fromEntries(
        items.map((line: Line) => [
          line.customer_name,
          line.step ?? line.reasons.map(({ gate }) => gate).join(),
        ]),
      )
    },
    async invoice(number: string) {
      const { items } = await s.get('invoices', { search: number })
      return items.find((each: { invoice_number: string }) => each.invoice_number === number)
    },
    /** Prepares, approves and says that all went out. */
    async sendAll() {
      await s.post('dunning/prepare')
      const { items } = await s.get('dunning/messages', { state: 'prepared' })
      const message_ids = items.map(({ id }: { id: number }) => id)
      for (const decision of ['approve', 'sent'])
        await s.post('dunning/messages/decide', { message_ids, decision })
      return items.length
    },
  }
  await s.snapshot(rows)
  expect((await s.post('dunning/policies', { name: 'Ours', steps })).status).toBe(201)
  return s
}

describe('the dry run', () => {
  test('names who gets what, and which of the gates stops the others; it changes nothing', async () => {
    const s = await story([
      { number: 'A-1', customer: 'Acme', due: '2026-03-11', amount: 1000 },
      { number: 'A-2', customer: 'Acme', due: '2026-03-25', amount: 200 },
      { number: 'D-1', customer: 'Disputes', due: '2026-03-11', amount: 100, disputed: true },
      { number: 'P-1', customer: 'Promises', due: '2026-03-11', amount: 100 },
      { number: 'B-1', customer: 'Blocked', due: '2026-03-11', amount: 100 },
      { number: 'C-1', customer: 'Credits', due: '2026-03-11', amount: 100 },
      { number: 'C-9', customer: 'Credits', due: '2026-03-11', amount: -100, type: 'credit note' },
      { number: 'X-1', customer: 'Dead', due: '2026-03-11', amount: 100 },
      { number: 'N-1', customer: 'Fresh', due: '2026-03-30', amount: 100 },
    ])
    await s.post('promises', { invoice_ids: [(await s.invoice('P-1')).id], promised_on: '2026-04-03' })
    await s.post('dunning/blocks', {
      customer_id: (await s.invoice('B-1')).customer_id,
      until: '2026-04-10',
      reason: 'Merger talks',
    })
    await s.post('dunning/dead-addresses', { address: 'Dead@example.com', reason: 'bounced' })
    const answer = await s.dryRun()
    expect(answer.items[0]).toMatchObject({
      customer_name: 'Acme',
      action: 'message',
      step: 2,
      channel: 'email',
      recipient: 'acme@example.com',
      amount: 1200,
      invoices: [
        { invoice_number: 'A-1', step: 2, amount: 1000, days_overdue: 20 },
        { invoice_number: 'A-2', step: 1, amount: 200, days_overdue: 6 },
      ],
    })
    expect(await s.outcome()).toEqual({
      Acme: 2,
      Disputes: 'dispute',
      Promises: 'promise',
      Blocked: 'block',
      Credits: 'credit',
      Dead: 'address',
      Fresh: 'not_due',
    })
    expect(answer.totals).toEqual([{ currency: 'USD', messages: 1, amount: 1200, customers: 7 }])
    expect(answer.gates).toEqual(
      ['dispute', 'promise', 'block', 'credit', 'address', 'not_due'].map((gate) => ({ gate, count: 1 })),
    )
    const blocked = await s.dryRun({ gate: 'block' })
    expect(blocked.items).toEqual([
      expect.objectContaining({
        reasons: [expect.objectContaining({ until: '2026-04-10', text: 'Merger talks', amount: 100 })],
      }),
    ])
    expect((await s.get('dunning/messages')).total).toBe(0)
  })

  test('a broken promise resumes at once, a block ends by itself, and a promise that is kept needs no reminder', async () => {
    const rows: Row[] = [
      { number: 'P-1', customer: 'Breaks', due: '2026-03-11', amount: 100 },
      { number: 'P-2', customer: 'Keeps', due: '2026-03-11', amount: 100 },
      { number: 'B-1', customer: 'Blocked', due: '2026-03-11', amount: 100 },
    ]
    const s = await story(rows)
    for (const number of ['P-1', 'P-2'])
      await s.post('promises', { invoice_ids: [(await s.invoice(number)).id], promised_on: '2026-04-03' })
    await s.post('dunning/blocks', {
      invoice_id: (await s.invoice('B-1')).id,
      until: '2026-04-05',
      reason: 'asked to wait',
    })
    expect(await s.outcome()).toEqual({ Breaks: 'promise', Keeps: 'promise', Blocked: 'block' })
    await s.on('2026-04-06')
    expect(await s.outcome()).toEqual({ Breaks: 'promise', Keeps: 'promise', Blocked: 2 })
    await s.snapshot([rows[0]!, { ...rows[1]!, open: 0 }, rows[2]!])
    expect(await s.outcome()).toEqual({ Breaks: 2, Blocked: 2 })
  })

  test('only the disputed part is left out, and whom to ask first is written to', async () => {
    const s = await story([{ number: 'D-1', customer: 'Disputes', due: '2026-03-11', amount: 100 }])
    const { id, customer_id } = await s.invoice('D-1')
    const { body: reasons } = await call(t, 'GET /api/receivables/dispute-reasons', { as: s.as })
    const opened = await s.post('disputes', { invoice_id: id, reason_id: reasons.items[0].id, amount: 30 })
    expect(opened.status, JSON.stringify(opened.body)).toBe(201)
    const contact = await s.post(`customers/${customer_id}/contacts`, {
      name: 'Ada',
      email: 'ada@disputes.example',
    })
    expect(contact.status, JSON.stringify(contact.body)).toBe(201)
    const { items } = await s.dryRun()
    expect(items).toEqual([
      expect.objectContaining({
        step: 2,
        amount: 70,
        recipient: 'ada@disputes.example',
        reasons: [expect.objectContaining({ gate: 'dispute', amount: 30, invoice_numbers: ['D-1'] })],
      }),
    ])
  })

  test('a block lifted early lets reminders go, and says who lifted it', async () => {
    const s = await story([{ number: 'L-1', customer: 'Lifted', due: '2026-03-11', amount: 100 }])
    const { body: block } = await s.post('dunning/blocks', {
      invoice_id: (await s.invoice('L-1')).id,
      until: '2026-05-01',
      reason: 'asked to wait',
    })
    expect(block).toMatchObject({ is_active: true, invoice_number: 'L-1', customer_name: 'Lifted' })
    expect(await s.outcome()).toEqual({ Lifted: 'block' })
    const { body } = await s.post(`dunning/blocks/${block.id}/lift`)
    expect(body).toMatchObject({ is_active: false, lifted_by: { id: s.as.id } })
    expect(await s.outcome()).toEqual({ Lifted: 2 })
    expect(
      (await s.post('dunning/blocks', { invoice_id: block.invoice_id, until: '2026-03-30', reason: 'late' }))
        .body.errors[0].code,
    ).toBe('in_past')
  })
})

describe('the queue', () => {
  test('prepares one message per customer and currency, with its words; another run renews it', async () => {
    const s = await story([
      { number: 'A-1', customer: 'Acme', due: '2026-03-25', amount: 1000 },
      { number: 'A-9', customer: 'Acme', due: '2026-03-25', amount: -30, type: 'credit note' },
    ])
    expect((await s.post('dunning/prepare')).body).toEqual({ prepared: 1, renewed: 0, cancelled: 0, kept: 0 })
    expect((await s.post('dunning/prepare')).body).toEqual({ prepared: 0, renewed: 1, cancelled: 0, kept: 0 })
    const { items, counts } = await s.get('dunning/messages', { state: 'prepared' })
    expect(counts).toEqual({ prepared: 1, cancelled: 1 })
    const message = await s.get(`dunning/messages/${items[0].id}`)
    expect(message).toMatchObject({
      step: 1,
      amount: 1000,
      recipient: 'acme@example.com',
      subject: 'Reminder: 1,000.00 USD',
      stopped_by: [],
    })
    expect(message.body).toBe('Dear Acme,\nA-1   Mar 25, 2026   6   1,000.00 USD\nCredits: A-9   30.00 USD')
    const { body } = await s.post('dunning/messages/decide', {
      message_ids: [message.id],
      decision: 'hold',
      reason: 'ask sales first',
    })
    expect(body).toEqual({ changed: [message.id], refused: [] })
    expect((await s.post('dunning/prepare')).body).toEqual({ prepared: 0, renewed: 0, cancelled: 0, kept: 1 })
    expect(await s.get(`dunning/messages/${message.id}`)).toMatchObject({
      state: 'held',
      held_because: 'ask sales first',
    })
    const sent = await s.post('dunning/messages/decide', { message_ids: [message.id], decision: 'sent' })
    expect(sent.body).toMatchObject({ changed: [], refused: [{ code: 'wrong_state' }] })
  })

  test('approving asks the gates again: who paid since gets nothing, the others are approved', async () => {
    const rows: Row[] = [
      { number: 'A-1', customer: 'Pays', due: '2026-03-11', amount: 100 },
      { number: 'B-1', customer: 'Owes', due: '2026-03-11', amount: 100 },
      { number: 'C-1', customer: 'Promises', due: '2026-03-11', amount: 100 },
    ]
    const s = await story(rows)
    await s.post('dunning/prepare')
    await s.on('2026-04-02')
    await s.snapshot([{ ...rows[0]!, open: 0 }, rows[1]!, rows[2]!])
    await s.post('promises', { invoice_ids: [(await s.invoice('C-1')).id], promised_on: '2026-04-09' })
    const { items } = await s.get('dunning/messages', { state: 'prepared', sort: 'customer_name' })
    const ids = items.map(({ id }: { id: number }) => id)
    const { body } = await s.post('dunning/messages/decide', { message_ids: ids, decision: 'approve' })
    expect(body.changed).toEqual([ids[0]])
    expect(body.refused.map(({ code }: { code: string }) => code).sort()).toEqual([
      'stopped_by_balance',
      'stopped_by_promise',
    ])
    expect(await s.get(`dunning/messages/${ids[1]}`)).toMatchObject({ stopped_by: [{ gate: 'balance' }] })
    expect((await s.post('dunning/prepare')).body).toEqual({ prepared: 0, renewed: 0, cancelled: 2, kept: 1 })
  })

  test('steps follow each other with their gap; after a pause the latest is due once, and a dispute does not restart them', async () => {
    const row: Row = { number: 'S-1', customer: 'Slow', due: '2026-03-25', amount: 100 }
    const s = await story([row])
    expect(await s.sendAll()).toBe(1)
    expect(await s.outcome()).toEqual({ Slow: 'not_due' })
    expect((await s.dryRun()).items[0].reasons[0].until).toBe('2026-04-09')
    // Nobody sent anything for two months: the third step, not the second.
    await s.on('2026-06-01')
    await s.snapshot([{ ...row, disputed: true }])
    expect(await s.outcome()).toEqual({ Slow: 'dispute' })
    await s.on('2026-06-10')
    await s.snapshot([row])
    expect(await s.outcome()).toEqual({ Slow: 3 })
    expect(await s.sendAll()).toBe(1)
    expect(await s.outcome()).toEqual({ Slow: 'finished' })
    const customer = await s.get(`customers/${(await s.invoice('S-1')).customer_id}/dunning`)
    expect(
      customer.messages.map(({ step, state }: { step: number; state: string }) => [step, state]),
    ).toEqual([
      [3, 'sent'],
      [1, 'sent'],
    ])
  })
})

describe('what is approved leaves', () => {
  const run = (org: given.Organisation) =>
    jobs.tasks.send_dunning!(t.deps, { tenant_id: org.id }, pino({ level: 'silent' }))
  async function approveAll(s: Awaited<ReturnType<typeof story>>) {
    await s.post('dunning/prepare')
    const { items } = await s.get('dunning/messages', { state: 'prepared' })
    const { body } = await s.post('dunning/messages/decide', {
      message_ids: items.map(({ id }: { id: number }) => id),
      decision: 'approve',
    })
    expect(body.refused).toEqual([])
  }
  const outbox = (org: given.Organisation) =>
    within(t, org, async (scope) => {
      const { rows } = await sql<{
        id: number
        recipient: string
        subject: string
        text: string
        html: string
        state: string
      }>`
        select id, recipient, subject, text, html, state from messages where tenant_id = ${org.id} order by recipient`.execute(
        scope.db,
      )
      return rows
    })
  const leave = async (org: given.Organisation) =>
    settled(
      t.deps,
      org.id,
      (await outbox(org)).map(({ id }) => id),
      5_000,
    )
  const states = async (s: Awaited<ReturnType<typeof story>>) =>
    Object.fromEntries(
      (await s.get('dunning/messages', { state: 'approved,held,sent' })).items.map(
        (each: {
          customer_name: string
          state: string
          delivery: string | null
          held_because: string | null
        }) => [each.customer_name, [each.state, each.held_because ?? each.delivery]],
      ),
    )

  test('by the organisation’s channel, once; sent ones advance the steps', async () => {
    const s = await story([
      { number: 'A-1', customer: 'Anna', due: '2026-03-11', amount: 100 },
      { number: 'B-1', customer: 'Ben', due: '2026-03-11', amount: 1234.5 },
    ])
    await approveAll(s)
    // Without a channel they wait.
    await run(s.org)
    expect(await outbox(s.org)).toEqual([])
    await sendsBy(t, s.org, null, 'email', 'outbox')
    await Promise.all([run(s.org), run(s.org)])
    await leave(s.org)
    await run(s.org)
    expect(await outbox(s.org)).toMatchObject([
      { recipient: 'anna@example.com', subject: 'Second: 100.00 USD', text: 'Anna 20', state: 'sent' },
      {
        recipient: 'ben@example.com',
        html: expect.stringMatching(/^<!doctype html>[\s\S]*Northwind[\s\S]*Ben 20/),
      },
    ])
    expect(await states(s)).toEqual({ Anna: ['sent', 'sent'], Ben: ['sent', 'sent'] })
    expect(await s.outcome()).toEqual({ Anna: 'not_due', Ben: 'not_due' })
  })

  test('the gates are asked before the outbox and before the door; who stopped comes back to a person', async () => {
    const rows: Row[] = ['Early', 'Late', 'Owes'].map((customer, n) => ({
      number: `G-${n}`,
      customer,
      due: '2026-03-11',
      amount: 100,
    }))
    const s = await story(rows)
    await sendsBy(t, s.org, null, 'email', 'outbox')
    await approveAll(s)
    const promise = async (number: string) =>
      s.post('promises', { invoice_ids: [(await s.invoice(number)).id], promised_on: '2026-04-09' })
    await promise('G-0')
    await run(s.org)
    await promise('G-1')
    await leave(s.org)
    await run(s.org)
    expect(await states(s)).toEqual({
      Early: ['held', 'Not sent: the customer has promised to pay.'],
      Late: ['held', expect.stringContaining('the customer has promised to pay')],
      Owes: ['sent', 'sent'],
    })
  })

  test('what is on its way cannot be held, and at night nothing leaves', async () => {
    const s = await story([{ number: 'N-1', customer: 'Nina', due: '2026-03-11', amount: 100 }])
    await sendsBy(t, s.org, null, 'email', 'sendgrid', { api_key: 'SG.none' })
    await approveAll(s)
    t.clock.ahead(10 * 3_600_000)
    await run(s.org)
    expect(await outbox(s.org)).toEqual([])
    await s.on('2026-04-01')
    await run(s.org)
    const { items } = await s.get('dunning/messages', { state: 'approved' })
    expect(items[0].delivery).toBe('pending')
    const { body } = await s.post('dunning/messages/decide', { message_ids: [items[0].id], decision: 'hold' })
    expect(body.refused[0].code).toBe('leaving')
  })
})

describe('policies', () => {
  test('a customer may have its own; a change is another version; what was prepared keeps its words', async () => {
    const s = await story([
      { number: 'A-1', customer: 'Acme', due: '2026-03-11', amount: 100 },
      { number: 'B-1', customer: 'Beta', due: '2026-03-11', amount: 100 },
    ])
    const { body: soft } = await s.post('dunning/policies', {
      name: 'Soft',
      steps: [{ ...steps[0], delay_days: 60 }],
    })
    const customer = (await s.invoice('B-1')).customer_id
    const chosen = await call(t, `PUT /api/receivables/customers/${customer}/dunning`, {
      as: s.as,
      json: { policy_id: soft.id },
    })
    expect(chosen.body).toMatchObject({
      policy: { name: 'Soft', is_own: true },
      lines: [{ action: 'nothing' }],
    })
    expect(await s.outcome()).toEqual({ Acme: 2, Beta: 'not_due' })
    await s.post('dunning/prepare')
    const { items } = await s.get('dunning/policies')
    expect(
      items.map((each: { name: string; is_default: boolean; customer_count: number }) => [
        each.name,
        each.is_default,
        each.customer_count,
      ]),
    ).toEqual([
      ['Ours', true, 0],
      ['Soft', false, 1],
    ])
    const ours = items[0]
    const change = (headers: Record<string, string>) =>
      call(t, `PUT /api/receivables/dunning/policies/${ours.id}`, {
        as: s.as,
        json: {
          name: 'Ours',
          is_default: true,
          steps: [{ ...steps[1], subject: 'New words', delay_days: 1 }],
        },
        headers,
      })
    expect((await change({ 'if-match': '"1"' })).body).toMatchObject({
      version: 2,
      steps: [{ subject: 'New words' }],
    })
    expect((await change({ 'if-match': '"1"' })).status).toBe(412)
    const queue = await s.get('dunning/messages')
    expect(queue.items[0].subject).toBe('Second: 100.00 USD')
    expect(
      (await call(t, `DELETE /api/receivables/dunning/policies/${ours.id}`, { as: s.as })).body.code,
    ).toBe('is_default')
    expect((await call(t, `DELETE /api/receivables/dunning/policies/${soft.id}`, { as: s.as })).status).toBe(
      200,
    )
    expect((await s.get(`customers/${customer}/dunning`)).policy).toMatchObject({
      name: 'Ours',
      is_own: false,
    })
    const wrong = await s.post('dunning/policies', {
      name: 'Wrong',
      steps: [{ ...steps[0], body: 'Dear {{custmer}}' }],
    })
    expect(wrong).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'steps.0.body', code: 'unknown_placeholder' }] },
    })
    expect((await s.post('dunning/policies', { name: 'ours', steps })).status).toBe(409)
  })

  test('a collector sees the reminders of their customers alone, may block them, and prepares nothing', async () => {
    const s = await story([
      { number: 'A-1', customer: 'Acme', due: '2026-03-11', amount: 100 },
      { number: 'B-1', customer: 'Beta', due: '2026-03-11', amount: 100 },
    ])
    const collector = await given.person(t, { in: s.org, roles: ['Collector'] })
    const [mine, other] = [await s.invoice('A-1'), await s.invoice('B-1')]
    await call(t, `PUT /api/receivables/invoices/${mine.id}/assignment`, {
      as: s.as,
      json: { assigned_to: collector.id },
    })
    await s.post('dunning/prepare')
    const { items } = await s.get('dunning/messages', { sort: 'customer_name' })
    const read = async (path: string) =>
      (await call(t, `GET /api/receivables/${path}` as never, { as: collector })).status
    expect([
      await read(`dunning/messages/${items[0].id}`),
      await read(`dunning/messages/${items[1].id}`),
    ]).toEqual([200, 404])
    expect([
      await read(`customers/${mine.customer_id}/dunning`),
      await read(`customers/${other.customer_id}/dunning`),
    ]).toEqual([200, 404])
    const block = (customer_id: number) =>
      call(t, 'POST /api/receivables/dunning/blocks', {
        as: collector,
        json: { customer_id, until: '2026-04-30', reason: 'called' },
      })
    expect([(await block(mine.customer_id)).status, (await block(other.customer_id)).status]).toEqual([
      201, 404,
    ])
    for (const path of ['dry-run', 'prepare'])
      expect(
        (await call(t, `POST /api/receivables/dunning/${path}` as never, { as: collector, json: {} })).status,
      ).toBe(403)
  })
})

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { type CallOptions, call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// The work of collecting: the people of a customer, what was said to them, what is to be done next, and who is told.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const header =
  'operating_unit,customer_name,customer_id,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status'
const lines = `Main,Acme,C1,INV-1,2026-01-01,2026-01-31,100.00,USD,Overdue
Main,Acme,C1,INV-2,2026-01-01,2026-02-28,250.00,USD,Overdue
Main,Brick,C2,INV-3,2026-01-01,2026-02-28,75.00,USD,Overdue`

type Office = {
  org: Organisation
  olga: Person
  cora: Person
  carl: Person
  customer(code: string): Promise<number>
  invoice(number: string): Promise<number>
}
/** Olga runs operations, Cora and Carl collect; three invoices that nobody works. */
async function office(): Promise<Office> {
  const org = await organisation(t)
  const n = org.id
  const olga = await person(t, {
    in: org,
    roles: ['Operations'],
    username: `olga${n}`,
    full_name: 'Olga Operations',
  })
  const cora = await person(t, {
    in: org,
    roles: ['Collector'],
    username: `cora${n}`,
    full_name: 'Cora Collector',
  })
  const carl = await person(t, {
    in: org,
    roles: ['Collector'],
    username: `carl${n}`,
    full_name: 'Carl Collector',
  })
  const sent = await send(t, olga, `${header}\n${lines}\n`, { as_of: '2026-06-30', kind: 'changes' })
  expect(sent.status, JSON.stringify(sent.body)).toBe(200)
  const id = async (query: ReturnType<typeof sql<{ id: number }>>) => (await rowsIn(t, org, query))[0]!.id
  return {
    org,
    olga,
    cora,
    carl,
    customer: (code) => id(sql`select id from customers where tenant_id = ${org.id} and code = ${code}`),
    invoice: (number) => id(sql`select id from invoices where tenant_id = ${org.id} and number = ${number}`),
  }
}
/** A call that is answered as it should be; its body. */
async function ok(target: Target, options: CallOptions, status = 200) {
  const answer = await call(t, target, options)
  expect(answer.status, `${target}: ${answer.raw.body}`).toBe(status)
  return answer.body
}
const assign = async ({ olga, customer }: Office, code: string, to: Person) =>
  ok(`PUT /api/receivables/customers/${await customer(code)}/assignment`, {
    as: olga,
    json: { assigned_to: to.id },
  })
const notices = (as: Person) => ok('GET /api/profile/notifications', { as })

describe('contacts', () => {
  test('the first person of a customer is asked first, until another is', async () => {
    const o = await office()
    const path = `/api/receivables/customers/${await o.customer('C1')}/contacts` as const
    const nina = await ok(
      `POST ${path}`,
      {
        as: o.olga,
        json: {
          name: 'Nina',
          role: 'Accounts payable',
          email: 'Nina@Acme.example',
          preferred_channel: 'email',
        },
      },
      201,
    )
    expect(nina).toMatchObject({ is_main: true, email: 'nina@acme.example' })
    const paul = await ok(
      `POST ${path}`,
      { as: o.olga, json: { name: 'Paul', phone: '+1 555 0100', is_main: true } },
      201,
    )
    const { items } = await ok(`GET ${path}`, { as: o.olga })
    expect(items.map((each: typeof nina) => [each.name, each.is_main])).toEqual([
      ['Paul', true],
      ['Nina', false],
    ])
    const renamed = await call(t, `PUT /api/receivables/contacts/${paul.id}`, {
      as: o.olga,
      json: { name: 'Paul Park' },
      headers: { 'if-match': '"1"' },
    })
    expect(renamed.body).toMatchObject({ name: 'Paul Park', version: 2 })
    const late = await call(t, `PUT /api/receivables/contacts/${paul.id}`, {
      as: o.olga,
      json: { name: 'Pablo' },
      headers: { 'if-match': '"1"' },
    })
    expect(late.status).toBe(412)
    await ok(`DELETE /api/receivables/contacts/${paul.id}`, { as: o.olga })
    expect((await ok(`GET ${path}`, { as: o.olga })).items).toHaveLength(1)
  })

  test('addresses, numbers and channels that are none are refused, and so is no name', async () => {
    const o = await office()
    const path = `/api/receivables/customers/${await o.customer('C1')}/contacts` as const
    const wrong = {
      email: 'nina at acme',
      phone: 'call me',
      preferred_channel: 'pigeon',
      name: ' ',
    }
    for (const [field, value] of Object.entries(wrong)) {
      const answer = await call(t, `POST ${path}`, { as: o.olga, json: { name: 'Nina', [field]: value } })
      expect(answer.status, field).toBe(422)
      expect(answer.body.errors[0].path).toContain(field)
    }
  })
})

describe('contact attempts', () => {
  test('a call is written down with its follow-up, and taken back with it', async () => {
    const o = await office()
    await assign(o, 'C1', o.cora)
    const [acme, invoice] = [await o.customer('C1'), await o.invoice('INV-2')]
    const contact = await ok(
      `POST /api/receivables/customers/${acme}/contacts`,
      { as: o.cora, json: { name: 'Nina' } },
      201,
    )
    const attempt = await ok(
      `POST /api/receivables/customers/${acme}/attempts`,
      {
        as: o.cora,
        json: {
          channel: 'call',
          outcome: 'spoke',
          contact_id: contact.id,
          note: 'She will ask the warehouse.',
          invoice_ids: [invoice],
          next_follow_up: '2100-01-01',
        },
      },
      201,
    )
    expect(attempt).toMatchObject({ person: 'Nina', invoices: [{ invoice_number: 'INV-2' }], is_own: true })
    const tasks = await ok('GET /api/receivables/tasks', { as: o.cora })
    expect(tasks).toMatchObject({ total: 1, counts: { later: 1, overdue: 0 } })
    expect(tasks.items[0]).toMatchObject({
      title: 'Follow up with Nina',
      invoice_number: 'INV-2',
      attempt_id: attempt.id,
    })
    const timeline = await ok(`GET /api/receivables/invoices/${invoice}/timeline`, { as: o.cora })
    expect(timeline.items.map(({ kind }: { kind: string }) => kind)).toEqual([
      'customer.task_added',
      'customer.contacted',
      'invoice.assigned',
    ])
    const foreign = await call(t, `DELETE /api/receivables/attempts/${attempt.id}`, { as: o.olga })
    expect(foreign.status).toBe(403)
    await ok(`DELETE /api/receivables/attempts/${attempt.id}`, { as: o.cora })
    expect(await ok('GET /api/receivables/attempts', { as: o.cora })).toMatchObject({ total: 0 })
    expect(await ok('GET /api/receivables/tasks', { as: o.cora })).toMatchObject({ total: 0 })
  })

  test('lists find by who, how, with what outcome and when', async () => {
    const o = await office()
    const acme = await o.customer('C1')
    const add = (as: Person, json: object) =>
      ok(`POST /api/receivables/customers/${acme}/attempts`, { as, json }, 201)
    await add(o.olga, { channel: 'call', outcome: 'no_answer', attempted_at: '2026-03-01T10:00:00Z' })
    await add(o.olga, {
      channel: 'email',
      outcome: 'sent',
      note: 'Statement of March',
      attempted_at: '2026-04-01T10:00:00Z',
    })
    const found = async (query: Record<string, string>) =>
      (await ok('GET /api/receivables/attempts', { as: o.olga, query })).total
    expect(await found({})).toBe(2)
    expect(await found({ channel: 'call' })).toBe(1)
    expect(await found({ outcome: 'sent', user_id: String(o.olga.id) })).toBe(1)
    expect(await found({ from: '2026-03-02', to: '2026-04-01' })).toBe(1)
    expect(await found({ search: 'statement' })).toBe(1)
    expect(await found({ user_id: String(o.cora.id) })).toBe(0)
    const tomorrow = await call(t, `POST /api/receivables/customers/${acme}/attempts`, {
      as: o.olga,
      json: { channel: 'call', outcome: 'spoke', attempted_at: '2190-01-01T00:00:00Z' },
    })
    expect(tomorrow.status).toBe(422)
  })

  test('an invoice of somebody else is refused, and so is a contact', async () => {
    const o = await office()
    const acme = await o.customer('C1')
    for (const json of [{ invoice_ids: [await o.invoice('INV-3')] }, { contact_id: 900_000_001 }]) {
      const answer = await call(t, `POST /api/receivables/customers/${acme}/attempts`, {
        as: o.olga,
        json: { channel: 'call', outcome: 'spoke', ...json },
      })
      expect(answer.status, answer.raw.body).toBe(422)
    }
  })
})

describe('tasks', () => {
  test('a task is done, not done after all, and given to a colleague who is told', async () => {
    const o = await office()
    await assign(o, 'C1', o.cora)
    const acme = await o.customer('C1')
    const task = await ok(
      'POST /api/receivables/tasks',
      {
        as: o.olga,
        json: { customer_id: acme, title: 'Send the copies', due_on: '2026-01-05', owner_id: o.cora.id },
      },
      201,
    )
    expect(task).toMatchObject({ owner: { full_name: 'Cora Collector' }, due: 'overdue' })
    expect((await notices(o.cora)).items[0]).toMatchObject({
      kind: 'task',
      sender: { full_name: 'Olga Operations' },
      customer_id: acme,
    })
    const done = await ok(`PUT /api/receivables/tasks/${task.id}/done`, { as: o.cora, json: {} })
    expect(done).toMatchObject({ due: 'done', done_by: { full_name: 'Cora Collector' } })
    const again = await ok(`PUT /api/receivables/tasks/${task.id}/done`, {
      as: o.cora,
      json: { done: false },
    })
    expect(again).toMatchObject({ done_at: null, due: 'overdue' })
    // Carl sees none of the customer's invoices.
    const blind = await call(t, `PUT /api/receivables/tasks/${task.id}`, {
      as: o.olga,
      json: { owner_id: o.carl.id },
    })
    expect(blind.status).toBe(422)
    await ok(`PUT /api/receivables/tasks/${task.id}`, { as: o.cora, json: { owner_id: o.olga.id } })
    expect((await notices(o.olga)).items[0]).toMatchObject({ kind: 'task' })
    expect(await ok('GET /api/receivables/tasks', { as: o.cora })).toMatchObject({ total: 0 })
    const all = await ok('GET /api/receivables/tasks', { as: o.olga, query: { owner: 'all' } })
    expect(all).toMatchObject({ total: 1, counts: { overdue: 1 } })
  })

  test('open tasks follow the customer to whoever works it', async () => {
    const o = await office()
    await assign(o, 'C1', o.cora)
    const acme = await o.customer('C1')
    await ok(
      'POST /api/receivables/tasks',
      { as: o.cora, json: { customer_id: acme, title: 'Call again', due_on: '2100-01-01' } },
      201,
    )
    await assign(o, 'C1', o.carl)
    expect(await ok('GET /api/receivables/tasks', { as: o.carl })).toMatchObject({ total: 1 })
    expect(await ok('GET /api/receivables/tasks', { as: o.cora })).toMatchObject({ total: 0 })
  })
})

describe('comments', () => {
  test('whoever is called by name is told, once, and finds the way back', async () => {
    const o = await office()
    await assign(o, 'C1', o.cora)
    const invoice = await o.invoice('INV-1')
    const comment = await ok(
      `POST /api/receivables/invoices/${invoice}/comments`,
      {
        as: o.olga,
        json: { body: `@${o.cora.username}, is this paid? Write to a@${o.carl.username}.com, not @nobody.` },
      },
      201,
    )
    expect(comment.mentions).toEqual([
      { id: o.cora.id, full_name: 'Cora Collector', username: o.cora.username },
    ])
    const told = (await notices(o.cora)).items[0]
    expect(told).toMatchObject({
      kind: 'mention',
      subject: 'invoice',
      subject_id: invoice,
      sender: { full_name: 'Olga Operations' },
      read_at: null,
    })
    expect(told.text).toContain('is this paid?')
    // Changing the words does not tell her again.
    await ok(`PUT /api/receivables/comments/${comment.id}`, {
      as: o.olga,
      json: { body: `@${o.cora.username} is this paid by now?` },
    })
    const mentions = (await notices(o.cora)).items.filter(({ kind }: { kind: string }) => kind === 'mention')
    expect(mentions).toHaveLength(1)
    const history = await ok(`GET /api/receivables/comments/${comment.id}/history`, { as: o.cora })
    expect(history.items).toHaveLength(2)
    expect(history.items[0].body).toContain('by now?')
    expect(history.items[1].body).toContain('not @nobody.')
    await ok(`DELETE /api/receivables/comments/${comment.id}`, { as: o.olga })
    expect(await ok(`GET /api/receivables/comments/${comment.id}/history`, { as: o.cora })).toEqual({
      items: [],
    })
  })

  test('a colleague who does not see the invoice is not called in vain', async () => {
    const o = await office()
    await assign(o, 'C1', o.cora)
    const answer = await call(t, `POST /api/receivables/customers/${await o.customer('C1')}/comments`, {
      as: o.cora,
      json: { body: `@${o.carl.username} look` },
    })
    expect(answer.status).toBe(422)
    expect(answer.body.detail).toContain('Carl Collector cannot see this')
    const members = await ok(`GET /api/receivables/customers/${await o.customer('C1')}/members`, {
      as: o.cora,
    })
    expect(members.items.map(({ full_name }: { full_name: string }) => full_name)).toEqual([
      'Cora Collector',
      'Olga Operations',
    ])
  })
})

describe('notifications', () => {
  test('are read one by one and all at once, and kinds can be silenced', async () => {
    const o = await office()
    await assign(o, 'C1', o.cora)
    await assign(o, 'C2', o.cora)
    const before = await notices(o.cora)
    expect(before).toMatchObject({ total: 2, unread: 2 })
    expect(before.items[1]).toMatchObject({
      kind: 'assignment',
      customer_id: await o.customer('C1'),
      data: { count: 2 },
    })
    await ok(`PUT /api/profile/notifications/${before.items[0].id}/read`, { as: o.cora, json: {} })
    expect(await ok('GET /api/profile/notifications/unread', { as: o.cora })).toEqual({ unread: 1 })
    // They are one's own.
    const theirs = await call(t, `PUT /api/profile/notifications/${before.items[0].id}/read`, {
      as: o.olga,
      json: {},
    })
    expect(theirs.status).toBe(404)
    await ok('POST /api/profile/notifications/read', { as: o.cora, json: {} })
    expect(await notices(o.cora)).toMatchObject({ total: 2, unread: 0 })
    await ok('PUT /api/profile/notification-preferences', { as: o.cora, json: { muted: ['mention'] } })
    await ok(
      `POST /api/receivables/invoices/${await o.invoice('INV-1')}/comments`,
      { as: o.olga, json: { body: `@${o.cora.username} hello` } },
      201,
    )
    expect(await notices(o.cora)).toMatchObject({ total: 2 })
  })

  test('what one does not see any more is not told either', async () => {
    const o = await office()
    await assign(o, 'C1', o.cora)
    expect(await notices(o.cora)).toMatchObject({ total: 1, unread: 1 })
    await assign(o, 'C1', o.carl)
    expect(await notices(o.cora)).toMatchObject({ total: 0, unread: 0 })
  })

  test('a colleague who may import hears that a file is in the books', async () => {
    const o = await office()
    const dora = await person(t, { in: o.org, roles: ['Director'] })
    await send(
      t,
      o.olga,
      `${header}\nMain,Acme,C1,INV-9,2026-01-01,2026-02-28,5.00,USD,Overdue\n`,
      { as_of: '2026-07-01', kind: 'changes' },
      { name: 'july.csv' },
    )
    expect((await notices(dora)).items[0]).toMatchObject({
      kind: 'import_published',
      data: { file_name: 'july.csv' },
    })
    expect(await notices(o.olga)).toMatchObject({ total: 0 })
  })
})

test('a collector finds nothing of a customer that is a colleague’s', async () => {
  const o = await office()
  await assign(o, 'C1', o.cora)
  await assign(o, 'C2', o.carl)
  const acme = await o.customer('C1')
  const contact = await ok(
    `POST /api/receivables/customers/${acme}/contacts`,
    { as: o.cora, json: { name: 'Nina' } },
    201,
  )
  const attempt = await ok(
    `POST /api/receivables/customers/${acme}/attempts`,
    { as: o.cora, json: { channel: 'call', outcome: 'spoke', next_follow_up: '2100-01-01' } },
    201,
  )
  const comment = await ok(
    `POST /api/receivables/customers/${acme}/comments`,
    { as: o.cora, json: { body: 'Pays on Fridays.' } },
    201,
  )
  const task = (await ok('GET /api/receivables/tasks', { as: o.cora })).items[0]
  const hidden: [Target, object?][] = [
    [`GET /api/receivables/customers/${acme}/contacts`],
    [`GET /api/receivables/customers/${acme}/comments`],
    [`GET /api/receivables/customers/${acme}/members`],
    [`GET /api/receivables/comments/${comment.id}/history`],
    [`POST /api/receivables/customers/${acme}/contacts`, { name: 'Spy' }],
    [`PUT /api/receivables/contacts/${contact.id}`, { name: 'Spy' }],
    [`DELETE /api/receivables/contacts/${contact.id}`],
    [`POST /api/receivables/customers/${acme}/attempts`, { channel: 'call', outcome: 'spoke' }],
    [`PUT /api/receivables/attempts/${attempt.id}`, { channel: 'call', outcome: 'spoke', invoice_ids: [] }],
    [`DELETE /api/receivables/attempts/${attempt.id}`],
    ['POST /api/receivables/tasks', { customer_id: acme, title: 'Spy', due_on: '2100-01-01' }],
    [`PUT /api/receivables/tasks/${task.id}`, { title: 'Spy' }],
    [`PUT /api/receivables/tasks/${task.id}/done`, {}],
    [`DELETE /api/receivables/tasks/${task.id}`],
  ]
  for (const [target, json] of hidden)
    expect((await call(t, target, { as: o.carl, json })).status, target).toBe(404)
  for (const path of ['attempts', 'tasks?owner=all', 'inbox'])
    expect((await ok(`GET /api/receivables/${path}`, { as: o.carl })).total, path).toBe(0)
  const told = await ok('GET /api/receivables/tasks', { as: o.carl, query: { owner_id: String(o.cora.id) } })
  expect(told.counts).toEqual({ overdue: 0, today: 0, week: 0, later: 0, done: 0 })
})

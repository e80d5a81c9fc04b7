import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asSystem } from '../../server/core/scope.ts'
import { receivablesJobs } from '../../server/modules/receivables/jobs.ts'
import { share } from '../../server/modules/receivables/team/share.ts'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { type CallOptions, call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// Who works what: customers, rules, absences, the team, and the biller's inbox.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const header =
  'operating_unit,customer_name,customer_id,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status,region,root_cause'
/** The door of the AR Tracker reads its nine columns unless told of more. */
const mapping = JSON.stringify({
  operating_unit: 'operating_unit',
  customer_name: 'customer_name',
  customer_code: 'customer_id',
  invoice_number: 'invoice_number',
  invoice_date: 'invoice_date',
  due_date: 'due_date',
  amount: 'invoice_amount',
  currency: 'currency',
  status: 'payment_status',
  region: 'region',
  root_cause: 'root_cause',
})
type Line = [customer: string, number: string, amount: number, more?: { region?: string; cause?: string }]
const file = (...lines: Line[]) =>
  `${header}\n${lines
    .map(
      ([customer, number, amount, { region = '', cause = '' } = {}]) =>
        `Main,${customer},${customer},${number},2026-01-01,2026-01-31,${amount.toFixed(2)},USD,Overdue,${region},${cause}`,
    )
    .join('\n')}\n`

type Office = {
  org: Organisation
  olga: Person
  cora: Person
  carl: Person
  load(day: string, ...lines: Line[]): Promise<void>
  customer(name: string): Promise<number>
  invoice(number: string): Promise<number>
  /** Invoice -> whose it is, by first name. */
  holders(): Promise<Record<string, string>>
}
async function office(...lines: Line[]): Promise<Office> {
  const org = await organisation(t)
  const olga = await person(t, { in: org, roles: ['Operations'], full_name: 'Olga' })
  const cora = await person(t, { in: org, roles: ['Collector'], full_name: 'Cora' })
  const carl = await person(t, { in: org, roles: ['Collector'], full_name: 'Carl' })
  const load = async (day: string, ...more: Line[]) => {
    const sent = await send(t, olga, file(...more), { as_of: day, kind: 'changes', mapping })
    expect(sent.status, JSON.stringify(sent.body)).toBe(200)
  }
  const id = async (query: ReturnType<typeof sql<{ id: number }>>) => (await rowsIn(t, org, query))[0]!.id
  if (lines.length > 0) await load('2026-06-30', ...lines)
  return {
    org,
    olga,
    cora,
    carl,
    load,
    customer: (name) => id(sql`select id from customers where tenant_id = ${org.id} and name = ${name}`),
    invoice: (number) => id(sql`select id from invoices where tenant_id = ${org.id} and number = ${number}`),
    async holders() {
      const rows = await rowsIn(
        t,
        org,
        sql<{ number: string; name: string }>`
          select i.number, coalesce(u.full_name, 'nobody') as name from invoices i left join users u on u.id = i.assigned_to
           where i.tenant_id = ${org.id} order by i.number`,
      )
      return Object.fromEntries(rows.map(({ number, name }) => [number, name]))
    },
  }
}
async function ok(target: Target, options: CallOptions, status = 200) {
  const answer = await call(t, target, options)
  expect(answer.status, `${target}: ${answer.raw.body}`).toBe(status)
  return answer.body
}
const rule = (o: Office, json: object) =>
  ok('POST /api/receivables/assignment-rules', { as: o.olga, json }, 201)
const apply = (o: Office, dry_run: boolean) =>
  ok('POST /api/receivables/assignment-rules/apply', { as: o.olga, json: { dry_run } })

describe('a customer', () => {
  test('goes to a collector with what it owes, and with what later files bring', async () => {
    const o = await office(['Acme', 'A-1', 100], ['Acme', 'A-2', 50], ['Brick', 'B-1', 10])
    const acme = await o.customer('Acme')
    const preview = await ok('POST /api/receivables/customers/assign', {
      as: o.olga,
      json: { customer_ids: [acme], assigned_to: o.cora.id, dry_run: true },
    })
    expect(preview).toMatchObject({
      changed: 1,
      invoices: 2,
      totals: [{ currency: 'USD', open_amount: 150, count: 2 }],
    })
    expect(await o.holders()).toEqual({ 'A-1': 'nobody', 'A-2': 'nobody', 'B-1': 'nobody' })
    const given = await ok(`PUT /api/receivables/customers/${acme}/assignment`, {
      as: o.olga,
      json: { assigned_to: o.cora.id },
    })
    expect(given).toMatchObject({ assigned_to_name: 'Cora', invoices: 2 })
    await o.load('2026-07-31', ['Acme', 'A-3', 30], ['Brick', 'B-2', 20])
    expect(await o.holders()).toEqual({
      'A-1': 'Cora',
      'A-2': 'Cora',
      'A-3': 'Cora',
      'B-1': 'nobody',
      'B-2': 'nobody',
    })
    const timeline = await ok(`GET /api/receivables/invoices/${await o.invoice('A-3')}/timeline`, {
      as: o.cora,
    })
    expect(timeline.items[0]).toMatchObject({
      kind: 'invoice.assigned',
      data: { to: 'Cora', via: 'customer' },
    })
    await ok(`PUT /api/receivables/customers/${acme}/assignment`, { as: o.olga, json: { assigned_to: null } })
    expect(await o.holders()).toMatchObject({ 'A-1': 'nobody', 'A-3': 'nobody' })
  })

  test('is given by those alone who may, to those alone who can see it', async () => {
    const o = await office(['Acme', 'A-1', 100])
    const acme = await o.customer('Acme')
    const clerk = await person(t, { in: o.org, roles: ['ap_clerk'] })
    const byCollector = await call(t, `PUT /api/receivables/customers/${acme}/assignment`, {
      as: o.cora,
      json: { assigned_to: o.cora.id },
    })
    expect(byCollector.status).toBe(403)
    const toClerk = await call(t, `PUT /api/receivables/customers/${acme}/assignment`, {
      as: o.olga,
      json: { assigned_to: clerk.id },
    })
    expect(toClerk.status).toBe(422)
  })
})

describe('what was given in one go is taken back in one', () => {
  const undo = (o: Office, act: number | null, as = o.olga) =>
    call(t, `POST /api/receivables/assignments/${act}/undo`, { as })

  test('customers with their invoices and tasks; what moved on since stays, and files go on where they did', async () => {
    const o = await office(['Acme', 'A-1', 100], ['Acme', 'A-2', 50], ['Brick', 'B-1', 10])
    const acme = await o.customer('Acme')
    await ok('POST /api/receivables/customers/assign', {
      as: o.olga,
      json: { customer_ids: [acme], assigned_to: o.carl.id },
    })
    const { id: task } = await ok(
      'POST /api/receivables/tasks',
      { as: o.carl, json: { customer_id: acme, title: 'Ask again', due_on: '2100-01-01' } },
      201,
    )
    // All that the filters find.
    const given = await ok('POST /api/receivables/customers/assign?status=all' as Target, {
      as: o.olga,
      json: { assigned_to: o.cora.id },
    })
    expect(given).toMatchObject({ customers: 2, changed: 2, invoices: 3 })
    expect(Object.values(await o.holders())).toEqual(['Cora', 'Cora', 'Cora'])
    await ok(`PUT /api/receivables/invoices/${await o.invoice('A-2')}/assignment`, {
      as: o.olga,
      json: { assigned_to: o.olga.id },
    })
    expect((await undo(o, given.act_id, o.cora)).status).toBe(403)
    const undone = await undo(o, given.act_id)
    expect(undone.body).toEqual({ invoices: 2, customers: 2, kept: 1 })
    expect(await o.holders()).toEqual({ 'A-1': 'Carl', 'A-2': 'Olga', 'B-1': 'nobody' })
    const [held] = await rowsIn(
      t,
      o.org,
      sql<{ owner: number; by_hand: boolean }>`
        select t.owner_id as owner, (select assigned_by_hand from invoices i where i.tenant_id = ${o.org.id} and i.number = 'B-1') as by_hand
          from tasks t where t.tenant_id = ${o.org.id} and t.id = ${task}`,
    )
    expect(held).toEqual({ owner: o.carl.id, by_hand: false })
    expect(await undo(o, given.act_id)).toMatchObject({ status: 409, body: { code: 'already_undone' } })
    // Acme is Carl's again, for what comes too.
    await o.load('2026-07-31', ['Acme', 'A-3', 30], ['Brick', 'B-2', 20])
    expect(await o.holders()).toMatchObject({ 'A-3': 'Carl', 'B-2': 'nobody' })
  })

  test('what rules gave, and what invoices somebody gave', async () => {
    const o = await office(['Acme', 'A-1', 100], ['Brick', 'B-1', 10])
    await rule(o, { name: 'All', user_ids: [o.cora.id] })
    expect((await apply(o, true)).act_id).toBe(null)
    const applied = await apply(o, false)
    expect(Object.values(await o.holders())).toEqual(['Cora', 'Cora'])
    expect((await undo(o, applied.act_id)).body).toEqual({ invoices: 2, customers: 2, kept: 0 })
    expect(Object.values(await o.holders())).toEqual(['nobody', 'nobody'])
    const given = await ok('POST /api/receivables/invoices/assign', {
      as: o.olga,
      json: { invoice_ids: [await o.invoice('A-1')], assigned_to: o.carl.id },
    })
    const other = await person(t, { in: o.org, roles: ['Operations'] })
    expect((await undo(o, given.act_id, other)).status).toBe(404)
    expect((await undo(o, given.act_id)).body).toEqual({ invoices: 1, customers: 0, kept: 0 })
    const timeline = await ok(`GET /api/receivables/invoices/${await o.invoice('A-1')}/timeline`, {
      as: o.olga,
    })
    expect(timeline.items[0]).toMatchObject({ kind: 'invoice.assigned', data: { via: 'undo' } })
  })
})

describe('rules', () => {
  test('say who would get what, then give it; the first that fits has it', async () => {
    const o = await office(
      ['Acme', 'A-1', 100],
      ['Brick', 'B-1', 900],
      ['Norma', 'N-1', 40],
      ['Zest', 'Z-1', 10],
    )
    await rule(o, { name: 'Large', amount_min: 500, user_ids: [o.olga.id], whole_customer: false })
    await rule(o, { name: 'A to M', name_from: 'A', name_to: 'M', user_ids: [o.cora.id] })
    await rule(o, { name: 'N to Q', name_from: 'n', name_to: 'q', user_ids: [o.carl.id] })
    const preview = await apply(o, true)
    expect(preview.people).toEqual([
      expect.objectContaining({ full_name: 'Carl', count: 1, had: 0, has: 1 }),
      expect.objectContaining({ full_name: 'Cora', count: 1 }),
      expect.objectContaining({
        full_name: 'Olga',
        totals: [{ currency: 'USD', count: 1, open_amount: 900 }],
      }),
    ])
    expect(preview.rules[0].people[0]).toMatchObject({ full_name: 'Olga', examples: ['Brick'] })
    expect(preview.left).toMatchObject({ count: 1, customers: 1 })
    expect(Object.values(await o.holders())).toEqual(['nobody', 'nobody', 'nobody', 'nobody'])

    expect(await apply(o, false)).toEqual({ ...preview, dry_run: false, act_id: expect.any(Number) })
    expect(await o.holders()).toEqual({ 'A-1': 'Cora', 'B-1': 'Olga', 'N-1': 'Carl', 'Z-1': 'nobody' })
    expect((await apply(o, true)).people).toEqual([])
    // Files bring more: Acme is Cora's as a whole, Brick is nobody's but its large invoice.
    await o.load('2026-07-31', ['Acme', 'A-2', 700], ['Brick', 'B-2', 20], ['Zest', 'Z-2', 5])
    expect(await o.holders()).toMatchObject({ 'A-2': 'Cora', 'B-2': 'Cora', 'Z-2': 'nobody' })
  })

  test('are ordered, switched off and changed; an absent amount or an unknown person is refused', async () => {
    const o = await office(['Acme', 'A-1', 100])
    const first = await rule(o, { name: 'First', user_ids: [o.cora.id] })
    const second = await rule(o, { name: 'Second', user_ids: [o.carl.id] })
    const ordered = await ok('POST /api/receivables/assignment-rules/order', {
      as: o.olga,
      json: { rule_ids: [second.id] },
    })
    expect(ordered.items.map(({ name }: { name: string }) => name)).toEqual(['Second', 'First'])
    await ok(`PUT /api/receivables/assignment-rules/${second.id}`, {
      as: o.olga,
      json: { name: 'Second', user_ids: [o.carl.id], is_on: false },
    })
    expect((await apply(o, true)).people).toMatchObject([{ full_name: 'Cora' }])
    await ok(`DELETE /api/receivables/assignment-rules/${first.id}`, { as: o.olga })
    expect((await apply(o, true)).people).toEqual([])
    for (const json of [
      { name: 'x', user_ids: [] },
      { name: 'x', user_ids: [900_000_001] },
      { name: 'x', user_ids: [o.cora.id], amount_min: 5, amount_max: 1 },
      { name: 'x', user_ids: [o.cora.id], amount_min: 0.001 },
      { name: 'x', user_ids: [o.cora.id], name_from: 'Z', name_to: 'A' },
    ]) {
      const answer = await call(t, 'POST /api/receivables/assignment-rules', { as: o.olga, json })
      expect(answer.status, JSON.stringify(json)).toBe(422)
    }
  })

  test('share customers between people: whole, and by what each has', () => {
    const weight = (customer_id: number, count: number, amount = 0n) => ({ customer_id, count, amount })
    const loads = new Map([[1, { count: 5, amount: 0n }]])
    const chosen = share([weight(10, 3), weight(11, 2), weight(12, 4)], [1, 2], loads, new Map(), 'count')
    // 12 (4) to 2; 10 (3) to 2, who has 4 beside 5; 11 (2) to 1.
    expect([...chosen].sort()).toEqual([
      [10, 2],
      [11, 1],
      [12, 2],
    ])
    expect(loads).toEqual(
      new Map([
        [1, { count: 7, amount: 0n }],
        [2, { count: 7, amount: 0n }],
      ]),
    )
    const held = share([weight(10, 1)], [1, 2], new Map(), new Map([[10, new Map([[2, 1]])]]), 'count')
    expect(held.get(10)).toBe(2)
  })

  test('go by region and by cause', async () => {
    const o = await office()
    const north = await ok(
      'POST /api/admin/regions',
      {
        as: await person(t, { in: o.org }),
        json: { code: 'north', name: 'North' },
      },
      201,
    )
    await rule(o, { name: 'North', region_id: north.id, user_ids: [o.cora.id], whole_customer: false })
    await rule(o, {
      name: 'Billing',
      root_cause: 'Billing Error',
      user_ids: [o.carl.id],
      whole_customer: false,
    })
    await o.load(
      '2026-06-30',
      ['Acme', 'A-1', 1, { region: 'North' }],
      ['Brick', 'B-1', 1, { cause: 'Billing Error' }],
      ['Zest', 'Z-1', 1],
    )
    expect(await o.holders()).toEqual({ 'A-1': 'Cora', 'B-1': 'Carl', 'Z-1': 'nobody' })
  })
})

describe('an absence', () => {
  const day = (after: number) =>
    new Date(t.clock.now().getTime() + after * 86_400_000).toISOString().slice(0, 10)

  test('hands everything to the stand-in, and back', async () => {
    const o = await office(['Acme', 'A-1', 100], ['Brick', 'B-1', 50])
    const acme = await o.customer('Acme')
    await ok(`PUT /api/receivables/customers/${acme}/assignment`, {
      as: o.olga,
      json: { assigned_to: o.cora.id },
    })
    await ok(
      'POST /api/receivables/tasks',
      { as: o.cora, json: { customer_id: acme, title: 'Call', due_on: '2100-01-01' } },
      201,
    )
    const absence = await ok(
      'POST /api/receivables/absences',
      {
        as: o.olga,
        json: { user_id: o.cora.id, stand_in_id: o.carl.id, from_on: day(0), until_on: day(3) },
      },
      201,
    )
    expect(absence).toMatchObject({ state: 'running', invoices: 1, customers: 1, tasks: 1 })
    expect(await o.holders()).toMatchObject({ 'A-1': 'Carl', 'B-1': 'nobody' })
    expect(await ok('GET /api/receivables/tasks', { as: o.carl })).toMatchObject({ total: 1 })
    const told = await ok('GET /api/profile/notifications', { as: o.carl, query: { kind: 'absence' } })
    expect(told.items[0]).toMatchObject({ data: { name: 'Cora' } })
    // What comes meanwhile goes to who stands in.
    await o.load('2026-07-31', ['Acme', 'A-2', 30])
    await ok(`PUT /api/receivables/invoices/${await o.invoice('B-1')}/assignment`, {
      as: o.olga,
      json: { assigned_to: o.cora.id },
    })
    await o.load('2026-08-01', ['Brick', 'B-2', 1])
    expect(await o.holders()).toMatchObject({ 'A-2': 'Carl', 'B-1': 'Carl' })

    const team = await ok('GET /api/receivables/team', { as: o.olga })
    const away = team.people.find(({ id }: Person) => id === o.cora.id).away
    expect(away).toMatchObject({ running: true, stand_in: { full_name: 'Carl' } })
    await ok(`DELETE /api/receivables/absences/${absence.id}`, { as: o.olga })
    expect(await o.holders()).toMatchObject({ 'A-1': 'Cora', 'A-2': 'Cora', 'B-1': 'Cora', 'B-2': 'nobody' })
    expect(await ok('GET /api/receivables/tasks', { as: o.cora })).toMatchObject({ total: 1 })
  })

  test('begins and ends by itself, on its days', async () => {
    const o = await office(['Acme', 'A-1', 100])
    await ok(`PUT /api/receivables/customers/${await o.customer('Acme')}/assignment`, {
      as: o.olga,
      json: { assigned_to: o.cora.id },
    })
    const run = async (after: number) =>
      receivablesJobs.tasks.absences!(
        { ...t.deps, now: () => new Date(`${day(after)}T12:00:00Z`) },
        {},
        t.app.log,
      )
    await ok(
      'POST /api/receivables/absences',
      {
        as: o.olga,
        json: { user_id: o.cora.id, stand_in_id: o.carl.id, from_on: day(2), until_on: day(3) },
      },
      201,
    )
    const holder = async () => (await o.holders())['A-1']
    await run(1)
    expect(await holder()).toBe('Cora')
    await run(2)
    expect(await holder()).toBe('Carl')
    await run(3)
    expect(await holder()).toBe('Carl')
    await run(4)
    expect(await holder()).toBe('Cora')
  })

  test('of a stand-in is refused, and so is standing in for oneself', async () => {
    const o = await office()
    const absent = (user: Person, stand_in: Person, from = 0, until = 5) =>
      call(t, 'POST /api/receivables/absences', {
        as: o.olga,
        json: { user_id: user.id, stand_in_id: stand_in.id, from_on: day(from), until_on: day(until) },
      })
    expect((await absent(o.cora, o.cora)).status).toBe(422)
    expect((await absent(o.cora, o.carl, 5, 4)).status).toBe(422)
    expect((await absent(o.cora, o.carl)).status).toBe(201)
    expect((await absent(o.carl, o.olga)).body.code).toBe('stands_in')
    expect((await absent(o.olga, o.cora)).status).toBe(422)
    expect((await absent(o.cora, o.olga, 3, 9)).body.code).toBe('absent_already')
    expect((await absent(o.carl, o.olga, 6, 9)).status).toBe(201)
  })
})

describe('the team', () => {
  test('shows who has how much, and what nobody has', async () => {
    const o = await office(['Acme', 'A-1', 100], ['Acme', 'A-2', 50], ['Brick', 'B-1', 10])
    await ok(`PUT /api/receivables/customers/${await o.customer('Acme')}/assignment`, {
      as: o.olga,
      json: { assigned_to: o.cora.id },
    })
    const team = await ok('GET /api/receivables/team', { as: o.olga })
    expect(team.people.find(({ id }: Person) => id === o.cora.id)).toMatchObject({
      count: 2,
      customers: 1,
      overdue_count: 2,
      load: [{ currency: 'USD', open_amount: 150, overdue_amount: 150 }],
    })
    expect(team.unassigned).toMatchObject({ count: 1, customers: 1, load: [{ open_amount: 10 }] })
    expect((await call(t, 'GET /api/receivables/team', { as: o.cora })).status).toBe(403)
  })

  test('whoever leaves leaves nothing behind', async () => {
    const o = await office(['Acme', 'A-1', 100])
    const acme = await o.customer('Acme')
    await ok(`PUT /api/receivables/customers/${acme}/assignment`, {
      as: o.olga,
      json: { assigned_to: o.cora.id },
    })
    await ok(
      'POST /api/receivables/tasks',
      { as: o.cora, json: { customer_id: acme, title: 'Call', due_on: '2100-01-01' } },
      201,
    )
    const admin = await person(t, { in: o.org })
    await ok(`DELETE /api/admin/users/${o.cora.id}`, { as: admin, query: { reassign_to: String(o.carl.id) } })
    expect(await o.holders()).toEqual({ 'A-1': 'Carl' })
    await o.load('2026-07-31', ['Acme', 'A-2', 5])
    expect(await o.holders()).toMatchObject({ 'A-2': 'Carl' })
    expect(await ok('GET /api/receivables/tasks', { as: o.carl })).toMatchObject({ total: 1 })
  })
})

describe('the inbox', () => {
  test('groups what keeps invoices from being paid by cause, with its money', async () => {
    const o = await office(
      ['Acme', 'A-1', 100, { cause: 'PO Mismatch' }],
      ['Acme', 'A-2', 50, { cause: 'Billing Error' }],
      ['Brick', 'B-1', 10, { cause: 'Billing Error' }],
      ['Brick', 'B-2', 999],
    )
    const inbox = await ok('GET /api/receivables/inbox', { as: o.olga })
    expect(inbox).toMatchObject({ total: 3 })
    expect(inbox.groups.map((group: { name: string; count: number }) => [group.name, group.count])).toEqual([
      ['Billing Error', 2],
      ['PO Mismatch', 1],
    ])
    expect(inbox.groups[0].totals).toEqual([{ currency: 'USD', open_amount: 60, count: 2 }])
    const one = await ok('GET /api/receivables/inbox', { as: o.olga, query: { cause: 'po_mismatch' } })
    expect(one.items.map((item: { invoice_number: string }) => item.invoice_number)).toEqual(['A-1'])
    expect(one.groups).toHaveLength(2)
    const found = await ok('GET /api/receivables/inbox', { as: o.olga, query: { search: 'brick' } })
    expect(found).toMatchObject({ total: 1 })
  })

  test('what a person says is the cause stays, whatever files say afterwards', async () => {
    const o = await office(['Acme', 'A-1', 100])
    const id = await o.invoice('A-1')
    await ok(`PUT /api/receivables/invoices/${id}/root-cause`, {
      as: o.olga,
      json: { root_cause: 'Delivery Issue' },
    })
    await o.load('2026-07-31', ['Acme', 'A-1', 90, { cause: 'Other' }])
    // An earlier file, heard later: the invoice follows anew from all of them.
    await o.load('2026-05-31', ['Acme', 'A-1', 120, { cause: 'PO Mismatch' }])
    const inbox = await ok('GET /api/receivables/inbox', { as: o.olga })
    expect(inbox.items).toMatchObject([{ root_cause: 'Delivery Issue', open_amount: 90 }])
    const timeline = await ok(`GET /api/receivables/invoices/${id}/timeline`, { as: o.olga })
    expect(timeline.items).toContainEqual(
      expect.objectContaining({
        kind: 'invoice.cause_named',
        data: { root_cause: [null, 'Delivery Issue'] },
      }),
    )
  })

  test('a dispute that people work says its cause, its clock and its owner', async () => {
    const o = await office(['Acme', 'A-1', 100, { cause: 'Other' }])
    const id = await o.invoice('A-1')
    await asSystem(t.database, 'given', async (system) => {
      const scope = await system.enter(o.org.id)
      await sql`
        insert into disputes (tenant_id, invoice_id, reason_id, opened_amount, owner_id, opened_on, due_on, opened_at, updated_at)
        select ${o.org.id}, ${id}, id, 10000, ${o.carl.id}, '2026-02-01', '2026-02-05', now(), now()
          from dispute_reasons where tenant_id = ${o.org.id} and code = 'billing_error'`.execute(scope.db)
    })
    const inbox = await ok('GET /api/receivables/inbox', { as: o.olga, query: { late: 'true' } })
    expect(inbox.items).toMatchObject([
      { cause: 'billing_error', dispute: { due_on: '2026-02-05', owner: { full_name: 'Carl' } } },
    ])
    expect(inbox.groups).toMatchObject([{ cause: 'billing_error', late: 1 }])
  })
})

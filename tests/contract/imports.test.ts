import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { booksOf, broken, send } from '../books.ts'
import { call } from '../call.ts'
import { person } from '../given.ts'
import { act, create, get, type Office, officeIn, revise } from '../offices.ts'

// /api/imports: a file is taken in, looked at, corrected, published and undone, step by step.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const office = () => officeIn(t)
const header = 'invoice number,customer id,customer name,invoice date,due date,amount,open amount'
const file = (...lines: string[]) => `${header}\n${lines.join('\n')}\n`
const invoice = (number: string, amount = 100, open = amount, customer = 'C1') =>
  `${number},${customer},Customer ${customer},2026-05-01,2026-05-31,${amount.toFixed(2)},${open.toFixed(2)}`

const owed = async ({ operations }: Office, as_of: string) =>
  (await call(t, `GET /api/receivables/ageing?as_of=${as_of}`, { as: operations })).body.totals.total
async function published(at: Office, content: string, fields: Record<string, string> = {}) {
  const { body } = await create(at, content, fields)
  expect(body).toMatchObject({ status: 'checked' })
  const done = await act(at, body.id, 'publish')
  expect(done.body).toMatchObject({ status: 'published' })
  return done.body
}

describe('step by step', () => {
  test('checked, published, undone: the difference with its money, and nothing in the books before', async () => {
    const at = await office()
    const { status, body } = await create(
      at,
      file(invoice('A1'), invoice('A2', 50, 20), invoice('A3', Number.NaN)),
      {
        as_of: '2026-06-30',
      },
    )
    expect(status).toBe(201)
    expect(body).toMatchObject({
      status: 'checked',
      rows: 3,
      new: 2,
      rejected: 1,
      kind: 'open_items',
      kind_is_guess: true,
      difference: {
        new: { count: 2, totals: [{ currency: 'USD', amount: 150, open_amount: 120 }] },
        rejected: { count: 1 },
      },
    })
    expect(await owed(at, '2026-06-30')).toBe(0)
    const rows = await get(at, `${body.id}/rows`)
    expect(rows.items).toMatchObject([
      {
        row: 2,
        outcome: 'new',
        invoice_number: 'A1',
        customer_name: 'Customer C1',
        open_amount: 100,
        invoice_id: null,
      },
      { row: 3, outcome: 'new', open_amount: 20 },
      {
        row: 4,
        outcome: 'rejected',
        problems: [{ column: 'amount' }, { column: 'open amount' }],
        cells: expect.arrayContaining(['A3']),
      },
    ])

    const done = await act(at, body.id, 'publish')
    expect(done.body).toMatchObject({ status: 'published', new: 2, touched: 0 })
    expect(await owed(at, '2026-06-30')).toBe(120)
    // Again is the same answer.
    expect((await act(at, body.id, 'publish')).body).toMatchObject({ status: 'published' })

    const undone = await act(at, body.id, 'revert')
    expect(undone.body).toMatchObject({ status: 'reverted' })
    expect(await owed(at, '2026-06-30')).toBe(0)
    expect(await booksOf(t, at.org)).toEqual({ customers: [], invoices: [], entries: [] })
    const list = await call(t, 'GET /api/receivables/invoices', { as: at.operations })
    expect(list.body.total).toBe(0)
    // And the file may come again.
    const again = await published(at, file(invoice('A1'), invoice('A2', 50, 20), invoice('A3', Number.NaN)), {
      as_of: '2026-06-30',
    })
    expect(again).toMatchObject({ new: 2 })
    expect(await owed(at, '2026-06-30')).toBe(120)
    expect(await broken(t, at.org)).toEqual([])
  })

  test('a column that cannot be told is asked, and the answer is remembered for the next file', async () => {
    const at = await office()
    const may =
      'ref,customer id,date,total,left\nA1,C1,03/04/2026,100.00,100.00\nA2,C1,05/06/2026,50.00,50.00\n'
    const { body } = await create(at, may, { as_of: '2026-06-30' })
    expect(body).toMatchObject({ status: 'asking' })
    expect(body.questions.length).toBeGreaterThan(0)
    const { body: checked } = await revise(at, body.id, {
      mapping: { invoice_number: 'ref', invoice_date: 'date', amount: 'total', open_amount: 'left' },
      date_order: 'dmy',
    })
    expect(checked).toMatchObject({ status: 'checked', new: 2, mapping: { open_amount: 'left' } })
    await act(at, body.id, 'publish')
    // The next month's file needs no word.
    const june = may.replace('05/06/2026,50.00,50.00', '05/06/2026,50.00,10.00')
    const next = await create(at, june, { as_of: '2026-07-31' })
    expect(next.body).toMatchObject({
      status: 'checked',
      changed: 1,
      unchanged: 1,
      source: { id: expect.any(Number) },
    })
    expect((await get(at, 'sources')).items).toMatchObject([
      { imports: 1, mapping: { invoice_number: 'ref' } },
    ])
  })

  test('cells are corrected, one or all that read alike, and every row is checked anew', async () => {
    const at = await office()
    const content = file(
      invoice('A1').replace('100.00,100.00', 'one hundred,100.00'),
      ...['A2', 'A3'].map((n) => invoice(n).replace('2026-05-31', '31 of May')),
    )
    const { body } = await create(at, content, { as_of: '2026-06-30' })
    expect(body).toMatchObject({
      status: 'checked',
      new: 0,
      rejected: 3,
      problem: 'No row of this file can be taken.',
    })
    expect((await act(at, body.id, 'publish')).status).toBe(409)
    const { body: mended } = await revise(at, body.id, {
      corrections: [
        { column: 'amount', from: 'one hundred', to: '100.00', row: 2 },
        { column: 'due date', from: '31 of May', to: '2026-05-31' },
      ],
    })
    expect(mended).toMatchObject({ status: 'checked', new: 3, rejected: 0, problem: null })
    expect((await act(at, body.id, 'publish')).body).toMatchObject({ status: 'published', new: 3 })
    expect(await owed(at, '2026-06-30')).toBe(300)
  })

  test('the rejected rows leave as a file, as they were written and safe to open', async () => {
    const at = await office()
    const { body } = await create(
      at,
      file(...['A1', 'A2', 'A3', 'A4'].map((n) => invoice(n)), '=1+1,C1,Acme,2026-05-01,,x,'),
      { as_of: '2026-06-30' },
    )
    const answer = await call(t, `GET /api/imports/${body.id}/rejected`, { as: at.operations })
    expect(answer.headers['content-disposition']).toContain('ar-rejected.csv')
    const [head, line] = answer.raw.body.replace('\ufeff', '').split('\r\n')
    expect(head).toBe(`${header},Row,Reason`)
    expect(line).toContain("'=1+1,C1,Acme")
    expect(line).toMatch(/,6,.*amount: Not an amount/)
    const book = await call(t, `GET /api/imports/${body.id}/rejected?format=xlsx`, { as: at.operations })
    expect(book.raw.rawPayload.subarray(0, 2).toString()).toBe('PK')
  })

  test('what was compared with other books is compared anew before it is published', async () => {
    const at = await office()
    const first = (await create(at, file(invoice('A1')), { as_of: '2026-06-30' })).body
    await published(at, file(invoice('A1'), invoice('A2')), { as_of: '2026-05-31' })
    const refused = await act(at, first.id, 'publish')
    expect([refused.status, refused.body.code]).toEqual([409, 'books_changed'])
    // A2 is 50 % of what is open, and not in the file.
    expect(await get(at, `${first.id}`)).toMatchObject({ status: 'asking', questions: [{ id: 'missing' }] })
    expect((await revise(at, first.id, { missing: 'settle' })).body).toMatchObject({
      status: 'checked',
      new: 0,
      missing: 1,
    })
    expect((await act(at, first.id, 'publish')).body).toMatchObject({ status: 'published' })
    expect(await owed(at, '2026-06-30')).toBe(100)
  })

  test('cancelled: nothing is kept, and the file may come again', async () => {
    const at = await office()
    const { body } = await create(at, file(invoice('A1')), { as_of: '2026-06-30' })
    expect((await act(at, body.id, 'cancel')).body).toMatchObject({ status: 'cancelled' })
    expect((await get(at, `${body.id}/rows`)).total).toBe(0)
    const refused = await act(at, body.id, 'publish')
    expect([refused.status, refused.body.code, refused.body.allowed]).toEqual([409, 'wrong_state', []])
    expect((await create(at, file(invoice('A1')), { as_of: '2026-06-30' })).body.id).not.toBe(body.id)
  })

  test('twenty at once are one import', async () => {
    const at = await office()
    const all = await Promise.all(
      Array.from({ length: 20 }, () => create(at, file(invoice('A1')), { as_of: '2026-06-30' })),
    )
    // Whoever was not answered is said first: a set of ids would hide what was said to them.
    expect(all.filter(({ status }) => status !== 200 && status !== 201).map(({ body }) => body)).toEqual([])
    expect(new Set(all.map(({ body }) => body.id)).size).toBe(1)
    expect((await get(at, '')).total).toBe(1)
  })

  test('ten at each door at once are one import, in the books once', async () => {
    const at = await office()
    const content = file(...Array.from({ length: 200 }, (_, n) => invoice(`A${n}`, 10, 10, `C${n % 9}`)))
    const as_of = '2026-06-30'
    const mapping = JSON.stringify({
      invoice_number: 'invoice number',
      customer_code: 'customer id',
      customer_name: 'customer name',
      invoice_date: 'invoice date',
      due_date: 'due date',
      amount: 'amount',
      open_amount: 'open amount',
    })
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0 ? create(at, content, { as_of }) : send(t, at.operations, content, { as_of, mapping }),
      ),
    )
    expect(all.filter(({ status }) => status !== 200 && status !== 201)).toEqual([])
    expect(new Set(all.map(({ body }) => body.import_id ?? body.id)).size).toBe(1)
    expect(await get(at, '')).toMatchObject({ total: 1, items: [{ status: 'published', new: 200 }] })
    expect(await owed(at, as_of)).toBe(2000)
    const published = await call(t, 'GET /api/admin/audit?kind=import.published', {
      as: await person(t, { in: at.org, roles: ['tenant_admin'] }),
    })
    expect(published.body.total).toBe(1)
    expect(await broken(t, at.org)).toEqual([])
  })

  test('later: the answer is 202, the work goes on, and can be stopped', async () => {
    const at = await office()
    const many = file(...Array.from({ length: 30_000 }, (_, n) => invoice(`A${n}`, 10, 10, `C${n % 300}`)))
    const later = { url: '/api/imports', headers: { prefer: 'respond-async' } }
    const { status, body } = await send(t, at.operations, many, { as_of: '2026-06-30' }, later)
    expect([status, body.status]).toEqual([202, 'reading'])
    for (let steps = new Set<string>(); ; await sleep(20)) {
      const now = await get(at, `${body.id}`)
      if (now.progress) steps.add(now.progress.step)
      if (now.status !== 'reading') {
        expect(now).toMatchObject({ status: 'checked', new: 30_000 })
        expect(steps.size).toBeGreaterThan(1)
        break
      }
    }
    const publishing = await call(t, `POST /api/imports/${body.id}/publish`, {
      as: at.operations,
      headers: { prefer: 'respond-async' },
    })
    expect(publishing.status).toBe(202)
    await act(at, body.id, 'cancel')
    const settled = async (): Promise<{ status: string }> => {
      const now = await get(at, `${body.id}`)
      if (now.status !== 'publishing') return now
      await sleep(20)
      return settled()
    }
    // Stopped in time nothing is written; else it was too late, and an undo is the way.
    const { status: end } = await settled()
    expect(await owed(at, '2026-06-30')).toBe(end === 'published' ? 300_000 : 0)
    if (end !== 'published') expect(end).toMatch(/checked|cancelled/)
  }, 60_000)
})

describe('what is missing', () => {
  const two = (...numbers: string[]) => file(...numbers.map((number) => invoice(number)))
  const ten = Array.from({ length: 10 }, (_, n) => `B${n}`)

  test('is settled by the day of the file, at some time since the last one that named it', async () => {
    const at = await office()
    await published(at, two('A1', ...ten), { as_of: '2026-05-31' })
    const june = await published(at, two(...ten), { as_of: '2026-06-30' })
    expect(june).toMatchObject({
      missing: 1,
      missing_rule: 'settle',
      difference: { missing: { totals: [{ open_before: 100 }] } },
    })
    expect(await owed(at, '2026-06-29')).toBe(1100)
    expect(await owed(at, '2026-06-30')).toBe(1000)
    const { entries } = await booksOf(t, at.org)
    expect(entries).toContainEqual(
      expect.objectContaining({
        number_key: 'A1',
        kind: 'payment',
        effective_after: '2026-05-31',
        effective_on: '2026-06-30',
        amount: '-10000',
      }),
    )
  })

  test('also from a sheet whose header names the month', async () => {
    const at = await office()
    const sheet = (month: string, numbers: string[]) =>
      `Accode,Party Name,Inv.No,Inv.Amt,${month}.Outstg.Amt\n${numbers.map((number) => `P1,Cedar,${number},100.00,100.00`).join('\n')}\n`
    const may = await published(at, sheet('May', ['A1', ...ten]), { as_of: '2026-05-31' })
    const june = await published(at, sheet('June', ten), { as_of: '2026-06-30' })
    expect(june).toMatchObject({
      missing: 1,
      source: may.source,
      mapping: { open_amount: 'June.Outstg.Amt' },
    })
    expect(await owed(at, '2026-06-30')).toBe(1000)
  })

  test('waits in a queue for a decision, and the last decision holds', async () => {
    const at = await office()
    await published(at, two('A1', ...ten), { as_of: '2026-05-31' })
    const june = await published(at, two(...ten), { as_of: '2026-06-30' })
    const queue = await get(at, 'missing')
    expect(queue.items).toMatchObject([
      {
        import_id: june.id,
        invoice_number: 'A1',
        last_named: '2026-05-31',
        as_of: '2026-06-30',
        open_amount: 100,
        taken_as: 'paid',
        decision: null,
      },
    ])
    const decide = (json: unknown) =>
      call(t, `POST /api/imports/${june.id}/missing`, { as: at.operations, json })
    expect((await decide({ decision: 'open' })).body).toEqual({ decided: 1 })
    expect(await owed(at, '2026-06-30')).toBe(1100)
    expect((await decide({ decision: 'withdrawn' })).body).toEqual({ decided: 1 })
    expect((await booksOf(t, at.org)).entries).toContainEqual(
      expect.objectContaining({ number_key: 'A1', kind: 'withdrawal' }),
    )
    expect((await decide({ decision: 'paid', paid_on: '2026-06-12' })).body).toEqual({ decided: 1 })
    expect(await owed(at, '2026-06-11')).toBe(1100)
    expect(await owed(at, '2026-06-12')).toBe(1000)
    expect((await decide({ decision: 'paid', paid_on: '2026-07-12' })).status).toBe(422)
    expect((await get(at, 'missing?decided=false')).total).toBe(0)
    expect(await broken(t, at.org)).toEqual([])
    // Undone, the file has nothing to say about it.
    await act(at, june.id, 'revert')
    expect(await owed(at, '2026-06-30')).toBe(1100)
  })

  test('only what the file covers: other units, other currencies, other senders stay open', async () => {
    const at = await office()
    const unit = (name: string, ...numbers: string[]) =>
      `${header},operating unit,currency\n${numbers.map((number) => `${invoice(number)},${name},USD`).join('\n')}\n`
    await published(at, unit('North', 'A1', 'A2'), { as_of: '2026-05-31' })
    await published(at, unit('South', 'A3'), { as_of: '2026-06-01' })
    await published(at, 'document no,client,total\nA4,C1,100.00\n', { as_of: '2026-06-02' })
    expect(await owed(at, '2026-06-30')).toBe(400)
    await published(at, unit('North', 'A1'), { as_of: '2026-06-30', missing: 'settle' })
    expect(await owed(at, '2026-06-30')).toBe(300)
  })

  test('of a file of changes nothing is missing; of all invoices it was withdrawn', async () => {
    const at = await office()
    await published(at, two('A1', ...ten), { as_of: '2026-05-31', kind: 'changes' })
    expect(await published(at, two('B1'), { as_of: '2026-06-30' })).toMatchObject({
      missing: 0,
      kind: 'changes',
      kind_is_guess: false,
    })
    const other = await office()
    await published(other, two('A1', ...ten), { as_of: '2026-05-31', kind: 'all_invoices' })
    await published(other, two(...ten), { as_of: '2026-06-30' })
    expect((await booksOf(t, other.org)).entries).toContainEqual(
      expect.objectContaining({ number_key: 'A1', kind: 'withdrawal' }),
    )
  })
})

describe('undo', () => {
  test('of the middle of three leaves what the others say, and lists what was worked on since', async () => {
    const at = await office()
    await published(at, file(invoice('A1', 100, 100), invoice('A2', 50, 50)), { as_of: '2026-04-30' })
    const may = await published(
      at,
      file(invoice('A1', 100, 60), invoice('A2', 50, 50), invoice('A3', 10, 10)),
      { as_of: '2026-05-31' },
    )
    await published(at, file(invoice('A1', 100, 30), invoice('A2', 50, 50)), { as_of: '2026-06-30' })
    expect(await owed(at, '2026-05-31')).toBe(120)
    expect(await owed(at, '2026-06-30')).toBe(80)
    expect(await get(at, `${may.id}`)).toMatchObject({ touched: 2 })
    expect(
      (await get(at, `${may.id}/touched`)).items.map(
        (each: { invoice_number: string }) => each.invoice_number,
      ),
    ).toEqual(['A1', 'A3'])
    await act(at, may.id, 'revert')
    expect(await owed(at, '2026-05-31')).toBe(150)
    expect(await owed(at, '2026-06-30')).toBe(80)
    expect((await booksOf(t, at.org)).invoices.map((each) => (each as { number: string }).number)).toEqual([
      'A1',
      'A2',
    ])
  })
})

describe('who may', () => {
  test('nobody else sees an import or acts on it', async () => {
    const at = await office()
    const { body } = await create(at, file(invoice('A1')), { as_of: '2026-06-30' })
    const other = await office()
    for (const path of ['', '/rows', '/touched', '/rejected'])
      expect((await call(t, `GET /api/imports/${body.id}${path}`, { as: other.operations })).status).toBe(404)
    for (const verb of ['publish', 'cancel', 'revert'])
      expect((await act(other, body.id, verb)).status).toBe(404)
    expect((await revise(other, body.id, {})).status).toBe(404)
    const collector = await person(t, { in: at.org, roles: ['Collector'] })
    expect((await call(t, `GET /api/imports/${body.id}`, { as: collector })).status).toBe(403)
  })
})

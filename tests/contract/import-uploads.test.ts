import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays } from '../../server/core/dates.ts'
import { recoverAll } from '../../server/modules/imports/jobs.ts'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { call } from '../call.ts'
import { act, create, get, officeIn, revise } from '../offices.ts'
import { row, workbook } from '../workbook.ts'

// What a file brings besides its rows: its day, the same file again, what is said with it, and what is told about it.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())
const office = () => officeIn(t)

const header = 'invoice number,customer id,customer name,invoice date,due date,amount,open amount'
const invoice = (number: string, amount = 100, open = amount, customer = 'C1') =>
  `${number},${customer},Customer ${customer},2026-05-01,2026-05-31,${amount.toFixed(2)},${open.toFixed(2)}`
const file = (...lines: string[]) => `${header}\n${lines.join('\n')}\n`
const today = () => new Date().toISOString().slice(0, 10)

describe('the day of a file', () => {
  const plain = file(invoice('A1'))
  test.each([
    ['open-items-2026-06-30.csv', '2026-06-30'],
    ['20260630_101500 receivables.csv', '2026-06-30'],
    ['AR 30.06.2026.csv', '2026-06-30'],
    ['ageing 30 Jun 2026.csv', '2026-06-30'],
    ['Ageing-June-30-2026.csv', '2026-06-30'],
    ['ar_06-30-2026.csv', '2026-06-30'],
  ])('is in its name: %s', async (name, as_of) => {
    const { body } = await create(await office(), plain, {}, name)
    expect(body).toMatchObject({ status: 'checked', as_of, as_of_from: 'name', as_of_proof: name })
  })
  test.each([
    'ar.csv',
    'ar-03-04-2026.csv',
    'from 2026-06-01 to 2026-06-30.csv',
    'ar-2099-06-30.csv',
    'ar-2026-06-31.csv',
    'PO 4520260630.csv',
  ])('is today where its name proves none: %s', async (name) => {
    const { body } = await create(await office(), plain, {}, name)
    expect(body).toMatchObject({ as_of: today(), as_of_from: 'today', as_of_proof: null })
  })
  test('is in a title above its header, and people are told which', async () => {
    const { body } = await create(await office(), `Open items\nAs of June 30, 2026\n\n${plain}`)
    expect(body).toMatchObject({
      status: 'checked',
      as_of: '2026-06-30',
      as_of_from: 'file',
      as_of_proof: 'row 2: As of June 30, 2026',
    })
  })
  test('is in a column of its own, in every row the same', async () => {
    const dated = (...days: string[]) =>
      `${header},report date\n${days.map((day, n) => `${invoice(`A${n}`)},${day}`).join('\n')}\n`
    expect((await create(await office(), dated('2026-06-30', '2026-06-30'))).body).toMatchObject({
      as_of: '2026-06-30',
      as_of_from: 'file',
      as_of_proof: 'column report date: 2026-06-30',
    })
    expect((await create(await office(), dated('2026-06-30', '2026-06-29'))).body).toMatchObject({
      as_of_from: 'today',
    })
  })
  test('is what a person says, and a file that says otherwise is told', async () => {
    const at = await office()
    const content = `As of June 30, 2026\n${plain}`
    const { body } = await create(at, content, { as_of: '2026-07-01' }, 'ar-2026-05-31.csv')
    expect(body).toMatchObject({ as_of: '2026-07-01', as_of_from: 'said' })
    expect(body.warnings).toContain(
      'The file itself speaks of 2026-06-30 (row 1: As of June 30, 2026); it is taken as of 2026-07-01. Correct the day if that is wrong.',
    )
    const mended = await revise(at, body.id, { as_of: '2026-06-30' })
    expect(mended.body).toMatchObject({ as_of: '2026-06-30', as_of_from: 'said', warnings: [] })
  })
  test('is the same at the door of one call', async () => {
    const at = await office()
    const { body } = await send(t, at.operations, plain, {}, { name: 'ar-2026-06-30.csv' })
    expect(body).toMatchObject({ status: 'published', as_of: '2026-06-30' })
    expect(await get(at, body.import_id)).toMatchObject({ as_of_from: 'name' })
  })
})

describe('the same file', () => {
  test('under another name is the import that is there; for another day it is told', async () => {
    const at = await office()
    const content = file(invoice('A1'))
    const first = (await create(at, content, { as_of: '2026-06-30' }, 'june.csv')).body
    expect(first).toMatchObject({ already: false, same_files: [] })
    const again = await create(at, content, { as_of: '2026-06-30' }, 'copy of june.csv')
    expect(again.body).toMatchObject({ id: first.id, already: true, file_name: 'june.csv' })
    const { body } = await create(at, content, { as_of: '2026-07-01' }, 'july.csv')
    expect(body.same_files).toEqual([
      { id: first.id, file_name: 'june.csv', as_of: '2026-06-30', status: 'checked' },
    ])
  })
  test('whose own day is that of an import which is there is refused, and names it', async () => {
    const at = await office()
    const content = `As of June 30, 2026\n${file(invoice('A1'))}`
    const first = (await create(at, content)).body
    const { body } = await create(at, content)
    expect(body).toMatchObject({ status: 'refused', same_files: [{ id: first.id }] })
    expect(body.problem).toContain(`import ${first.id}`)
  })
  test('takes what is said with it as long as it is not in the books', async () => {
    const at = await office()
    const content = file(invoice('A1'))
    const { body } = await create(at, content)
    const said = { kind: 'changes', currency: 'EUR' }
    const { body: again } = await create(at, content, said)
    expect(again).toMatchObject({
      id: body.id,
      status: 'checked',
      kind: 'changes',
      totals: [{ currency: 'EUR', open_amount: 100 }],
    })
    await act(at, body.id, 'publish')
    expect((await create(at, content, { kind: 'all_invoices' })).body).toMatchObject({
      id: body.id,
      status: 'published',
      kind: 'changes',
    })
  })
  test('sent again with its key while it is read answers 202 again', async () => {
    const at = await office()
    const { body } = await create(at, file(invoice('A1')))
    const publish = () =>
      call(t, `POST /api/imports/${body.id}/publish`, {
        as: at.operations,
        headers: { prefer: 'respond-async', 'idempotency-key': 'once' },
      })
    expect([(await publish()).status, (await publish()).status]).toEqual([202, 202])
  })
})

describe('what a file leaves open', () => {
  test('a sheet that is not there is asked, and the answer mends it', async () => {
    const at = await office()
    const cells = invoice('A1').split(',')
    const content = workbook(row(1, ...header.split(',')) + row(2, ...cells))
    const { body } = await create(at, content, { sheet: 'June' }, 'ar.xlsx')
    expect(body).toMatchObject({ status: 'asking', questions: [{ id: 'sheet' }] })
    const [{ message, options }] = body.questions
    expect(message).toContain('no sheet "June"')
    expect((await revise(at, body.id, { sheet: options[0].value })).body).toMatchObject({
      status: 'checked',
      new: 1,
    })
    const other = (await create(at, content, { as_of: '2026-06-30', sheet: 'May' }, 'ar.xlsx')).body
    expect((await revise(at, other.id, { sheet: null })).body).toMatchObject({ status: 'checked' })
  })
  test('a word of a status that is longer than an answer may be is asked by its beginning', async () => {
    const at = await office()
    const long = 'waiting for the goods inwards note of the site '.repeat(8).trim()
    const content = `${header},status\n${invoice('A1')},${long}\n`
    const { body } = await create(at, content)
    const [word] = body.questions[0].words
    expect(word.length).toBeLessThanOrEqual(200)
    expect((await revise(at, body.id, { status_words: { [word]: 'disputed' } })).body).toMatchObject({
      status: 'checked',
      new: 1,
    })
  })
  test('columns that a person names tell the header below titles of as many cells', async () => {
    const at = await office()
    const content = 'Ledger,All sites,2026\nK1,K2,K3\nA1,Ann,100.00\nA2,Ben,50.00\n'
    const { body } = await create(at, content)
    const mapping = { invoice_number: 'K1', customer_name: 'K2', amount: 'K3' }
    expect((await revise(at, body.id, { mapping })).body).toMatchObject({ status: 'checked', new: 2 })
  })
  test('rows that are partly paid without saying how much are told, with their money', async () => {
    const { body } = await create(
      await office(),
      'invoice number,customer id,amount,status\nA1,C1,100.00,Partial\nA2,C1,50.00,Partial\nA3,C1,20.00,Open\n',
    )
    expect(body.warnings).toEqual([
      'Partly paid without saying how much: taken as fully open: 2 rows, 150.00 USD (rows 2, 3).',
    ])
  })
  test('a late file says what later ones settle of it, and is not asked about it', async () => {
    const at = await office()
    const publish = async (content: string, as_of: string) => {
      const { body } = await create(at, content, { as_of })
      expect(body).toMatchObject({ status: 'checked' })
      await act(at, body.id, 'publish')
      return body
    }
    await publish(file(invoice('A1')), '2026-06-30')
    const late = await publish(file(invoice('A1'), invoice('A2', 300), invoice('A3', 50)), '2026-05-31')
    expect(late.warnings).toContain(
      'New here, and not in later files of this source: 2 open invoices, 350.00 USD. They are settled by the days of those files. Decide otherwise under "Paid or withdrawn?".',
    )
    const missing = (query: string) => get(at, `missing?decided=false${query}`)
    expect(await missing('')).toMatchObject({
      total: 2,
      totals: [{ currency: 'USD', count: 2, open_amount: 350 }],
    })
    expect(await missing('&search=a3')).toMatchObject({
      items: [{ invoice_number: 'A3', as_of: '2026-06-30' }],
      totals: [{ open_amount: 50 }],
    })
    expect(await missing('&search=customer+c1')).toMatchObject({ total: 2 })
    expect(await missing('&search=nobody')).toMatchObject({ total: 0, totals: [] })
  })
})

test('what a server that is gone was at is put back; what one that is there is at stays', async () => {
  const at = await office()
  const left = async (status: string, worker: string, minutes: number) => {
    const { body } = await create(at, file(invoice(`${status}${worker}`)), {
      as_of: addDays('2026-06-01', minutes),
    })
    const at_ = new Date(Date.now() - minutes * 60_000)
    await rowsIn(
      t,
      at.org,
      sql`update imports set status = ${status}, heartbeat_at = ${at_},
                 worker = case when ${worker} = 'here' then current_setting('application_name') else ${worker} end
           where tenant_id = ${at.org.id} and id = ${body.id}`,
    )
    return body.id as number
  }
  const [publishing, reading, reverting, here, fresh, old] = await Promise.all([
    left('publishing', 'gone', 2),
    left('reading', 'gone', 3),
    left('reverting', 'gone', 4),
    left('publishing', 'here', 5),
    left('publishing', 'gone', 0),
    left('publishing', 'here', 120),
  ])
  await recoverAll(t.deps, { all: false })
  const statuses = await Promise.all(
    [publishing, reading, reverting, here, fresh, old].map(async (id) => (await get(at, id!)).status),
  )
  expect(statuses).toEqual(['checked', 'failed', 'published', 'publishing', 'publishing', 'checked'])
  await recoverAll(t.deps, { all: true })
  expect((await get(at, here!)).status).toBe('checked')
})

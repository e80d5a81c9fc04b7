import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { call } from '../call.ts'
import { person } from '../given.ts'
import { create, get, officeIn, revise } from '../offices.ts'
import { row, workbook } from '../workbook.ts'

// What people write and say about files, at its edges: nothing of it costs a file that could be read.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const office = () => officeIn(t)
const header = 'invoice number,customer id,invoice date,amount,status,notes'
const line = ({ number = 'A1', day = '2026-05-01', amount = '100.00', status = '', notes = '' } = {}) =>
  [number, 'C1', day, amount, status, notes].join(',')
const csv = (...lines: string[]) => `${header}\n${lines.join('\n')}\n`
describe('characters of two halves, where a text is cut', () => {
  // Every second place from some place on: wherever a text is cut, one of the two is cut in the middle of a character.
  const texts = [`${'x'.repeat(30)}${'😀'.repeat(600)}`, `${'x'.repeat(31)}${'😀'.repeat(600)}`]

  test.each(texts.map((text) => [text.indexOf('😀'), text] as const))(
    'after %i others: cells are told, files are named',
    async (_at, text) => {
      const at = await office()
      const wrong = csv(line(), line({ number: 'A2', amount: text }), line({ number: 'A3', day: text }))
      expect((await create(at, wrong)).body).toMatchObject({ status: 'checked', new: 1, rejected: 2 })
      expect(await send(t, at.operations, wrong)).toMatchObject({ status: 200, body: { processed_count: 1 } })

      const asked = await create(await office(), csv(line({ status: text })))
      expect(asked.body).toMatchObject({ status: 'asking', questions: [{ id: 'status_words' }] })
      const notes = await create(await office(), csv(line({ notes: text })))
      expect(notes.body).toMatchObject({ status: 'checked', new: 1 })
      const name = `${text.slice(0, 30 + 240)}.csv`
      expect((await create(await office(), csv(line()), {}, name)).body).toMatchObject({ status: 'checked' })
    },
  )
})

test.each(['_x0000_', '_xD83D_', '_xDE00_'])(
  'a workbook that writes %s, which is no character: in a cell that is read, in one that is not, in the header',
  async (written) => {
    const text = `a${written}b`
    const cells = line({ notes: text }).split(',')
    const made = (...rest: string[]) =>
      workbook(row(1, ...header.split(','), rest[0]!) + row(2, ...cells, rest[1]!))
    for (const content of [made('extra', text), made(text, 'extra')]) {
      const { body } = await create(await office(), content, {}, 'ar.xlsx')
      expect(body).toMatchObject({ status: 'checked', new: 1, rejected: 0 })
    }
    const wrong = workbook(
      row(1, ...header.split(','), 'extra') +
        row(2, ...cells, text) +
        row(3, ...line({ number: 'A2' }).split(','), text) +
        row(4, ...line({ number: 'A3', amount: 'x' }).split(','), text),
    )
    expect((await create(await office(), wrong, {}, 'ar.xlsx')).body).toMatchObject({ rejected: 1 })
  },
)

describe('what is said of a file', () => {
  test('and cannot be meant is refused; what was said before stays', async () => {
    const at = await office()
    const { body } = await create(at, csv(line({ status: 'Weird' })))
    expect(body).toMatchObject({ status: 'asking' })
    const said = { status_words: { Weird: 'disputed' }, mapping: { payment_status: 'status' } }
    expect((await revise(at, body.id, said)).body).toMatchObject({ status: 'checked', new: 1 })
    const before = await get(at, body.id)
    for (const [json, detail] of [
      [{ mapping: { constructor: 'amount' } }, /no field "constructor"/],
      [{ mapping: { nonsense: null } }, /no field "nonsense"/],
      [{ status_words: { Weird: 'nonsense' } }, /No meaning "nonsense"/],
      [{ currency: 'ZZZ' }, /currency/],
      [{ source_id: 9_999_999 }, /source/],
    ] as const) {
      const answer = await revise(at, body.id, json)
      expect([404, 422]).toContain(answer.status)
      expect(answer.body.detail).toMatch(detail)
      expect(await get(at, body.id)).toEqual(before)
    }
    for (const fields of [{ currency: 'ZZZ' }, { status_words: '{"Weird":"nonsense"}' }] as Record<
      string,
      string
    >[])
      for (const url of ['/api/imports', '/api/import-ar-data'])
        expect((await send(t, at.operations, csv(line({ number: 'A9' })), fields, { url })).status).toBe(422)
  })

  test('a column that the file does not have is told to be missing', async () => {
    const at = await office()
    const { body } = await create(at, csv(line()))
    expect((await revise(at, body.id, { mapping: { notes: 'No such column' } })).body).toMatchObject({
      status: 'asking',
      problem: 'Missing column: No such column',
    })
    expect((await revise(at, body.id, { mapping: { notes: 'notes' } })).body).toMatchObject({
      status: 'checked',
    })
  })
})

test('a file that failed and came again is not read anew beside the other one', async () => {
  const at = await office()
  const { body: first } = await create(at, csv(line()))
  await rowsIn(
    t,
    at.org,
    sql`update imports set status = 'failed' where tenant_id = ${at.org.id} and id = ${first.id}`,
  )
  const { body: second } = await create(at, csv(line()))
  expect(second.id).not.toBe(first.id)
  const answer = await revise(at, first.id, {})
  expect(answer).toMatchObject({ status: 409, body: { code: 'same_file' } })
  expect(await get(at, first.id)).toMatchObject({ status: 'failed' })
})

test('who sees a part of the invoices sees no import and no source, whatever their role is allowed', async () => {
  const at = await office()
  await send(t, at.operations, csv(line()))
  const admin = await person(t, { in: at.org, roles: ['tenant_admin'] })
  const role = await call(t, 'POST /api/admin/roles', {
    as: admin,
    json: {
      name: 'Half',
      permissions: ['receivables.read', 'receivables.import'],
      row_access: 'assigned',
    },
  })
  expect(role.status).toBe(201)
  const half = await person(t, { in: at.org, roles: ['Half'] })
  for (const path of ['', '/missing', '/sources', '/1', '/1/rows', '/1/touched', '/1/rejected'])
    expect([path, (await call(t, `GET /api/imports${path}`, { as: half })).status]).toEqual([path, 403])
})

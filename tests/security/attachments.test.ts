import { deflateSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// Files on invoices and disputes: what is taken, how it is shown, who sees it. A sender is believed in nothing.

let t: TestApp
let org: Organisation
let operations: Person
let collector: Person
let biller: Person
let invoice: number
beforeAll(async () => {
  t = await testApp({ attachmentQuota: 60_000 })
  org = await organisation(t)
  operations = await person(t, { in: org, roles: ['Operations'] })
  collector = await person(t, { in: org, roles: ['Collector'] })
  biller = await person(t, { in: org, roles: ['Biller'] })
  const header =
    'operating_unit,customer_id,customer_name,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status'
  await send(t, operations, `${header}\nNorth,C1,Acme,A1,2026-01-01,2026-01-31,100.00,USD,Overdue\n`, {
    as_of: '2026-06-30',
    kind: 'changes',
  })
  await call(t, 'POST /api/receivables/invoices/assign', {
    as: operations,
    json: { assigned_to: collector.id },
  })
  const [row] = await rowsIn(t, org, sql<{ id: number }>`select id from invoices where tenant_id = ${org.id}`)
  invoice = row!.id
})
afterAll(() => t.close())

const root = '/api/receivables/attachments'
async function upload(
  name: string,
  bytes: string | Buffer,
  { as = collector, subject = 'invoice', id = invoice, type = 'application/octet-stream' } = {},
) {
  const form = new FormData()
  form.set('file', new Blob([bytes as never], { type }), name)
  const encoded = new Response(form)
  const raw = await t.app.inject({
    method: 'POST',
    url: `${root}?subject=${subject}&subject_id=${id}`,
    headers: { ...as.headers, 'content-type': encoded.headers.get('content-type')! },
    payload: Buffer.from(await encoded.arrayBuffer()),
  })
  return { status: raw.statusCode, body: raw.json() }
}
const content = (id: number, query = '', as = collector) =>
  call(t, `GET ${root}/${id}/content${query}` as Target, { as })
const list = async (as = collector, query = `subject=invoice&subject_id=${invoice}`) =>
  (await call(t, `GET ${root}?${query}` as Target, { as })).body

const pdf = (words = 'proof') => Buffer.from(`%PDF-1.4\n% ${words}\n%%EOF\n`)
const png = (words = '') =>
  Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), deflateSync(Buffer.from(`pixels ${words}`))])
const docx = Buffer.concat([
  Buffer.from('504b0304140000000800000000000000000000000000000000001300', 'hex'),
  Buffer.from([0, 0]),
  Buffer.from('[Content_Types].xml'),
])
const html = '<!doctype html><script>alert(1)</script>'

describe('what is taken', () => {
  test.each<[string, string | Buffer, string, string | null]>([
    ['proof.pdf', pdf(), 'application/pdf', 'pdf'],
    ['Foto.PNG', png(), 'image/png', 'image'],
    ['scan.jpeg', Buffer.from('ffd8ffe000104a464946', 'hex'), 'image/jpeg', 'image'],
    ['order.docx', docx, expect.stringContaining('wordprocessingml') as never, null],
    ['mail.msg', Buffer.from('d0cf11e0a1b11ae1aaaa', 'hex'), 'application/vnd.ms-outlook', null],
    ['mail.eml', 'From: a@example.com\nSubject: PO\n\nHello', 'message/rfc822', null],
    ['lines.csv', 'a;b\n1;2\n', 'text/csv', null],
    // A page that calls itself text is text: it is saved, never shown.
    ['note.txt', html, 'text/plain', null],
  ])('%s', async (name, bytes, mime, preview) => {
    const { status, body } = await upload(name, bytes)
    expect(status, JSON.stringify(body)).toBe(201)
    expect(body).toMatchObject({ file_name: name, mime, preview, is_own: true })
  })

  test.each<[string, string | Buffer, number]>([
    ['page.png', html, 415],
    ['picture.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 415],
    ['picture.png', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 415],
    ['page.html', html, 415],
    ['bomb.zip', docx, 415],
    [
      'bomb.docx',
      Buffer.concat([docx.subarray(0, 30), Buffer.from('42.zip\0\0\0\0\0\0\0\0\0\0\0\0\0')]),
      415,
    ],
    ['macro.docm', docx, 415],
    ['invoice.pdf.exe', Buffer.from('MZ\0\0'), 415],
    ['program.pdf', Buffer.from('MZ\0\0'), 415],
    ['binary.txt', Buffer.from([0, 1, 2, 3]), 415],
    ['noending', 'text', 415],
    ['empty.pdf', '', 400],
  ])('not %s', async (name, bytes, status) => {
    const before = (await list()).items.length
    const answer = await upload(name, bytes, { type: 'image/png' })
    expect([answer.status, typeof answer.body.detail]).toEqual([status, 'string'])
    expect((await list()).items).toHaveLength(before)
  })

  test.each([
    ['../../../etc/passwd.pdf', 'passwd.pdf'],
    ['..\\..\\boot.pdf', 'boot.pdf'],
    ['/absolute.pdf', 'absolute.pdf'],
    ['invoice\u202Efdp.pdf', 'invoicefdp.pdf'],
    [`${'long'.repeat(100)}.pdf`, expect.stringMatching(/^.{251}\.pdf$/)],
  ])('of the name %j only what belongs into a name', async (name, kept) => {
    expect((await upload(name, pdf(name))).body.file_name).toEqual(kept)
  })

  test('no more than the organisation may keep; the same bytes count once', async () => {
    const big = Buffer.concat([pdf(), Buffer.alloc(40_000, 32)])
    expect((await upload('big.pdf', big)).status).toBe(201)
    expect((await upload('again.pdf', big)).status).toBe(201)
    const other = Buffer.concat([pdf('other'), Buffer.alloc(40_000, 32)])
    expect(await upload('more.pdf', other)).toMatchObject({ status: 507, body: { code: 'quota_used_up' } })
    const { used, quota } = await list()
    expect(used).toBeLessThan(quota)
  })
})

describe('how it is shown', () => {
  test('what a browser shows safely in a frame that may do nothing, everything else as a file to save', async () => {
    const picture = (await upload('shown.png', png('shown'))).body
    const shown = await content(picture.id, '?inline=true')
    expect(shown.headers).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    })
    expect(shown.headers['content-disposition']).toMatch(/^inline;/)
    expect(shown.raw.rawPayload).toEqual(png('shown'))
    expect((await content(picture.id)).headers['content-disposition']).toMatch(/^attachment;/)
    const page = (await upload('page.txt', `${html} `)).body
    const saved = await content(page.id, '?inline=true')
    expect(saved.headers['content-disposition']).toMatch(/^attachment;/)
    expect(saved.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(saved.headers['content-security-policy']).toContain('sandbox')
  })

  test('a name cannot break out of the header that carries it', async () => {
    const { id } = (await upload('a";\u00e9%0d%0a x.pdf', pdf('quoted'))).body
    const { headers } = await content(id)
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="[ \w.]*"; filename\*=UTF-8''[\w.%-]+$/,
    )
    expect(String(headers['content-disposition']).match(/"/g)).toHaveLength(2)
  })
})

describe('who sees it', () => {
  test('who sees what it is on, and nobody else', async () => {
    const { id } = (await upload('secret.pdf', pdf('secret'))).body
    expect((await content(id, '', operations)).status).toBe(200)
    expect((await content(id, '', biller)).status).toBe(404)
    expect(
      (await call(t, `GET ${root}?subject=invoice&subject_id=${invoice}` as Target, { as: biller })).status,
    ).toBe(404)
    expect((await upload('x.pdf', pdf('x'), { as: biller })).status).toBe(404)
    const stranger = await person(t, { in: await organisation(t) })
    expect((await content(id, '', stranger)).status).toBe(404)

    // The biller who clears a dispute sees its files, and those of its invoice.
    const reasons = (await call(t, 'GET /api/receivables/dispute-reasons', { as: collector })).body.items
    const dispute = await call(t, 'POST /api/receivables/disputes', {
      as: collector,
      json: { invoice_id: invoice, reason_id: reasons[0].id, owner_id: biller.id },
    })
    const proof = await upload('proof2.pdf', pdf('two'), { subject: 'dispute', id: dispute.body.id })
    expect(proof.status).toBe(201)
    expect((await content(proof.body.id, '', biller)).status).toBe(200)
    const names = (await list(biller, `subject=invoice&subject_id=${invoice}&related=true`)).items.map(
      (one: { file_name: string }) => one.file_name,
    )
    expect(names).toEqual(expect.arrayContaining(['proof2.pdf', 'secret.pdf']))
    const events = await rowsIn(
      t,
      org,
      sql<{
        kind: string
      }>`select kind from events where tenant_id = ${org.id} and kind = 'dispute.file_added'`,
    )
    expect(events).toHaveLength(1)
  })

  test('who added it deletes it and brings it back; others do not', async () => {
    const { id } = (await upload('mine.pdf', pdf('mine'))).body
    const other = await call(t, `DELETE ${root}/${id}` as Target, { as: operations })
    expect(other.status).toBe(403)
    expect((await call(t, `DELETE ${root}/${id}` as Target, { as: collector })).status).toBe(200)
    expect((await content(id)).status).toBe(404)
    expect((await call(t, `POST ${root}/${id}/restore` as Target, { as: collector, json: {} })).status).toBe(
      200,
    )
    expect((await content(id)).status).toBe(200)
  })
})

import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomToken } from '../../server/core/crypto.ts'
import { type TestApp, testApp } from '../app.ts'
import { rowsIn, send } from '../books.ts'
import { call, normal } from '../call.ts'
import * as given from '../given.ts'

// Behind a customer's link: what its holder sees, and what nobody else does.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const soon = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10)

async function books(name: string) {
  const org = await given.organisation(t, { name })
  const admin = await given.person(t, { in: org })
  const csv = `Customer,Invoice no,Invoice date,Due date,Currency,Amount,Open amount\n${name} Buyer,${name}-1,2026-01-01,2026-02-01,USD,100,100\n${name} Other,${name}-2,2026-01-01,2026-02-01,USD,55,55`
  expect(
    (await send(t, admin, csv, { as_of: '2026-03-01', kind: 'open_items', missing: 'settle' })).status,
  ).toBe(200)
  const rows = await rowsIn<{ id: number; customer_id: number; number: string }>(
    t,
    org,
    sql`select id, customer_id, number from invoices where tenant_id = ${org.id} order by number`,
  )
  const { body } = await call(t, `POST /api/receivables/customers/${rows[0]!.customer_id}/links`, {
    as: admin,
    json: {},
  })
  return {
    org,
    admin,
    own: rows[0]!,
    other: rows[1]!,
    link: body,
    token: body.link.split('/p/')[1] as string,
  }
}

const everyRoute = (token: string, invoice: number) => [
  call(t, `GET /api/portal/${token}`),
  call(t, `GET /api/portal/${token}/statement`),
  call(t, `POST /api/portal/${token}/opened`),
  call(t, `POST /api/portal/${token}/promises`, { json: { invoice_ids: [invoice], promised_on: soon } }),
  call(t, `POST /api/portal/${token}/disputes`, {
    json: { invoice_id: invoice, reason: 'other', text: 'No' },
  }),
]

test('unknown, changed, revoked and expired links, and those of another number, are told alike', async () => {
  const one = await books('Alder')
  const two = await books('Birch')
  const unknown = (await Promise.all(everyRoute(`${one.org.id}.${randomToken()}`, one.own.id))).map(normal)
  expect(unknown.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
  const secret = one.token.split('.')[1]!
  const changed = secret.startsWith('A') ? `B${secret.slice(1)}` : `A${secret.slice(1)}`
  for (const token of [
    `${one.org.id}.${changed}`,
    `${two.org.id}.${secret}`,
    secret,
    `999999.${secret}`,
    'x',
    `${one.token}x`,
  ])
    expect((await Promise.all(everyRoute(token, one.own.id))).map(normal)).toEqual(unknown)
  await call(t, `POST /api/receivables/statement-links/${one.link.id}/revoke`, { as: one.admin })
  expect((await Promise.all(everyRoute(one.token, one.own.id))).map(normal)).toEqual(unknown)
  await rowsIn(
    t,
    two.org,
    sql`update statement_links set created_at = now() - interval '2 days', expires_at = now() - interval '1 second' where tenant_id = ${two.org.id}`,
  )
  expect((await Promise.all(everyRoute(two.token, two.own.id))).map(normal)).toEqual(unknown)
})

test('invoices of another customer and of another organisation are as good as missing', async () => {
  const one = await books('Cedar')
  const two = await books('Dogwood')
  const [, , , ...missing] = (await Promise.all(everyRoute(one.token, 900_000_001))).map(normal)
  expect(missing.map(({ status }) => status)).toEqual([404, 404])
  for (const invoice of [one.other.id, two.own.id]) {
    const [, , , ...acts] = (await Promise.all(everyRoute(one.token, invoice))).map(normal)
    expect(acts).toEqual(missing)
  }
  const mixed = await call(t, `POST /api/portal/${one.token}/promises`, {
    json: { invoice_ids: [one.own.id, one.other.id], promised_on: soon },
  })
  expect(mixed.status).toBe(404)
})

test('another organisation neither sees nor revokes the link', async () => {
  const one = await books('Elder')
  const two = await books('Fir')
  const revoke = await call(t, `POST /api/receivables/statement-links/${one.link.id}/revoke`, {
    as: two.admin,
  })
  const list = await call(t, `GET /api/receivables/customers/${one.own.customer_id}/links`, { as: two.admin })
  expect([revoke.status, list.status]).toEqual([404, 404])
  expect((await call(t, `GET /api/portal/${one.token}`)).status).toBe(200)
})

test('the answers hold the open items and the organisation’s name, nothing else of it', async () => {
  const { org, admin, token, other } = await books('Ginkgo')
  await given.person(t, { in: org, full_name: 'Secret Colleague' })
  const { raw, body } = await call(t, `GET /api/portal/${token}`)
  expect(Object.keys(body).sort()).toEqual([
    'as_of',
    'country',
    'customer',
    'expires_at',
    'organisation',
    'parts',
    'promise_until',
    'timezone',
  ])
  for (const secret of [other.number, 'Ginkgo Other', 'Secret Colleague', admin.username, org.code])
    expect(raw.body).not.toContain(secret)
  for (const key of ['assigned', 'region', 'notes', 'score', 'created_by'])
    expect(raw.body).not.toContain(key)
})

test('no cache keeps it, no address of it is passed on, and no search engine lists it', async () => {
  const { token } = await books('Hazel')
  for (const path of ['', '/statement'] as const) {
    const { headers } = await call(t, `GET /api/portal/${token}${path}`)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['referrer-policy']).toBe('no-referrer')
  }
  const { headers, status } = await call(t, `GET /p/${token}`, { headers: { accept: 'text/html' } })
  expect(headers['x-robots-tag']).toBe('noindex, nofollow')
  // Without a built web app its page is not there yet.
  if (status === 200) expect(headers['cache-control']).toBe('no-store')
  expect(headers['referrer-policy']).toBe('no-referrer')
})

test('whoever guesses is stopped as at a door', async () => {
  const limited = await testApp({}, { RATE_LIMIT_REQUESTS: '' })
  try {
    const tries = []
    for (let n = 0; n < 101; n += 1)
      tries.push((await call(limited, `GET /api/portal/1.${randomToken()}`, { ip: '10.9.9.9' })).status)
    expect(new Set(tries.slice(0, 100))).toEqual(new Set([404]))
    expect(tries[100]).toBe(429)
  } finally {
    await limited.close()
  }
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { send } from '../books.ts'
import { call } from '../call.ts'
import * as given from '../given.ts'

// Named views of lists, and finding things by a few letters.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const path = '/receivables/invoices'

test('a view is kept, renamed, put in order, shared, deleted and taken back; another’s is theirs', async () => {
  const org = await given.organisation(t)
  const [mine, other] = [await given.person(t, { in: org }), await given.person(t, { in: org })]
  const save = async (name: string, query: string) =>
    (await call(t, 'POST /api/views', { as: mine, json: { path, name, query } })).body
  const late = await save('Late in USD', '?status=overdue&currency=USD')
  const big = await save('Big ones', 'amount_min=10000')
  expect(late).toMatchObject({ query: 'status=overdue&currency=USD', shared: false, is_mine: true })
  const names = async (as = mine) =>
    (await call(t, 'GET /api/views', { as, query: { path } })).body.items.map(
      (view: { name: string }) => view.name,
    )
  expect(await names()).toEqual(['Late in USD', 'Big ones'])
  await call(t, 'PUT /api/views/order', { as: mine, json: { path, view_ids: [big.id] } })
  expect(await names()).toEqual(['Big ones', 'Late in USD'])
  expect(await names(other)).toEqual([])
  expect((await call(t, `DELETE /api/views/${late.id}`, { as: other })).status).toBe(404)

  await call(t, `PUT /api/views/${late.id}`, { as: mine, json: { name: 'Late', shared: true } })
  expect(await names(other)).toEqual(['Late'])
  const theirs = await call(t, `PUT /api/views/${late.id}`, { as: other, json: { name: 'Mine now' } })
  expect([theirs.status, theirs.body.code]).toEqual([403, 'not_yours'])

  await call(t, `DELETE /api/views/${late.id}`, { as: mine })
  expect([await names(), await names(other)]).toEqual([['Big ones'], []])
  await call(t, `POST /api/views/${late.id}/restore`, { as: mine })
  expect(await names(other)).toEqual(['Late'])
})

test('customers are found by the beginning of a name, of a word, and by code; invoices by number; whoever sees a part finds the part', async () => {
  const org = await given.organisation(t)
  const admin = await given.person(t, { in: org })
  const collector = await given.person(t, { in: org, roles: ['collector'] })
  const csv = [
    'Customer,Customer id,Invoice no,Invoice date,Due date,Currency,Amount,Open amount',
    'Harbour Mills,C-100,INV-2026-0042,2026-01-01,2026-02-01,USD,10,10',
    'Old Harbour,C-200,INV-2026-0043,2026-01-01,2026-02-01,USD,20,20',
    'Ünlü 100%_Ltd,C-300,ZZ-9,2026-01-01,2026-02-01,USD,30,30',
  ].join('\n')
  expect(
    (await send(t, admin, csv, { as_of: '2026-03-01', kind: 'open_items', missing: 'settle' })).status,
  ).toBe(200)
  const find = async (q: string, as = admin) => {
    const { body, status } = await call(t, 'GET /api/receivables/search', { as, query: { q } })
    expect(status).toBe(200)
    return [
      body.customers.map((each: { name: string }) => each.name),
      body.invoices.map((each: { number: string }) => each.number),
    ]
  }
  expect(await find('harb')).toEqual([['Harbour Mills', 'Old Harbour'], []])
  expect(await find('ARBOUR M')).toEqual([['Harbour Mills'], []])
  expect(await find('c-200')).toEqual([['Old Harbour'], []])
  expect(await find('100%_')).toEqual([['Ünlü 100%_Ltd'], []])
  expect(await find('%')).toEqual([['Ünlü 100%_Ltd'], []])
  expect((await find('inv-2026'))[1]).toEqual(['INV-2026-0042', 'INV-2026-0043'])
  expect((await find('0042'))[1]).toEqual(['INV-2026-0042'])
  expect(await find('harb', collector)).toEqual([[], []])
  const all = await call(t, 'GET /api/receivables/invoices', { as: admin, query: { search: '0043' } })
  await call(t, 'POST /api/receivables/invoices/assign', {
    as: admin,
    json: { assigned_to: collector.id, invoice_ids: [all.body.items[0].id] },
  })
  expect(await find('harb', collector)).toEqual([['Old Harbour'], []])
  expect((await find('2026', collector))[1]).toEqual(['INV-2026-0043'])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { send } from '../books.ts'
import { call } from '../call.ts'
import { organisation, person } from '../given.ts'

// The work of collecting: the people of a customer, what was said to them, and what is to be done next.

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

const file = `operating_unit,customer_name,customer_id,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status
Main,Acme,C1,INV-1,2026-01-01,2026-01-31,100.00,USD,Overdue
Main,Acme,C1,INV-2,2026-01-01,2026-02-28,250.00,USD,Overdue
Main,Brick,C2,INV-3,2026-01-01,2026-02-28,75.00,USD,Overdue
`

test('a call is written down with its follow-up', async () => {
  const org = await organisation(t)
  const olga = await person(t, { in: org, roles: ['Operations'], full_name: 'Olga Operations' })
  const sent = await send(t, olga, file, { as_of: '2026-06-30' })
  expect(sent.status, JSON.stringify(sent.body)).toBe(200)
  const customers = await call(t, 'GET /api/receivables/customers', { as: olga })
  const acme = customers.body.items.find((each: { code: string }) => each.code === 'C1').id
  const contact = await call(t, `POST /api/receivables/customers/${acme}/contacts`, {
    as: olga,
    json: { name: 'Nina', role: 'Accounts payable', phone: '+1 555 0100', preferred_channel: 'call' },
  })
  expect(contact.status, JSON.stringify(contact.body)).toBe(201)
  const attempt = await call(t, `POST /api/receivables/customers/${acme}/attempts`, {
    as: olga,
    json: {
      channel: 'call',
      outcome: 'spoke',
      contact_id: contact.body.id,
      note: 'Will check',
      next_follow_up: '2030-01-01',
    },
  })
  expect(attempt.status, JSON.stringify(attempt.body)).toBe(201)
  const tasks = await call(t, 'GET /api/receivables/tasks', { as: olga })
  expect(tasks.body).toMatchObject({ total: 1, counts: { later: 1 } })
  const told = await call(t, 'GET /api/profile/notifications', { as: olga })
  expect(told.body).toMatchObject({ total: 0, unread: 0 })
})

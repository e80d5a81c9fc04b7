import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { type Answer, call, type Target } from '../call.ts'
import type { Person } from '../given.ts'
import { password, person } from '../given.ts'
import { apiRoutes, twoOrganisations, type World } from '../isolation.ts'
import { burst, creating } from '../repeated.ts'
import { seeded } from '../seeded.ts'

// One effect per intent: calls sent twice, and edits of something that somebody else changed meanwhile.

let t: TestApp
let world: World
let admin: Person
let owner: pg.Client
beforeAll(async () => {
  t = await testApp()
  world = await twoOrganisations(t, seeded(11))
  admin = world.administratorOfA
  owner = new pg.Client(t.testDatabase.owner)
  await owner.connect()
})
afterAll(async () => {
  await owner.end()
  await world.owner.end()
  await t.close()
})

describe('Idempotency-Key', () => {
  /** Signing in and out, renewing, moving, changes that a repeated call finds done, and what the
   * samples cannot say (a foreign currency, a reader). Imports have tests of their own. */
  const others = [
    // Of a report that waits, with a file that is there, or somebody by name: tested with the debtors.
    'POST /pharmacies/:pharmacy_id/debtors/upload',
    'POST /pharmacies/:pharmacy_id/debtors/download-csv',
    'POST /pharmacies/:pharmacy_id/debtors/download-xlsx',
    'POST /pharmacies/:pharmacy_id/debtors/download-pdf',
    'POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/columns',
    'POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/accept',
    'POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/reject',
    'POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/restore',
    'POST /users/:username/pharmacies',
    'POST /admin/users',
    'POST /api/admin/demo/clear',
    'POST /api/auth/forgot-password',
    'POST /api/auth/login',
    'POST /api/auth/logout',
    'POST /api/auth/refresh',
    'POST /api/auth/reset-password',
    'POST /api/auth/token',
    // Of what waits, and of what nobody knows of; what only asks; and what providers and recipients call, known by their bytes.
    'POST /api/communications/channels/:id/test',
    'POST /pharmacies/:pharmacy_id/campaigns',
    'POST /pharmacies/:pharmacy_id/campaigns/:campaign_id/cancel',
    'POST /pharmacies/:pharmacy_id/campaigns/:campaign_id/resend',
    'POST /pharmacies/:pharmacy_id/campaigns/:campaign_id/start',
    'POST /pharmacies/:pharmacy_id/debtors/send-email',
    'POST /pharmacies/:pharmacy_id/debtors/send-sms',
    'POST /pharmacies/:pharmacy_id/escalation/campaigns',
    'POST /pharmacies/:pharmacy_id/debtors/letters',
    'POST /pharmacies/:pharmacy_id/reminders/dry-run',
    'POST /pharmacies/:pharmacy_id/reminders/preview',
    'POST /pharmacies/:pharmacy_id/reminders/test',
    'POST /api/communications/messages/:id/cancel',
    'POST /api/communications/messages/:id/settle',
    'POST /api/communications/sms/measure',
    'POST /api/webhooks/sendgrid/:token',
    'POST /api/webhooks/smsportal/:token',
    'POST /u/:token',
    'POST /api/import-ar-data',
    'POST /api/imports',
    'POST /api/imports/:id/cancel',
    'POST /api/imports/:id/missing',
    'POST /api/imports/:id/publish',
    'POST /api/imports/:id/revert',
    'POST /api/invitations/:token/accept',
    'POST /api/organisations',
    'POST /api/profile/password',
    'POST /api/profile/second-factor/confirm',
    'POST /api/profile/second-factor/disable',
    'POST /api/profile/notifications/read',
    'POST /api/realtime/ticket',
    // Named with customer and invoice of one story: tested with promises and dunning.
    'POST /api/receivables/dunning/blocks',
    'POST /api/receivables/promises',
    'POST /api/receivables/assignment-rules/apply',
    'POST /api/receivables/assignment-rules/order',
    'POST /api/outstanding/engineer-proposals/accept',
    'POST /api/receivables/assignments/:id/undo',
    'POST /api/receivables/dispute-reasons/order',
    'POST /api/receivables/disputes/bulk/undo',
    'POST /api/receivables/customers/:id/attempts',
    'POST /api/receivables/tasks',
    'POST /api/receivables/insights/rates',
    'POST /api/receivables/insights/rates/import',
    'POST /api/receivables/insights/schedules',
    // Proposes, and books nothing.
    'POST /api/receivables/remittances/propose',
    // Of a dispute that is closed.
    'POST /api/receivables/disputes/:id/reopen',
    'POST /api/receivables/write-offs/:id/reverse',
    'POST /api/portal/:token/disputes',
    'POST /api/portal/:token/opened',
    'POST /api/portal/:token/promises',
    'POST /api/receivables/statement-links/:id/revoke',
    'POST /api/views/:id/restore',
    'POST /api/session',
    'POST /api/session/refresh',
    'POST /api/session/switch',
    'POST /api/tenants/:id/enter',
    'POST /api/upload',
    'POST /auth/change-password/',
    'POST /auth/login',
    'POST /auth/login/',
    'POST /auth/logout/',
    'POST /auth/token/refresh/',
  ]

  test('every POST is one that can be repeated, or one that should not, by name', () => {
    const posts = apiRoutes(t).filter(({ method }) => method === 'POST')
    expect(posts.map(({ id }) => id).sort()).toEqual([...creating, ...others].sort())
  })

  test.each(creating)('%s: 50 at once have one effect and one answer', async (id) => {
    await burst(world, id, `many-${id}`.replaceAll(' ', '-'))
  })

  const post = (
    key: string,
    json: unknown,
    as: Person = admin,
    target: Target = 'POST /api/admin/departments',
  ) => call(t, target, { as, json, headers: { 'idempotency-key': key } })

  test('the same key with another body, or another address: 409', async () => {
    expect((await post('k-1', { name: 'First' })).status).toBe(201)
    for (const again of [
      await post('k-1', { name: 'Second' }),
      await post('k-1', { name: 'First' }, admin, 'POST /api/admin/regions'),
    ])
      expect([again.status, again.body.code]).toEqual([409, 'idempotency_key_reused'])
  })

  test('a call that failed frees its key', async () => {
    expect((await post('k-2', { name: '' })).status).toBe(422)
    expect((await post('k-2', { name: 'First' })).status).toBe(409)
    expect((await post('k-2', { name: 'Third' })).status).toBe(201)
    expect((await post('k-2', { name: 'Third' })).headers['idempotency-replayed']).toBe('true')
  })

  test('so does one whose refusal is remembered, such as a wrong password', async () => {
    const who = await person(t, { in: world.a })
    const change = (old_password: string) =>
      post('k-7', { old_password, new_password: 'Another-harbour-8' }, who, 'POST /api/profile/password')
    expect((await change('wrong')).status).toBe(422)
    expect((await change('wrong')).status).toBe(422)
    expect((await change(password)).status).toBe(200)
  })

  test('somebody else’s key of the same words is another', async () => {
    const colleague = await person(t, { in: world.a })
    const stranger = await person(t, { in: world.b })
    const [mine, hers, theirs] = [
      await post('k-3', { name: 'Mine' }),
      await post('k-3', { name: 'Hers' }, colleague),
      await post('k-3', { name: 'Theirs' }, stranger),
    ] as [Answer, Answer, Answer]
    expect([mine.status, hers.status, theirs.status]).toEqual([201, 201, 201])
    expect(new Set([mine.body.id, hers.body.id, theirs.body.id]).size).toBe(3)
    expect((await post('k-3', { name: 'Mine' })).body).toEqual(mine.body)
  })

  test('whoever lost the permission meanwhile hears that, not the first answer', async () => {
    const who = await person(t, { in: world.a, roles: ['outstanding_admin'] })
    expect((await post('k-4', { name: 'Fourth' }, who)).status).toBe(201)
    await call(t, `PUT /api/admin/users/${who.id}`, { as: admin, json: { role_codes: ['biller'] } })
    expect((await post('k-4', { name: 'Fourth' }, who)).status).toBe(403)
  })

  test.each(['', 'a b', 'ü', 'x'.repeat(256)])('the key "%s": 400', async (key) => {
    const { status, body } = await post(key, { name: 'Never' })
    expect([status, body.code]).toEqual([400, 'idempotency_key_invalid'])
  })

  test('what is kept of an answer cannot be read in the database', async () => {
    const { body } = await post(
      'k-5',
      { name: 'Key', scopes: ['users.read'] },
      admin,
      'POST /api/profile/api-keys',
    )
    const { rows } = await owner.query('select answer, fingerprint from idempotency_keys where key = $1', [
      'k-5',
    ])
    expect(JSON.stringify(rows)).not.toContain(body.key)
    expect(rows[0].answer).toMatch(/^v1:[\da-f]{8}:/)
  })

  test('registration without an account is repeated by whoever began it', async () => {
    const input = { email: 'twice@example.com', username: 'twice', password }
    const send = (ip: string) =>
      call(t, 'POST /api/auth/register', { json: input, ip, headers: { 'idempotency-key': 'k-6' } })
    const [first, again] = [await send('10.4.4.4'), await send('10.4.4.4')]
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.body).toEqual(first.body)
    expect((await send('10.4.4.5')).status).toBe(400)
  })
})

describe('If-Match', () => {
  type Edited = { name: string; target: string; body: (n: number) => unknown }
  const dunning = (n: number) => ({
    name: `Policy ${n}`,
    steps: [{ delay_days: n, gap_days: 0, channel: 'letter', body: 'Please pay.' }],
  })
  const said = (n: number) => ({ channel: 'call', outcome: 'spoke', note: `Note ${n}`, invoice_ids: [] })
  const rule = (n: number) => ({ name: `Rule ${n}`, is_on: false, user_ids: [admin.id] })
  async function edited(): Promise<Edited[]> {
    const make = async (target: Target, json: unknown) => (await call(t, target, { as: admin, json })).body.id
    const who = await person(t, { in: world.a, roles: ['Biller'], signedIn: false })
    const settings = (await call(t, 'GET /api/admin/organisation', { as: admin })).body
    const { customer_id } = (
      await call(t, `GET /api/receivables/invoices/${world.ids.a.invoices!}`, { as: admin })
    ).body
    return [
      { name: 'a user', target: `/api/admin/users/${who.id}`, body: (n) => ({ full_name: `Name ${n}` }) },
      {
        name: 'a user, as the AR Tracker does',
        target: `/api/users/${who.id}`,
        body: (n) => ({ full_name: `N ${n}` }),
      },
      {
        name: 'a role',
        target: `/api/admin/roles/${await make('POST /api/admin/roles', { name: 'Edited', permissions: [] })}`,
        body: (n) => ({ name: `Edited ${n}`, permissions: [] }),
      },
      {
        name: 'a region',
        target: `/api/admin/regions/${await make('POST /api/admin/regions', { name: 'Edited' })}`,
        body: (n) => ({ name: `Region ${n}` }),
      },
      {
        name: 'a department',
        target: `/api/admin/departments/${await make('POST /api/admin/departments', { name: 'Edited' })}`,
        body: (n) => ({ name: `Edited department ${n}` }),
      },
      {
        name: 'an outlet',
        target: `/api/admin/outlets/${await make('POST /api/admin/outlets', { name: 'Edited' })}`,
        body: (n) => ({ name: `Outlet ${n}` }),
      },
      {
        name: 'the organisation',
        target: '/api/admin/organisation',
        body: (n) => ({ ...settings, version: undefined, name: `Alpha ${n}` }),
      },
      {
        name: 'a comment',
        target: `/api/receivables/comments/${await make(`POST /api/receivables/invoices/${world.ids.a.invoices}/comments`, { body: 'Edited' })}`,
        body: (n) => ({ body: `Comment ${n}` }),
      },
      {
        name: 'a dispute',
        target: `/api/receivables/disputes/${world.ids.a.disputes}`,
        body: (n) => ({ note: `Note ${n}` }),
      },
      {
        name: 'a reason of disputes',
        target: `/api/receivables/dispute-reasons/${world.ids.a.dispute_reasons}`,
        body: (n) => ({ name: `Reason ${n}`, sla_days: n }),
      },
      {
        name: 'a dunning policy',
        target: `/api/receivables/dunning/policies/${await make('POST /api/receivables/dunning/policies', dunning(0))}`,
        body: dunning,
      },
      {
        name: 'a person of a customer',
        target: `/api/receivables/contacts/${await make(`POST /api/receivables/customers/${world.ids.a.customers}/contacts`, { name: 'Edited' })}`,
        body: (n) => ({ name: `Person ${n}` }),
      },
      {
        name: 'a contact attempt',
        target: `/api/receivables/attempts/${await make(`POST /api/receivables/customers/${customer_id}/attempts`, said(0))}`,
        body: said,
      },
      {
        name: 'a task',
        target: `/api/receivables/tasks/${await make('POST /api/receivables/tasks', { customer_id, title: 'Edited', due_on: '2100-01-01' })}`,
        body: (n) => ({ title: `Task ${n}` }),
      },
      {
        name: 'an assignment rule',
        target: `/api/receivables/assignment-rules/${await make('POST /api/receivables/assignment-rules', rule(0))}`,
        body: rule,
      },
      {
        name: 'an absence',
        target: `/api/receivables/absences/${await make('POST /api/receivables/absences', { user_id: who.id, stand_in_id: admin.id, from_on: '2155-01-01', until_on: '2155-01-31' })}`,
        body: (n) => ({ until_on: `2155-03-${String(n).padStart(2, '0')}` }),
      },
      {
        name: 'a schedule of packs',
        target: `/api/receivables/insights/schedules/${await make('POST /api/receivables/insights/schedules', { name: 'Edited', every: 'week', user_ids: [admin.id] })}`,
        body: (n) => ({ name: `Schedule ${n}` }),
      },
      {
        name: 'the weights of the worklist',
        target: '/api/receivables/worklist/weights',
        body: (n) => ({ amount: n }),
      },
    ]
  }
  let all: Edited[]
  beforeAll(async () => {
    all = await edited()
  })
  const put = ({ target, body }: Edited, n: number, match?: string) =>
    call(t, `PUT ${target as '/'}`, { as: admin, json: body(n), headers: { 'if-match': match } })

  /** The last word holds: what the Outstanding Tracker's clients write, what somebody puts off for themselves, the limits of write-offs. */
  const unversioned = [
    '/api/customers/:id/assign-engineer',
    '/api/customers/:id/notes',
    '/api/customers/:id/remark',
    '/api/customers/:customerId/invoices/:invoiceNumber/dispute',
    '/api/customers/:customerId/invoices/*',
    '/api/receivables/worklist/:customer_id/pause',
    '/api/receivables/write-offs/policy',
  ]

  test('those that answer none take the last word', async () => {
    const id = world.ids.a.invoices!
    const { customer_id, invoice_number: number } = (
      await call(t, `GET /api/receivables/invoices/${id}`, { as: admin })
    ).body
    const bodies: Record<string, unknown> = {
      'assign-engineer': { engineerId: null },
      notes: { newNotes: 'Called twice' },
      remark: { newRemark: 'none' },
      dispute: { newStatus: 'paid' },
      '*': { newStatus: 'paid' },
      pause: { kind: 'snooze', until_on: '2190-01-01', reason: 'Away' },
      policy: { limits: [] },
    }
    for (const url of unversioned) {
      const target = url
        .replace(/:customerId|:customer_id|:id/, String(customer_id))
        .replace(':invoiceNumber', String(number))
        .replace('*', `${number}/dispute`)
      const answer = await call(t, `PUT ${target as '/'}`, {
        as: admin,
        json: bodies[url.split('/').at(-1)!],
      })
      expect([url, answer.status, answer.headers.etag], JSON.stringify(answer.body)).toEqual([
        url,
        200,
        undefined,
      ])
    }
  })

  test('every route that answers an ETag is among these', () => {
    // Who an invoice, a customer or a dispute is assigned to is tested with them: assigning the same again changes nothing. Neither
    // does giving a customer the dunning policy that it has, naming the cause that is named, or finishing what is done.
    const known = [
      ...all.map(({ target }) => target.replace(/\d+/, ':id')),
      '/api/receivables/invoices/:id/assignment',
      '/api/receivables/disputes/:id/owner',
      '/api/receivables/customers/:id/dunning',
      '/api/receivables/customers/:id/assignment',
      '/api/receivables/invoices/:id/root-cause',
      '/api/receivables/tasks/:id/done',
      '/api/receivables/invoices/:id/kept-mine',
      // Set whole, whether it is there or not.
      '/api/communications/channels',
      '/api/communications/sending-rules',
      '/api/communications/templates',
      '/pharmacies/:pharmacy_id/escalation',
      // The documents of other systems know no versions of these.
      '/pharmacies/:pharmacy_id',
      '/admin/users/:user_id',
      ...unversioned,
    ]
    const edits = apiRoutes(t).filter(
      ({ method, access }) => method === 'PUT' && access.some((each) => each.includes('.')),
    )
    expect(edits.map(({ url }) => url).sort()).toEqual([...new Set(known)].sort())
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17])(
    'the edit of a stale version is 412 with the current one (%i)',
    async (index) => {
      const one = all[index]!
      const first = await put(one, 1)
      expect([one.name, first.status]).toEqual([one.name, 200])
      const seen = String(first.headers.etag)
      expect(seen).toMatch(/^"\d+"$/)
      const second = await put(one, 2, seen)
      expect([one.name, second.status]).toEqual([one.name, 200])
      expect(second.headers.etag).not.toBe(seen)
      for (const stale of [seen, '"0"', 'W/"0"', '"x"', seen.replaceAll('"', '')]) {
        const refused = await put(one, 3, stale)
        expect([one.name, refused.status, refused.body.code]).toEqual([one.name, 412, 'changed_meanwhile'])
        expect(refused.headers.etag).toBe(second.headers.etag)
        expect(refused.body.current.version).toBe(Number(String(second.headers.etag).replaceAll('"', '')))
      }
      for (const match of [second.headers.etag, '*', undefined] as (string | undefined)[]) {
        const answer = await put(one, 4, match)
        expect([one.name, match, answer.status]).toEqual([one.name, match, 200])
      }
      const current = String((await put(one, 5)).headers.etag)
      expect((await put(one, 6, `"0", ${current}`)).status).toBe(200)
    },
  )

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17])(
    'of ten edits of one version at once, one is made (%i)',
    async (index) => {
      const one = all[index]!
      const seen = String((await put(one, 10)).headers.etag)
      const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => put(one, 20 + n, seen)))
      expect([one.name, answers.map(({ status }) => status).sort()]).toEqual([
        one.name,
        [200, ...Array(9).fill(412)],
      ])
    },
  )
})

test('two organisations made at once under one code: one is', async () => {
  const root = await person(t, { is_superuser: true })
  const make = () =>
    call(t, 'POST /api/tenants', {
      as: root,
      json: { name: 'Twin', code: 'twin', currency: 'USD', timezone: 'UTC', country: 'US' },
    })
  const answers = await Promise.all(Array.from({ length: 10 }, make))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)])
})

test('ten people registering under one name at once: one does', async () => {
  const register = (n: number) =>
    call(t, 'POST /api/auth/register', {
      json: { email: `racer${n}@example.com`, username: 'racer', password: 'Sunlit-harbour-9' },
    })
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => register(n)))
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 201)).toHaveLength(1)
  expect(statuses.filter((status) => status >= 500)).toEqual([])
})

test('one invitation accepted ten times at once makes one member', async () => {
  const { link } = (
    await call(t, 'POST /api/admin/invitations', {
      as: admin,
      json: { email: 'guest@example.com', role_codes: ['biller'] },
    })
  ).body
  const accept = (n: number) =>
    call(t, `POST /api/invitations/${link.split('/').at(-1)}/accept`, {
      json: { username: `guest${n}`, full_name: 'Guest', password },
    })
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => accept(n)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ status }) => status >= 500)).toEqual([])
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call, type Target } from '../call.ts'
import { pharmacy } from '../debtors.ts'
import { type Organisation, organisation, type Person, password, person, signIn } from '../given.ts'

// Pharmacies and who may see which, as the pharmacy clients ask: with a session, or with a service API key.

let t: TestApp
let org: Organisation
let admin: Person
let clerk: Person
let hill: number
let road: number
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t, { currency: 'ZAR' })
  admin = await person(t, { in: org })
  clerk = await person(t, { in: org, roles: ['pharmacy_read'] })
  hill = await pharmacy(t, admin, 'Hill')
  road = await pharmacy(t, admin, 'Road')
})
afterAll(() => t.close())

const of = (who: Person, path = ''): `/users/${string}` => `/users/${who.username}/pharmacies${path}`

describe('pharmacies', () => {
  test('an administrator makes one and changes what its reminders say; what is left out stays', async () => {
    const made = await call(t, 'POST /pharmacies', {
      as: admin,
      json: {
        name: 'New',
        bank_name: 'First Bank',
        banking_account: '62 000 1',
        email: 'new@example.com',
        phone: '0215550000',
      },
    })
    expect([made.status, made.body]).toMatchObject([
      201,
      { name: 'New', bank_name: 'First Bank', medical_aid: [] },
    ])
    const id = made.body.pharmacy_id
    const changed = await call(t, `PUT /pharmacies/${id}`, { as: admin, json: { bank_name: 'Second Bank' } })
    expect([changed.status, changed.body]).toMatchObject([
      200,
      { name: 'New', bank_name: 'Second Bank', banking_account: '62 000 1', email: 'new@example.com' },
    ])
    const stale = await call(t, `PUT /pharmacies/${id}`, {
      as: admin,
      json: { phone: null },
      headers: { 'if-match': `"${made.body.version}"` },
    })
    expect(stale.status).toBe(412)
    expect((await call(t, 'POST /pharmacies', { as: admin, json: {} })).status).toBe(422)
    expect((await call(t, 'POST /pharmacies', { as: clerk, json: { name: 'X' } })).status).toBe(403)
    expect((await call(t, 'PUT /pharmacies/999999', { as: admin, json: { phone: null } })).status).toBe(404)
    await call(t, `PUT /pharmacies/${id}`, { as: admin, json: { is_active: false } })
    expect(
      (await call(t, 'GET /pharmacies', { as: admin })).body.map((each: { name: string }) => each.name),
    ).toEqual(['Hill', 'Road'])
    expect((await call(t, 'GET /admin/pharmacies', { as: admin })).body).toHaveLength(3)
  })
})

test('keys of providers are written, never read', async () => {
  const id = await pharmacy(t, admin, 'Keys')
  const put = async (json: object) => (await call(t, `PUT /pharmacies/${id}`, { as: admin, json })).body
  const keys = {
    sendgrid_api_key: 'SG.secret-one',
    smsportal_client_id: 'client',
    smsportal_api_secret: 'secret-two',
  }
  const set = await put(keys)
  expect(set).toMatchObject({ has_sendgrid_api_key: true, has_smsportal_credentials: true })
  expect(JSON.stringify(set)).not.toMatch(/secret-/)
  expect(await put({ bank_name: 'Bank' })).toMatchObject({ has_sendgrid_api_key: true })
  expect(await put({ sendgrid_api_key: null, smsportal_api_secret: null })).toMatchObject({
    has_sendgrid_api_key: false,
    has_smsportal_credentials: false,
  })
  await call(t, `PUT /pharmacies/${id}`, { as: admin, json: { is_active: false } })
})

describe('grants', () => {
  test('open a pharmacy for reading, for writing, and close it again', async () => {
    expect((await call(t, `GET ${of(clerk)}`, { as: admin })).body).toEqual({
      user_id: clerk.id,
      username: clerk.username,
      pharmacies: [],
    })
    const check = async (action: string) =>
      (await call(t, `GET ${of(clerk, `/${hill}/check`)}`, { as: admin, query: { action } })).body.has_access
    const granted = await call(t, `POST ${of(clerk)}`, { as: admin, json: { pharmacy_id: hill } })
    expect([granted.status, granted.body]).toMatchObject([
      200,
      { pharmacy_id: hill, can_read: true, can_write: false },
    ])
    expect([await check('read'), await check('write')]).toEqual([true, false])
    expect((await call(t, `GET /pharmacies/${hill}/debtors`, { as: clerk })).status).toBe(200)
    expect((await call(t, `GET /pharmacies/${road}/debtors`, { as: clerk })).status).toBe(403)

    await call(t, `POST ${of(clerk)}`, { as: admin, json: { pharmacy_id: hill, can_write: true } })
    expect([await check('read'), await check('write')]).toEqual([true, true])
    const mine = await call(t, `GET ${of(clerk)}`, { as: clerk })
    expect(mine.body.pharmacies).toEqual([
      { pharmacy_id: hill, pharmacy_name: 'Hill', can_read: true, can_write: true },
    ])

    expect((await call(t, `DELETE ${of(clerk, `/${hill}`)}`, { as: admin })).status).toBe(200)
    expect((await call(t, `DELETE ${of(clerk, `/${hill}`)}`, { as: admin })).status).toBe(404)
    expect((await call(t, `GET /pharmacies/${hill}/debtors`, { as: clerk })).status).toBe(403)
  })

  test('of others are for who may see people; unknown people and pharmacies are 404', async () => {
    expect((await call(t, `GET ${of(admin)}`, { as: clerk })).status).toBe(403)
    expect((await call(t, 'GET /users/nobody-here/pharmacies', { as: admin })).status).toBe(404)
    expect((await call(t, `POST ${of(clerk)}`, { as: admin, json: { pharmacy_id: 999_999 } })).status).toBe(
      404,
    )
    expect((await call(t, `POST ${of(clerk)}`, { as: clerk, json: { pharmacy_id: hill } })).status).toBe(403)
    expect(
      (await call(t, `GET ${of(clerk, `/${hill}/check`)}`, { as: admin, query: { action: 'eat' } })).status,
    ).toBe(422)
  })

  test('a service key is taken as bearer and as X-API-Key', async () => {
    const { body } = await call(t, 'POST /api/profile/api-keys', {
      as: admin,
      json: { name: 'service', scopes: ['users.read', 'debtors.read'] },
    })
    for (const headers of [{ authorization: `Bearer ${body.key}` }, { 'x-api-key': body.key }] as Record<
      string,
      string
    >[]) {
      const { status, body: answer } = await call(t, `GET ${of(admin)}` as Target, { headers })
      expect([status, answer.pharmacies.length]).toEqual([200, 2])
      expect((await call(t, 'GET /pharmacies', { headers })).status).toBe(200)
    }
  })
})

describe('administration', () => {
  test('adds somebody with pharmacies of theirs, who signs in and works', async () => {
    const made = await call(t, 'POST /admin/users', {
      as: admin,
      json: {
        username: 'new.clerk',
        email: 'new.clerk@example.com',
        password,
        pharmacy_ids: [hill],
        can_write: true,
      },
    })
    expect([made.status, made.body]).toMatchObject([
      201,
      {
        username: 'new.clerk',
        is_admin: false,
        is_accounting: false,
        pharmacies: [{ pharmacy_id: hill, can_write: true }],
      },
    ])
    const as = { headers: { authorization: `Bearer ${await signIn(t, 'new.clerk')}` } }
    expect((await call(t, 'GET /pharmacies', { as })).body).toMatchObject([
      { pharmacy_id: hill, name: 'Hill', can_write: true },
    ])

    const id = made.body.user_id
    expect(
      (await call(t, `POST /admin/users/${id}/pharmacies`, { as: admin, json: { pharmacy_id: road } }))
        .status,
    ).toBe(200)
    const one = await call(t, `GET /admin/users/${id}`, { as: admin })
    expect(one.body.pharmacies.map((each: { pharmacy_id: number }) => each.pharmacy_id)).toEqual([hill, road])
    expect((await call(t, `DELETE /admin/users/${id}/pharmacies/${road}`, { as: admin })).status).toBe(200)
    const put = await call(t, `PUT /admin/users/${id}`, {
      as: admin,
      json: { is_accounting: true, full_name: 'New Clerk' },
    })
    expect([put.status, put.body.is_accounting]).toEqual([200, true])
    const all = await call(t, 'GET /admin/users/access', { as: admin })
    expect(all.body.find((each: { user_id: number }) => each.user_id === id).pharmacies).toHaveLength(1)
    expect(
      (await call(t, 'GET /admin/users', { as: admin })).body.map(
        (each: { username: string }) => each.username,
      ),
    ).toContain('new.clerk')
    expect((await call(t, 'GET /admin/users/999999', { as: admin })).status).toBe(404)
    expect((await call(t, 'GET /admin/users', { as: clerk })).status).toBe(403)
  })

  test('a browser that navigates to /admin/users gets the page, not the list', async () => {
    const { raw } = await call(t, 'GET /admin/users', {
      headers: { accept: 'text/html,application/xhtml+xml' },
    })
    expect(raw.headers['content-type']).not.toMatch(/json/)
  })
})

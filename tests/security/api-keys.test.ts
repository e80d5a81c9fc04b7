import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

let t: TestApp
let org: Organisation
let admin: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  admin = await person(t, { in: org })
})
afterAll(() => t.close())

async function keyOf(as: Person, scopes: string[], more: Record<string, unknown> = {}) {
  const { status, body } = await call(t, 'POST /api/profile/api-keys', {
    as,
    json: { name: 'Export', scopes, ...more },
  })
  expect(status).toBe(201)
  return { ...body, headers: { authorization: `Bearer ${body.key}` } } as {
    id: number
    key: string
    headers: { authorization: string }
  }
}
const status = async (target: Target, as: { headers: Record<string, string> }, json?: unknown) =>
  (await call(t, target, { as, json })).status

describe('an API key', () => {
  test('is shown once, listed without its secret, and works as bearer and as X-API-Key', async () => {
    const made = await call(t, 'POST /api/profile/api-keys', {
      as: admin,
      json: { name: 'Nightly export', scopes: ['users.read', 'users.read', 'audit.read'] },
    })
    expect(made.status).toBe(201)
    const { key, ...shown } = made.body
    expect(shown).toEqual({
      id: expect.any(Number),
      name: 'Nightly export',
      prefix: key.slice(0, key.indexOf('_', 4) + 7),
      scopes: ['users.read', 'audit.read'],
      created_at: expect.any(String),
      last_used_at: null,
      expires_at: null,
      revoked_at: null,
    })
    expect(key).toMatch(new RegExp(`^dbk_${org.id}_[\\w-]{43}$`))
    expect(await status('GET /api/admin/users', { headers: { authorization: `Bearer ${key}` } })).toBe(200)
    expect(await status('GET /api/admin/users', { headers: { 'x-api-key': key } })).toBe(200)
    const { items } = (await call(t, 'GET /api/profile/api-keys', { as: admin })).body
    expect(items).toContainEqual({ ...shown, last_used_at: expect.any(String) })
    expect(JSON.stringify(items)).not.toContain(key.slice(-20))
  })

  test('does what its scopes say, and nothing else that its owner may do', async () => {
    const key = await keyOf(admin, ['users.read'])
    const allowed = [
      'GET /api/admin/users',
      `GET /api/admin/users/${admin.id}`,
      'GET /api/admin/regions',
    ] as const
    for (const target of allowed) expect([target, await status(target, key)]).toEqual([target, 200])
    const refused: [Target, unknown?][] = [
      ['GET /api/admin/audit'],
      ['GET /api/admin/organisation'],
      ['GET /api/receivables/invoices'],
      ['POST /api/admin/regions', { name: 'X' }],
      [`PUT /api/admin/users/${admin.id}`, { full_name: 'X' }],
      [`DELETE /api/admin/users/${admin.id}`],
      ['POST /api/admin/invitations', { email: 'x@example.com', role_codes: ['biller'] }],
    ]
    for (const [target, json] of refused)
      expect([target, await status(target, key, json)]).toEqual([target, 403])
  })

  test('is not its owner: it changes neither account, sessions, second factor nor keys', async () => {
    const key = await keyOf(admin, ['users.read', 'users.write', 'roles.write', 'settings.write'])
    const desk = await call(t, 'POST /api/auth/token', {
      json: { username: admin.username, password: 'Sunlit-harbour-9' },
    })
    const sessions = (await call(t, 'GET /api/profile/sessions', { as: admin })).body.items
    const mine: [Target, unknown?][] = [
      ['PUT /api/profile', { full_name: 'X', email: 'x@example.com', password: 'Sunlit-harbour-9' }],
      ['PUT /api/auth/me', { full_name: 'X' }],
      ['POST /api/profile/password', { old_password: 'Sunlit-harbour-9', new_password: 'Another-harbour-8' }],
      [
        'POST /auth/change-password/',
        { old_password: 'Sunlit-harbour-9', new_password: 'Another-8x', new_password2: 'Another-8x' },
      ],
      ['POST /api/profile/second-factor'],
      ['POST /api/profile/second-factor/confirm', { code: '123456' }],
      ['POST /api/profile/second-factor/disable', { password: 'Sunlit-harbour-9', code: '123456' }],
      ['POST /api/profile/api-keys', { name: 'Child', scopes: ['users.read'] }],
      [`DELETE /api/profile/api-keys/${key.id}`],
      [`DELETE /api/profile/sessions/${sessions[0].id}`],
      ['POST /api/realtime/ticket'],
      ['POST /api/organisations/join', { code: 'x' }],
    ]
    for (const [target, json] of mine) {
      const answer = await call(t, target, { as: key, json })
      expect([target, answer.status, answer.raw.cookies], answer.raw.body).toEqual([target, 403, []])
    }
    for (const target of ['POST /api/session/switch'] as const)
      expect([403, 404]).toContain(await status(target, key, { tenant_id: org.id }))
    expect(
      await status('GET /api/auth/me', { headers: { authorization: `Bearer ${desk.body.access_token}` } }),
    ).toBe(200)
  })

  test('opens no session with an invitation of its owner’s', async () => {
    const other = await organisation(t)
    const host = await person(t, { in: other })
    const who = await person(t, { in: org, roles: ['Biller'] })
    const key = await keyOf(who, ['receivables.read'])
    const { link } = (
      await call(t, 'POST /api/admin/invitations', {
        as: host,
        json: { email: who.email, role_codes: ['tenant_admin'] },
      })
    ).body
    const answer = await call(t, `POST /api/invitations/${link.split('/').at(-1)}/accept`, {
      as: key,
      json: null,
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.raw.cookies).toEqual([])
  })

  test('lists the team only when its scopes say so, whatever its owner’s role sees', async () => {
    const engineer = await person(t, { in: org, roles: ['Engineer'] })
    expect(await status('GET /api/users', engineer)).toBe(200)
    expect(await status('GET /api/users', await keyOf(engineer, ['receivables.read']))).toBe(403)
  })

  test('never does more than its owner may today', async () => {
    const who = await person(t, { in: org, roles: ['Operations'] })
    const key = await keyOf(who, ['users.read', 'audit.read'])
    const put = (json: unknown) => call(t, `PUT /api/admin/users/${who.id}`, { as: admin, json })
    expect(await status('GET /api/admin/users', key)).toBe(200)
    await put({ role_codes: ['accountant'] })
    expect(await status('GET /api/admin/users', key)).toBe(403)
    expect(await status('GET /api/admin/audit', key)).toBe(200)
    await put({ role_codes: ['operations'] })
    expect(await status('GET /api/admin/users', key)).toBe(200)
    await put({ is_active: false })
    expect(await status('GET /api/admin/users', key)).toBe(401)
    await put({ is_active: true })
    expect(await status('GET /api/admin/users', key)).toBe(200)
    await call(t, `DELETE /api/admin/users/${who.id}`, { as: admin })
    expect(await status('GET /api/admin/users', key)).toBe(401)
  })

  test('of a superuser is a member’s like any other', async () => {
    const root = await person(t, { in: org, roles: ['Operations'], is_superuser: true })
    const entered = await call(t, `POST /api/tenants/${org.id}/enter`, { as: root })
    const inside = { ...root, headers: { authorization: `Bearer ${entered.body.access_token}` } }
    const key = await keyOf(inside, ['users.read', 'settings.write'])
    expect(await status('GET /api/admin/users', key)).toBe(200)
    expect(await status('POST /api/admin/regions', key, { name: 'X' })).toBe(403)
    expect(await status('GET /api/tenants', key)).toBe(403)
  })

  test('ends when it is revoked, once and for all', async () => {
    const key = await keyOf(admin, ['users.read'])
    expect(await status('GET /api/admin/users', key)).toBe(200)
    expect(await status(`DELETE /api/profile/api-keys/${key.id}`, admin)).toBe(204)
    expect(await status('GET /api/admin/users', key)).toBe(401)
    expect(await status(`DELETE /api/profile/api-keys/${key.id}`, admin)).toBe(404)
    const { items } = (await call(t, 'GET /api/profile/api-keys', { as: admin })).body
    expect(items.find(({ id }: { id: number }) => id === key.id).revoked_at).toEqual(expect.any(String))
  })

  test('is revoked by its owner alone', async () => {
    const key = await keyOf(admin, ['users.read'])
    const colleague = await person(t, { in: org })
    expect(await status(`DELETE /api/profile/api-keys/${key.id}`, colleague)).toBe(404)
    expect(await status('GET /api/admin/users', key)).toBe(200)
  })

  test.each([
    ['a permission the owner lacks', ['receivables.read', 'users.write'], 403],
    ['a permission that does not exist', ['everything'], 422],
    ['no scope', [], 422],
  ])('is not made with %s', async (_what, scopes, expected) => {
    const biller = await person(t, { in: org, roles: ['Biller'] })
    expect(await status('POST /api/profile/api-keys', biller, { name: 'X', scopes })).toBe(expected)
  })

  test.each([
    ['of a digit more', (key: string) => `${key}A`],
    ['with another secret', (key: string) => `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`],
    ['of another organisation', (key: string) => key.replace(/^dbk_\d+_/, 'dbk_999_')],
    ['of a number too long', (key: string) => key.replace(/^dbk_\d+_/, 'dbk_99999999999999999999_')],
    ['of organisation zero', (key: string) => key.replace(/^dbk_\d+_/, 'dbk_0_')],
    ['of its prefix alone', (key: string) => key.slice(0, 12)],
  ])('%s is none: 401', async (_what, change) => {
    const { key } = await keyOf(admin, ['users.read'])
    for (const [name, value] of [
      ['authorization', `Bearer ${change(key)}`],
      ['x-api-key', change(key)],
    ] as const)
      expect(await status('GET /api/admin/users', { headers: { [name]: value } })).toBe(401)
  })

  test('runs out on its day', async () => {
    const past = await call(t, 'POST /api/profile/api-keys', {
      as: admin,
      json: { name: 'X', scopes: ['users.read'], expires_at: '2020-01-01T00:00:00Z' },
    })
    expect(past.status).toBe(422)
    const expires_at = new Date(t.clock.now().getTime() + 3_600_000).toISOString()
    const key = await keyOf(admin, ['users.read'], { expires_at })
    t.clock.ahead(3_599_000)
    expect(await status('GET /api/admin/users', key)).toBe(200)
    t.clock.ahead(2_000)
    expect(await status('GET /api/admin/users', key)).toBe(401)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call, normal } from '../call.ts'
import { type Organisation, organisation, type Person, password, person, signIn } from '../given.ts'

// POSightful's document: Django's paths with a slash at the end, access for an hour, errors as DRF writes them: a field
// with its messages, `non_field_errors`, `error` or `detail`, and nothing else.

let t: TestApp
let org: Organisation
let agent: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  agent = await person(t, { in: org, roles: ['agent'], full_name: 'Agata Agent' })
})
afterAll(() => t.close())

const token = expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/)
const opaque = expect.stringMatching(/^[\w-]{43}$/)
const bearer = (access: string) => ({ headers: { authorization: `Bearer ${access}` } })
const enter = async (who = agent) =>
  (await call(t, 'POST /auth/login/', { json: { username: who.username, password } })).body
const agentRole = {
  id: expect.any(Number),
  code: 'AGENT',
  name: 'Agent',
  description: expect.any(String),
  permissions: ['sales.read', 'sales.write', 'bonuses.read'],
}
const userOf = (who: Person, more: Record<string, unknown> = {}) => ({
  id: who.id,
  username: who.username,
  email: who.email,
  phone_number: null,
  full_name: expect.any(String),
  roles: [agentRole],
  user_role: agentRole,
  tenant: org.id,
  is_active: true,
  is_staff: false,
  created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  agent_code: null,
  region: null,
  supervisor: null,
  ...more,
})
const session = (user: unknown, message: string) => ({
  user,
  tokens: { refresh: opaque, access: token },
  refresh: opaque,
  access: token,
  message,
})

describe('POST /auth/register/', () => {
  let n = 0
  const fresh = () => {
    n += 1
    return {
      username: `shop${n}`,
      email: `shop${n}@example.com`,
      phone_number: `+99890123${String(1000 + n)}`,
      password: 'Sunlit-harbour-9',
      password2: 'Sunlit-harbour-9',
    }
  }
  const register = (json: unknown, path: '/auth/register/' | '/auth/register' = '/auth/register/') =>
    call(t, `POST ${path}`, { json })

  test.each(['/auth/register/', '/auth/register'] as const)('%s answers user and tokens', async (path) => {
    const input = { ...fresh(), full_name: 'Shop Keeper' }
    const { status, body } = await register(input, path)
    expect(status).toBe(201)
    const user = {
      ...userOf(agent),
      id: expect.any(Number),
      username: input.username,
      email: input.email,
      phone_number: input.phone_number,
      full_name: 'Shop Keeper',
      roles: [],
      user_role: null,
      tenant: null,
    }
    expect(body).toEqual(session(user, 'User registered successfully'))
    expect(body.tokens).toEqual({ refresh: body.refresh, access: body.access })
    expect((await call(t, 'GET /auth/profile/', { as: bearer(body.access) })).body).toEqual(body.user)
  })

  test.each(['998901234567', '+998901234567'])('the telephone number %s', async (phone_number) => {
    expect((await register({ ...fresh(), phone_number })).status).toBe(201)
  })

  test.each([
    ['phone_number', '+99890123456'],
    ['phone_number', '+9989012345678'],
    ['phone_number', '998 90 123 45 67'],
    ['phone_number', '+447700900123'],
    ['phone_number', '00998901234567'],
    ['phone_number', undefined],
    ['username', undefined],
    ['username', 'a b'],
    ['email', 'nobody'],
    ['email', undefined],
    ['password', undefined],
    ['password2', undefined],
    ['full_name', 'a'.repeat(201)],
  ])('%s %s: 400 with the field and its messages', async (field, value) => {
    const { status, body } = await register({ ...fresh(), [field]: value })
    expect(status).toBe(400)
    expect(body).toEqual({ [field]: [expect.any(String)] })
  })

  test.each([
    ['too short', 'Ab1-x', /too short/],
    ['entirely numeric', '918273645091', /numeric/],
    ['too common', 'password123', /common/],
    ['too similar to the name', null, /similar/],
  ])('a password %s: 400 in words of Django', async (_what, given, words) => {
    const input = fresh()
    const chosen = given ?? `${input.username}${n}`
    const { status, body } = await register({
      ...input,
      ...(given ? {} : { username: 'shopkeeper99', email: 'k99@example.com' }),
      password: given ? chosen : 'shopkeeper99',
      password2: given ? chosen : 'shopkeeper99',
    })
    expect(status).toBe(400)
    expect(Object.keys(body)).toEqual(['password'])
    expect(body.password.join(' ')).toMatch(words)
  })

  test('two different passwords: 400', async () => {
    const { status, body } = await register({ ...fresh(), password2: 'Another-harbour-8' })
    expect([status, body]).toEqual([400, { password: ["Password fields didn't match."] }])
  })

  test.each(['username', 'email'] as const)('a %s that somebody has: 400', async (field) => {
    const { status, body } = await register({ ...fresh(), [field]: agent[field].toUpperCase() })
    expect(status).toBe(400)
    expect(body).toEqual({ [field]: [expect.stringContaining('already exists')] })
  })

  test('nothing sent: every required field is named', async () => {
    const { status, body } = await register({})
    expect(status).toBe(400)
    expect(Object.keys(body).sort()).toEqual(['email', 'password', 'password2', 'phone_number', 'username'])
  })

  test('the tenant is a request, never an entrance', async () => {
    const input = { ...fresh(), tenant: org.id }
    const { body } = await register(input)
    expect(body.user.tenant).toBeNull()
    expect((await call(t, 'GET /api/users', { as: bearer(body.access) })).status).toBe(403)
    const administrator = await person(t, { in: org })
    const { items } = (await call(t, 'GET /api/admin/join-requests', { as: administrator })).body
    expect(items).toContainEqual(expect.objectContaining({ username: input.username, state: 'open' }))
  })
})

describe('POST /auth/login/', () => {
  test('answers user and tokens', async () => {
    const body = await enter()
    expect(body).toEqual(session(userOf(agent), 'Login successful'))
  })

  test('takes a form as well, as Django does', async () => {
    const { status, body } = await call(t, 'POST /auth/login/', {
      form: { username: agent.username, password },
    })
    expect([status, body.user.id]).toEqual([200, agent.id])
    const renewed = await call(t, 'POST /auth/token/refresh/', { form: { refresh: body.refresh } })
    expect(renewed.status).toBe(200)
  })

  test.each([
    ['tenant_admin', 'ADMIN', true],
    ['sales_manager', 'MANAGER', false],
    ['supervisor', 'SUPERVISOR', false],
    ['accountant', 'ACCOUNTANT', false],
    ['agent', 'AGENT', false],
  ])('%s is %s to the clients', async (role, code, is_staff) => {
    const who = await person(t, { in: org, roles: [role], signedIn: false })
    const { user } = await enter(who)
    expect(user).toMatchObject({ is_staff, roles: [{ code }], user_role: { code } })
  })

  test('a wrong password and an unknown name: the same 400', async () => {
    const login = (username: string) =>
      call(t, 'POST /auth/login/', { json: { username, password: 'wrong' } })
    const wrong = await login(agent.username)
    expect([wrong.status, wrong.body]).toEqual([400, { non_field_errors: ['Invalid username or password.'] }])
    expect(normal(await login('nobody'))).toEqual(normal(wrong))
  })

  test('somebody switched off: 400', async () => {
    const administrator = await person(t, { in: org })
    const away = await person(t, { in: org, roles: ['agent'], signedIn: false })
    await call(t, `PUT /api/admin/users/${away.id}`, { as: administrator, json: { is_active: false } })
    const { status, body } = await call(t, 'POST /auth/login/', {
      json: { username: away.username, password },
    })
    expect([status, body]).toEqual([400, { non_field_errors: [expect.stringContaining('inactive')] }])
  })

  test('missing fields: 400, each with its message', async () => {
    const { status, body } = await call(t, 'POST /auth/login/', { json: {} })
    expect(status).toBe(400)
    expect(body).toEqual({ username: ['This field is required.'], password: ['This field is required.'] })
  })
})

describe('POST /auth/logout/', () => {
  test.each(['/auth/logout/', '/auth/logout'] as const)('%s ends the session', async (path) => {
    const { access, refresh } = await enter()
    const { status, body } = await call(t, `POST ${path}`, {
      as: bearer(access),
      json: { refresh_token: refresh },
    })
    expect([status, body]).toEqual([200, { message: 'Logout successful' }])
    expect((await call(t, 'POST /auth/token/refresh/', { json: { refresh } })).status).toBe(401)
    expect((await call(t, 'GET /auth/profile/', { as: bearer(access) })).status).toBe(401)
  })

  test('no refresh token, an unknown one, or somebody else’s: 400 {error}', async () => {
    const { access } = await enter()
    const other = await enter(await person(t, { in: org, roles: ['agent'], signedIn: false }))
    for (const json of [{}, { refresh_token: 'x' }, { refresh_token: other.refresh }]) {
      const { status, body } = await call(t, 'POST /auth/logout/', { as: bearer(access), json })
      expect([status, body]).toEqual([400, { error: expect.any(String) }])
    }
    expect((await call(t, 'GET /auth/profile/', { as: bearer(other.access) })).status).toBe(200)
  })

  test('without a token: 401 {detail}', async () => {
    const { status, body } = await call(t, 'POST /auth/logout/', { json: { refresh_token: 'x' } })
    expect([status, body]).toEqual([401, { detail: expect.any(String) }])
  })
})

describe('POST /auth/token/refresh/', () => {
  test.each(['/auth/token/refresh/', '/auth/token/refresh'] as const)('%s', async (path) => {
    const { refresh } = await enter()
    const { status, body } = await call(t, `POST ${path}`, { json: { refresh } })
    expect([status, body]).toEqual([200, { access: token, refresh: opaque }])
    expect(body.refresh).not.toBe(refresh)
    expect((await call(t, 'GET /auth/profile/', { as: bearer(body.access) })).status).toBe(200)
  })

  test('an unknown one: 401; none: 400', async () => {
    const unknown = await call(t, 'POST /auth/token/refresh/', { json: { refresh: 'x'.repeat(43) } })
    expect([unknown.status, unknown.body]).toEqual([
      401,
      { detail: 'Token is invalid or expired', code: 'token_not_valid' },
    ])
    const none = await call(t, 'POST /auth/token/refresh/', { json: {} })
    expect([none.status, none.body]).toEqual([400, { refresh: ['This field is required.'] }])
  })
})

describe('GET /auth/profile/', () => {
  test.each(['/auth/profile/', '/auth/profile'] as const)('%s', async (path) => {
    const { status, body } = await call(t, `GET ${path}`, { as: agent })
    expect(status).toBe(200)
    expect(body).toEqual(userOf(agent))
  })

  test.each([
    ['no token', {}],
    ['a bad token', { authorization: 'Bearer nonsense' }],
  ])('%s: 401 {detail}', async (_what, headers) => {
    const answer = await call(t, 'GET /auth/profile/', { headers })
    expect([answer.status, answer.body]).toEqual([401, { detail: expect.any(String) }])
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
  })
})

describe('POST /auth/change-password/', () => {
  const change = (as: Person | undefined, json: unknown, path = '/auth/change-password/') =>
    call(t, `POST ${path as '/auth/change-password/'}`, { as, json })
  const next = { new_password: 'Another-harbour-8', new_password2: 'Another-harbour-8' }

  test('changes the password; the other devices are signed out, this one stays', async () => {
    const who = await person(t, { in: org, roles: ['agent'] })
    const elsewhere = await enter(who)
    const { status, body } = await change(who, { old_password: password, ...next })
    expect([status, body]).toEqual([200, { message: 'Password changed successfully' }])
    expect((await call(t, 'GET /auth/profile/', { as: who })).status).toBe(200)
    expect((await call(t, 'GET /auth/profile/', { as: bearer(elsewhere.access) })).status).toBe(401)
    await expect(signIn(t, who.username, 'Another-harbour-8')).resolves.toEqual(expect.any(String))
    await expect(signIn(t, who.username)).rejects.toThrow('401')
    const back = {
      old_password: 'Another-harbour-8',
      new_password: 'Third-harbour-7',
      new_password2: 'Third-harbour-7',
    }
    expect((await change(who, back, '/auth/change-password')).status).toBe(200)
  })

  test.each([
    ['a wrong old password', { old_password: 'wrong', ...next }, 'old_password'],
    ['no old password', next, 'old_password'],
    ['two different new ones', { old_password: password, ...next, new_password2: 'x' }, 'new_password'],
    ['a short one', { old_password: password, new_password: 'a', new_password2: 'a' }, 'new_password'],
    ['no new one', { old_password: password, new_password2: 'x' }, 'new_password'],
  ])('%s: 400 with the field', async (_what, json, field) => {
    const { status, body } = await change(agent, json)
    expect(status).toBe(400)
    expect(body).toEqual({ [field]: [expect.any(String)] })
  })

  test('without a token: 401', async () => {
    expect(await change(undefined, { old_password: password, ...next })).toMatchObject({
      status: 401,
      body: { detail: expect.any(String) },
    })
  })
})

test('GET /api/ is the map of the API, /swagger/ and /redoc/ its documentation', async () => {
  const { status, body } = await call(t, 'GET /api/')
  expect(status).toBe(200)
  expect(body.paths).toEqual(expect.arrayContaining(['/auth/login/', '/auth/register/', '/auth/profile/']))
  for (const path of ['/swagger/', '/redoc/'] as const) {
    const page = await call(t, `GET ${path}`)
    expect([page.status, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')])
  }
})

test('an address of Django’s kind that does not exist: 404 {detail}', async () => {
  const { status, body } = await call(t, 'GET /auth/nothing/')
  expect([status, body]).toEqual([404, { detail: expect.any(String) }])
})

test('access lasts an hour, refresh a week', async () => {
  const { access, refresh } = await enter()
  t.clock.ahead(59 * 60_000)
  expect((await call(t, 'GET /auth/profile/', { as: bearer(access) })).status).toBe(200)
  t.clock.ahead(2 * 60_000)
  expect((await call(t, 'GET /auth/profile/', { as: bearer(access) })).status).toBe(401)
  const renewed = await call(t, 'POST /auth/token/refresh/', { json: { refresh } })
  expect(renewed.status).toBe(200)
  t.clock.ahead(7 * 24 * 3_600_000 + 60_000)
  const late = await call(t, 'POST /auth/token/refresh/', { json: { refresh: renewed.body.refresh } })
  expect(late.status).toBe(401)
})

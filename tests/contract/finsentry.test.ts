import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { type Answer, call, normal } from '../call.ts'
import { type Organisation, organisation, type Person, password, person } from '../given.ts'

// FinSentry's document: register, sign in with a form, refresh, who am I. Errors are FastAPI's.

let t: TestApp
let org: Organisation
let clerk: Person
let manager: Person
let admin: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  clerk = await person(t, { in: org, roles: ['finsentry_user'], full_name: 'Carl Clerk' })
  manager = await person(t, { in: org, roles: ['finsentry_manager'] })
  admin = await person(t, { in: org, roles: ['finsentry_admin'] })
})
afterAll(() => t.close())

const token = expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/)
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
const problem = (status: number, code: string) => ({
  type: `urn:duebook:${code}`,
  title: expect.any(String),
  status,
  code,
  detail: expect.any(String),
  ...(status === 401 ? { error: expect.any(String) } : {}),
  request_id: expect.any(String),
})
const expectInvalid = ({ status, body }: Answer, ...loc: string[]) => {
  expect(status).toBe(422)
  expect(body).toMatchObject({
    message: expect.any(String),
    detail: expect.arrayContaining([{ type: expect.any(String), loc, msg: expect.any(String) }]),
  })
}

describe('POST /api/auth/register', () => {
  let n = 0
  const fresh = () => {
    n += 1
    return {
      email: `Fin${n}@Example.com`,
      username: `fin${n}`,
      full_name: 'Fina Sentry',
      password: 'Sunlit-harbour-9',
    }
  }
  const register = (
    json: unknown,
    path: '/api/auth/register' | '/api/auth/register/' = '/api/auth/register',
  ) => call(t, `POST ${path}`, { json })

  test.each(['/api/auth/register', '/api/auth/register/'] as const)('%s makes a person', async (path) => {
    const input = fresh()
    const { status, body } = await register(input, path)
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.any(Number),
      email: input.email.toLowerCase(),
      username: input.username,
      full_name: 'Fina Sentry',
      role: 'user',
      roles: [],
      is_active: true,
      is_verified: false,
      created_at: instant,
      last_login: null,
      tenant: null,
    })
  })

  test('the name may be missing or null', async () => {
    for (const full_name of [undefined, null])
      expect(await register({ ...fresh(), full_name })).toMatchObject({
        status: 201,
        body: { full_name: '' },
      })
  })

  test.each([
    [
      'user name',
      (input: ReturnType<typeof fresh>) => ({ ...fresh(), username: input.username.toUpperCase() }),
    ],
    ['address', (input: ReturnType<typeof fresh>) => ({ ...fresh(), email: input.email.toUpperCase() })],
  ])('a %s that somebody has: 400', async (_what, again) => {
    const input = fresh()
    await register(input)
    const { status, body } = await register(again(input))
    expect(status).toBe(400)
    expect(body).toMatchObject({ status: 400, detail: expect.stringContaining('already exists') })
  })

  test.each([
    ['username', 'ab'],
    ['username', 'a'.repeat(51)],
    ['username', 'a b c'],
    ['username', undefined],
    ['username', 5],
    ['email', 'nobody'],
    ['email', 'nobody@localhost'],
    ['email', undefined],
    ['password', 'Short-1'],
    ['password', `A1${'a'.repeat(99)}`],
    ['password', 'no-capital-letter-1'],
    ['password', 'NO-SMALL-LETTER-1'],
    ['password', 'No-digit-at-all'],
    ['password', undefined],
    ['full_name', 'a'.repeat(201)],
    ['phone_number', 'call me'],
  ])('%s %s: 422', async (field, value) => {
    expectInvalid(await register({ ...fresh(), [field]: value }), 'body', field)
  })

  test('a password that everybody knows: refused', async () => {
    expect(await register({ ...fresh(), password: 'Password1' })).toMatchObject({
      status: 400,
      body: { code: 'password_weak', detail: expect.any(String) },
    })
  })

  test('nobody gets into an organisation by registering; they open their profile and no more', async () => {
    const input = { ...fresh(), tenant: org.code }
    await register(input)
    const { body } = await call(t, 'POST /api/auth/login', {
      form: { username: input.username, password: input.password },
    })
    const as = { headers: { authorization: `Bearer ${body.access_token}` } }
    expect((await call(t, 'GET /api/auth/me', { as })).body).toMatchObject({ tenant: null, roles: [] })
    expect((await call(t, 'GET /api/profile', { as })).status).toBe(200)
    for (const target of ['GET /api/users', 'GET /api/admin/users', 'GET /api/admin/organisation'] as const)
      expect(await call(t, target, { as })).toMatchObject({ status: 403, body: { code: 'no_organisation' } })
    const asked = await call(t, 'GET /api/admin/join-requests', { as: admin })
    expect(asked.body.items).toContainEqual(expect.objectContaining({ username: input.username }))
  })

  test('an organisation that does not exist is answered the same', async () => {
    const [known, unknown] = [
      { ...fresh(), tenant: org.id },
      { ...fresh(), tenant: 'no-such-place' },
    ]
    const answers = [await register(known), await register(unknown)]
    expect(answers.map((answer) => answer.status)).toEqual([201, 201])
    expect(Object.keys(answers[0]!.body)).toEqual(Object.keys(answers[1]!.body))
  })
})

describe('POST /api/auth/login with a form', () => {
  test.each([
    ['the user name', () => clerk.username, '/api/auth/login'],
    ['the address', () => clerk.email.toUpperCase(), '/api/auth/login'],
    ['a slash at the end', () => clerk.username, '/api/auth/login/'],
  ] as const)('%s', async (_how, username, path) => {
    const { status, body } = await call(t, `POST ${path}`, { form: { username: username(), password } })
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: token,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      token_type: 'bearer',
      expires_in: 1800,
      token: body.access_token,
      user: {
        id: String(clerk.id),
        name: 'Carl Clerk',
        email: clerk.email,
        role: 'user',
        department: '',
        region: null,
      },
    })
  })

  test('a wrong password and an unknown name: the same 401', async () => {
    const login = (username: string) =>
      call(t, 'POST /api/auth/login', { form: { username, password: 'wrong' } })
    const [wrong, unknown] = [await login(clerk.username), await login('nobody')]
    expect(wrong.status).toBe(401)
    expect(wrong.headers['www-authenticate']).toBe('Bearer')
    expect(wrong.body).toEqual(problem(401, 'invalid_credentials'))
    expect(normal(unknown)).toEqual(normal(wrong))
  })

  test('somebody switched off: 403', async () => {
    const away = await person(t, { in: org, roles: ['finsentry_user'], signedIn: false })
    await call(t, `PUT /api/users/${away.id}`, { as: admin, json: { is_active: false } })
    const { status, body } = await call(t, 'POST /api/auth/login', {
      form: { username: away.username, password },
    })
    expect([status, body]).toEqual([403, problem(403, 'inactive')])
  })

  test('a missing field: 422', async () => {
    expectInvalid(await call(t, 'POST /api/auth/login', { form: { username: 'x' } }), 'body', 'password')
    expectInvalid(await call(t, 'POST /api/auth/login', { form: { password } }), 'body', 'email')
  })
})

describe('POST /api/auth/refresh', () => {
  const signIn = async () =>
    (await call(t, 'POST /api/auth/login', { form: { username: clerk.username, password } })).body
  const expected = {
    access_token: token,
    refresh_token: expect.stringMatching(/^[\w-]{43}$/),
    token_type: 'bearer',
    expires_in: 1800,
  }

  test.each([
    ['in the query', '/api/auth/refresh', 'query'],
    ['in the query, slash at the end', '/api/auth/refresh/', 'query'],
    ['in the body', '/api/auth/refresh', 'json'],
    ['in a form', '/api/auth/refresh', 'form'],
  ] as const)('the refresh token %s', async (_where, path, kind) => {
    const { refresh_token } = await signIn()
    const { status, body } = await call(t, `POST ${path}`, { [kind]: { refresh_token } })
    expect([status, body]).toEqual([200, expected])
    expect(body.refresh_token).not.toBe(refresh_token)
    const as = { headers: { authorization: `Bearer ${body.access_token}` } }
    expect((await call(t, 'GET /api/auth/me', { as })).body.id).toBe(clerk.id)
  })

  test('an unknown one, or an access token: 401; none: 422', async () => {
    const { access_token } = await signIn()
    for (const refresh_token of ['x'.repeat(43), access_token.slice(0, 200)]) {
      const { status, body } = await call(t, 'POST /api/auth/refresh', { query: { refresh_token } })
      expect([status, body]).toEqual([401, problem(401, 'refresh_token_invalid')])
    }
    expectInvalid(await call(t, 'POST /api/auth/refresh'), 'query', 'refresh_token')
  })

  test('after signing out: 401', async () => {
    const { access_token, refresh_token } = await signIn()
    const as = { headers: { authorization: `Bearer ${access_token}` } }
    const out = await call(t, 'POST /api/auth/logout', { as })
    expect([out.status, out.body]).toEqual([200, { message: expect.any(String) }])
    expect((await call(t, 'POST /api/auth/refresh', { json: { refresh_token } })).status).toBe(401)
    expect(await call(t, 'GET /api/auth/me', { as })).toMatchObject({
      status: 401,
      body: { code: 'session_ended' },
    })
  })
})

describe('/api/auth/me', () => {
  test('GET, with the role user, manager or admin', async () => {
    for (const [who, role] of [
      [clerk, 'user'],
      [manager, 'manager'],
      [admin, 'admin'],
    ] as const) {
      for (const path of ['/api/auth/me', '/api/auth/me/'] as const) {
        const { status, body } = await call(t, `GET ${path}`, { as: who })
        expect(status).toBe(200)
        expect(body).toEqual({
          id: who.id,
          email: who.email,
          username: who.username,
          full_name: expect.any(String),
          role,
          roles: [role],
          is_active: true,
          is_verified: false,
          created_at: instant,
          last_login: instant,
          tenant: org.id,
        })
      }
    }
  })

  test('PUT changes name, address and password; the last two ask for the present password', async () => {
    const me = await person(t, { in: org, roles: ['finsentry_user'] })
    const put = (json: unknown, path: '/api/auth/me' | '/api/auth/me/' = '/api/auth/me') =>
      call(t, `PUT ${path}`, { as: me, json })
    expect(await put({ full_name: 'New Name' }, '/api/auth/me/')).toMatchObject({
      status: 200,
      body: { id: me.id, full_name: 'New Name' },
    })
    expectInvalid(await put({ email: 'moved@example.com' }), 'body', 'old_password')
    expectInvalid(await put({ email: 'moved@example.com', old_password: 'wrong' }), 'body', 'old_password')
    expect(await put({ email: 'moved@example.com', old_password: password })).toMatchObject({
      status: 200,
      body: { email: 'moved@example.com' },
    })
    expectInvalid(await put({ password: 'Another-harbour-8' }), 'body', 'old_password')
    expectInvalid(await put({ password: '123', old_password: password }), 'body', 'new_password')
    expect((await put({ password: 'Another-harbour-8', old_password: password })).status).toBe(200)
    const again = await call(t, 'POST /api/auth/login', {
      form: { username: 'moved@example.com', password: 'Another-harbour-8' },
    })
    expect(again.status).toBe(200)
    expect((await put({ email: clerk.email, old_password: 'Another-harbour-8' })).status).toBe(400)
  })

  test('without a token: 401', async () => {
    expect((await call(t, 'GET /api/auth/me')).body).toEqual(problem(401, 'not_signed_in'))
    expect((await call(t, 'PUT /api/auth/me', { json: {} })).status).toBe(401)
    expect((await call(t, 'POST /api/auth/logout')).status).toBe(401)
  })
})

test('every answer says in X-Process-Time how long it took, and GET /health is open', async () => {
  const { body, headers } = await call(t, 'GET /health')
  expect(body).toEqual({ status: 'healthy' })
  expect(Number((await call(t, 'GET /api/auth/me')).headers['x-process-time'])).toBeGreaterThanOrEqual(0)
  expect(Number(headers['x-process-time'])).toBeGreaterThanOrEqual(0)
})

test('the documentation is where the document says', async () => {
  for (const path of ['/docs', '/docs/', '/redoc', '/redoc/', '/openapi.json'] as const)
    expect((await call(t, `GET ${path}`)).status).toBe(200)
  expect((await call(t, 'GET /openapi.json')).body.openapi).toMatch(/^3\.1/)
})

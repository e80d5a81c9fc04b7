import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call, normal } from '../call.ts'
import { type Organisation, organisation, type Person, password, person } from '../given.ts'

// The pharmacy clients sign in at /auth/login, without a slash: /auth/login/ is POSightful's door. Errors are `{detail}`.

let t: TestApp
let org: Organisation
let writer: Person
let admin: Person
let accountant: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  writer = await person(t, { in: org, roles: ['pharmacy_write'] })
  admin = await person(t, { in: org, roles: ['tenant_admin'] })
  accountant = await person(t, { in: org, roles: ['accountant'] })
})
afterAll(() => t.close())

const problem = (status: number, code: string) => ({
  type: `urn:duebook:${code}`,
  title: expect.any(String),
  status,
  code,
  detail: expect.any(String),
  request_id: expect.any(String),
})

describe('POST /auth/login', () => {
  const login = (json: unknown) => call(t, 'POST /auth/login', { json })

  test('answers a bearer token for a working day and the user', async () => {
    for (const [who, is_admin, is_accounting] of [
      [writer, false, false],
      [admin, true, true],
      [accountant, false, true],
    ] as const) {
      const { status, body } = await login({ username: who.username, password })
      expect(status).toBe(200)
      expect(body).toEqual({
        access_token: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/),
        refresh_token: expect.any(String),
        token_type: 'bearer',
        expires_in: 8 * 3600,
        user: { user_id: who.id, username: who.username, email: who.email, is_admin, is_accounting },
      })
      const as = { headers: { authorization: `Bearer ${body.access_token}` } }
      expect((await call(t, 'GET /api/auth/me', { as })).body.id).toBe(who.id)
    }
  })

  test('takes the e-mail address as well', async () => {
    expect((await login({ username: writer.email, password })).body.user.user_id).toBe(writer.id)
  })

  test('a wrong password and an unknown name: the same 401 {detail}', async () => {
    const wrong = await login({ username: writer.username, password: 'wrong' })
    expect([wrong.status, wrong.body]).toEqual([401, problem(401, 'invalid_credentials')])
    expect(wrong.headers['www-authenticate']).toBe('Bearer')
    expect(normal(await login({ username: 'nobody', password: 'wrong' }))).toEqual(normal(wrong))
  })

  test.each([
    ['password', { username: 'x' }],
    ['username', { password }],
    ['username', { username: 5, password }],
  ])('%s missing or of another kind: 422', async (field, json) => {
    const { status, body } = await login(json)
    expect(status).toBe(422)
    expect(body.detail).toContainEqual({
      type: expect.any(String),
      loc: ['body', field],
      msg: expect.any(String),
    })
  })

  test('somebody switched off: 403 {detail}', async () => {
    const away = await person(t, { in: org, roles: ['pharmacy_read'], signedIn: false })
    await call(t, `PUT /api/admin/users/${away.id}`, { as: admin, json: { is_active: false } })
    const { status, body } = await login({ username: away.username, password })
    expect([status, body]).toEqual([403, problem(403, 'inactive')])
  })
})

test('the slash decides which system answers, in success and in failure', async () => {
  const right = { username: writer.username, password }
  const wrong = { username: writer.username, password: 'wrong' }
  const answers = await Promise.all([
    call(t, 'POST /auth/login', { json: right }),
    call(t, 'POST /auth/login/', { json: right }),
    call(t, 'POST /auth/login', { json: wrong }),
    call(t, 'POST /auth/login/', { json: wrong }),
  ])
  expect(answers.map(({ status, body }) => [status, Object.keys(body).sort()])).toEqual([
    [200, ['access_token', 'expires_in', 'refresh_token', 'token_type', 'user']],
    [200, ['access', 'message', 'refresh', 'tokens', 'user']],
    [401, ['code', 'detail', 'request_id', 'status', 'title', 'type']],
    [400, ['non_field_errors']],
  ])
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call, normal } from '../call.ts'
import { type Organisation, organisation, type Person, password, person } from '../given.ts'

// The Outstanding Tracker's document: JSON sign-in with an e-mail address, and the team hierarchy. Errors are `{error}`.

let t: TestApp
let org: Organisation
let engineer: Person
let manager: Person
let country: Person
let admin: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  admin = await person(t, { in: org, roles: ['outstanding_admin'], full_name: 'Ada Admin' })
  const region = await call(t, 'POST /api/admin/regions', { as: admin, json: { name: 'Pune', code: 'pune' } })
  const department = await call(t, 'POST /api/admin/departments', {
    as: admin,
    json: { name: 'Batching Plant' },
  })
  manager = await person(t, {
    in: org,
    roles: ['regional_manager'],
    full_name: 'Mani Manager',
    region_id: region.body.id,
  })
  engineer = await person(t, { in: org, roles: ['Engineer'], full_name: 'Egon Engineer' })
  country = await person(t, { in: org, roles: ['Country Manager'] })
  await call(t, `PUT /api/admin/users/${manager.id}`, {
    as: admin,
    json: { department_id: department.body.id, phone_number: '+91 20 1234 5678' },
  })
})
afterAll(() => t.close())

const problem = (status: number, code: string) => ({
  error: expect.any(String),
  type: `urn:duebook:${code}`,
  title: expect.any(String),
  status,
  code,
  detail: expect.any(String),
  request_id: expect.any(String),
})

describe('POST /api/auth/login with JSON', () => {
  test.each(['/api/auth/login', '/api/auth/login/'] as const)('%s answers token and user', async (path) => {
    const { status, body } = await call(t, `POST ${path}`, { json: { email: manager.email, password } })
    expect(status).toBe(200)
    expect(body).toEqual({
      token: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/),
      user: {
        id: String(manager.id),
        name: 'Mani Manager',
        email: manager.email,
        role: 'Manager',
        department: 'Batching Plant',
        region: 'pune',
      },
      access_token: body.token,
      refresh_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 8 * 3600,
    })
  })

  test.each([
    ['Engineer', () => engineer],
    ['Country Manager', () => country],
    ['Admin', () => admin],
  ])('the role of the %s by its name', async (role, who) => {
    const { body } = await call(t, 'POST /api/auth/login', { json: { email: who().email, password } })
    expect(body.user.role).toBe(role)
  })

  test('the token holds nothing sensitive: person, session, organisation, role', async () => {
    const { body } = await call(t, 'POST /api/auth/login', { json: { email: manager.email, password } })
    const claims = JSON.parse(Buffer.from(body.token.split('.')[1], 'base64url').toString())
    expect(claims).toEqual({
      sub: String(manager.id),
      sid: expect.any(Number),
      tid: org.id,
      role: 'regional_manager',
      iss: 'duebook',
      aud: 'duebook-api',
      iat: expect.any(Number),
      exp: claims.iat + 8 * 3600,
    })
  })

  test('a wrong password and an unknown address: the same 401 {error}', async () => {
    const login = (email: string) => call(t, 'POST /api/auth/login', { json: { email, password: 'wrong' } })
    const [wrong, unknown] = [await login(manager.email), await login('nobody@example.com')]
    expect(wrong.status).toBe(401)
    expect(wrong.body).toEqual({
      ...problem(401, 'invalid_credentials'),
      error: 'Invalid email or password.',
    })
    expect(normal(unknown)).toEqual(normal(wrong))
  })

  test.each([
    ['no password', { email: 'a@example.com' }],
    ['no address', { password }],
    ['an empty address', { email: '', password }],
    ['a number for a password', { email: 'a@example.com', password: 5 }],
    ['nothing', {}],
    ['a list', []],
  ])('%s: 400 {error}', async (_what, json) => {
    const { status, body } = await call(t, 'POST /api/auth/login', { json })
    expect(status).toBe(400)
    expect(body).toEqual({ ...problem(400, 'invalid_input'), errors: expect.any(Array) })
  })

  test('what is not JSON: 400 {error}', async () => {
    const { status, body } = await call(t, 'POST /api/auth/login', {
      headers: { 'content-type': 'application/json' },
    })
    expect([status, body]).toEqual([400, problem(400, 'invalid_json')])
  })

  test('somebody switched off: 403 {error}', async () => {
    const away = await person(t, { in: org, roles: ['Engineer'], signedIn: false })
    await call(t, `PUT /api/admin/users/${away.id}`, { as: admin, json: { is_active: false } })
    const { status, body } = await call(t, 'POST /api/auth/login', { json: { email: away.email, password } })
    expect([status, body]).toEqual([403, problem(403, 'inactive')])
  })
})

describe('GET /api/users, the team hierarchy', () => {
  test('every role of the document lists the whole team, with string ids', async () => {
    for (const as of [engineer, manager, country, admin]) {
      for (const path of ['/api/users', '/api/users/'] as const) {
        const { status, body } = await call(t, `GET ${path}`, { as })
        expect(status).toBe(200)
        expect(body).toHaveLength(5)
        expect(body).toContainEqual({
          id: String(manager.id),
          name: 'Mani Manager',
          email: manager.email,
          role: 'Manager',
          region: 'pune',
          department: 'Batching Plant',
          contact: '+91 20 1234 5678',
          username: manager.username,
          full_name: 'Mani Manager',
          roles: ['Manager'],
          is_active: true,
        })
      }
    }
  })

  test('other roles do not; nor does anybody without a token', async () => {
    const agent = await person(t, { in: org, roles: ['agent'] })
    expect((await call(t, 'GET /api/users', { as: agent })).status).toBe(403)
    expect((await call(t, 'GET /api/users')).status).toBe(401)
  })

  test('people of another organisation are not in it', async () => {
    const other = await organisation(t)
    const stranger = await person(t, { in: other, roles: ['Engineer'] })
    const { body } = await call(t, 'GET /api/users', { as: stranger })
    expect(body.map((user: { id: string }) => user.id)).toEqual([String(stranger.id)])
  })
})

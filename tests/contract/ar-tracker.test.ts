import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call, normal } from '../call.ts'
import { type Organisation, organisation, type Person, password, person, signIn } from '../given.ts'

// The AR Tracker's document: sign-in with an OAuth2 form, roles Biller, Collector, Operations, Director, and users that
// Operations and Directors keep. Errors are `{detail}` plus the keys of ours.

let t: TestApp
let org: Organisation
let director: Person
let operations: Person
let collector: Person
let biller: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  director = await person(t, { in: org, roles: ['Director'], username: 'dir1', full_name: 'Dora Director' })
  operations = await person(t, { in: org, roles: ['Operations'], username: 'ops1' })
  collector = await person(t, { in: org, roles: ['Collector'], username: 'coll1' })
  biller = await person(t, { in: org, roles: ['Biller'], username: 'bill1' })
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
/** A 422 as FastAPI writes it. */
const invalid = (...loc: (string | number)[]) =>
  expect.objectContaining({
    status: 422,
    message: expect.any(String),
    detail: expect.arrayContaining([
      expect.objectContaining({ type: expect.any(String), loc, msg: expect.any(String) }),
    ]),
  })

describe('POST /api/auth/token', () => {
  const entered = () => ({
    access_token: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/),
    refresh_token: expect.stringMatching(/^[\w-]{43}$/),
    token_type: 'bearer',
    expires_in: 1800,
    user: {
      id: director.id,
      username: 'dir1',
      email: 'dir1@example.com',
      full_name: 'Dora Director',
      roles: ['Director'],
    },
  })
  test.each([
    ['a form', '/api/auth/token', 'dir1', 'form'],
    ['a form, slash at the end', '/api/auth/token/', 'dir1', 'form'],
    ['JSON', '/api/auth/token', 'dir1', 'json'],
    ['JSON, slash at the end', '/api/auth/token/', 'dir1', 'json'],
    ['the e-mail address', '/api/auth/token', 'dir1@example.com', 'form'],
    ['another case', '/api/auth/token', ' DIR1@Example.com ', 'form'],
  ] as const)('answers tokens and the user: %s', async (_how, path, username, kind) => {
    const answer = await call(t, `POST ${path}`, { [kind]: { username, password } })
    expect(answer).toMatchObject({ status: 200 })
    expect(answer.body).toEqual(entered())
  })

  test('takes the further fields of an OAuth2 client', async () => {
    const form = { grant_type: 'password', username: 'dir1', password, scope: '', client_id: 'x' }
    expect((await call(t, 'POST /api/auth/token', { form })).body).toEqual(entered())
  })

  test('a wrong password and an unknown name: the same 401', async () => {
    const wrong = await call(t, 'POST /api/auth/token', { form: { username: 'dir1', password: 'no' } })
    expect(wrong.status).toBe(401)
    expect(wrong.headers['www-authenticate']).toBe('Bearer')
    expect(wrong.headers['content-type']).toMatch(/^application\/json/)
    expect(wrong.body).toEqual({
      ...problem(401, 'invalid_credentials'),
      detail: 'Incorrect username or password.',
    })
    const unknown = await call(t, 'POST /api/auth/token', { form: { username: 'nobody', password: 'no' } })
    expect(normal(unknown)).toEqual(normal(wrong))
    expect(unknown.headers['www-authenticate']).toBe('Bearer')
  })

  test('somebody switched off: 400', async () => {
    const away = await person(t, { in: org, roles: ['Biller'] })
    await call(t, `PUT /api/users/${away.id}`, { as: director, json: { is_active: false } })
    const answer = await call(t, 'POST /api/auth/token', { form: { username: away.username, password } })
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual(problem(400, 'inactive'))
  })

  test.each([
    ['no password', { username: 'dir1' }, 'password'],
    ['no user name', { password }, 'username'],
    ['an empty user name', { username: ' ', password }, 'username'],
    ['an empty password', { username: 'dir1', password: '' }, 'password'],
  ])('%s: 422 in words of FastAPI', async (_what, sent, field) => {
    for (const kind of ['form', 'json']) {
      const answer = await call(t, 'POST /api/auth/token', { [kind]: sent })
      expect(answer.status).toBe(422)
      expect(answer.body).toEqual(invalid('body', field))
    }
  })

  test.each([
    ['no body', {}, 422],
    ['not JSON', { headers: { 'content-type': 'application/json' } }, 400],
    ['another kind of body', { headers: { 'content-type': 'text/plain' } }, 415],
  ])('%s: refused', async (_what, options, status) => {
    const raw = await t.app.inject({
      method: 'POST',
      url: '/api/auth/token',
      ...options,
      ...('headers' in options ? { payload: '{' } : {}),
    })
    expect(raw.statusCode).toBe(status)
    expect(raw.json()).toMatchObject({ detail: expect.anything(), code: expect.any(String) })
  })
})

describe('GET /api/auth/me', () => {
  test.each(['/api/auth/me', '/api/auth/me/'] as const)('%s answers who is signed in', async (path) => {
    const { status, body } = await call(t, `GET ${path}`, { as: director })
    expect(status).toBe(200)
    expect(body).toEqual({
      id: director.id,
      username: 'dir1',
      email: 'dir1@example.com',
      full_name: 'Dora Director',
      roles: ['Director'],
      role: 'user',
      is_active: true,
      is_verified: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      last_login: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      tenant: org.id,
    })
  })

  test.each([
    ['no token', undefined, 'not_signed_in'],
    ['no token after Bearer', 'Bearer ', 'token_invalid'],
    ['another scheme', 'Basic ZGlyMTpubw==', 'token_invalid'],
    ['not a token', 'Bearer nonsense', 'token_invalid'],
  ])('%s: 401', async (_what, authorization, code) => {
    const { status, body, headers } = await call(t, 'GET /api/auth/me', {
      headers: authorization === undefined ? {} : { authorization },
    })
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toMatch(/^Bearer/)
    expect(body).toMatchObject(problem(401, code))
  })
})

describe('POST /api/users', () => {
  let n = 0
  const fresh = () => {
    n += 1
    return { username: `new${n}`, email: `new${n}@example.com`, full_name: `New ${n}`, password }
  }
  const made = (input: { username: string; email: string; full_name: string }, roles: string[]) => ({
    id: expect.any(Number),
    username: input.username,
    email: input.email,
    full_name: input.full_name,
    roles,
  })

  test.each(['/api/users', '/api/users/'] as const)(
    '%s: fields in the query, a bare array of roles as body',
    async (path) => {
      const input = fresh()
      const { status, body } = await call(t, `POST ${path}`, {
        as: operations,
        query: input,
        json: ['Biller', 'Collector'],
      })
      expect(status).toBe(200)
      expect(body).toEqual(made(input, ['Collector', 'Biller']))
      await expect(signIn(t, input.username)).resolves.toEqual(expect.any(String))
    },
  )

  test.each(['role_names', 'roles'])('one JSON object, roles in %s', async (key) => {
    const input = fresh()
    const { status, body } = await call(t, 'POST /api/users', {
      as: director,
      json: { ...input, [key]: ['biller'] },
    })
    expect(status).toBe(200)
    expect(body).toEqual(made(input, ['Biller']))
  })

  test('the new user is in the list and in the audit trail', async () => {
    const input = fresh()
    const { body } = await call(t, 'POST /api/users', { as: director, json: { ...input, roles: ['Biller'] } })
    const listed = await call(t, 'GET /api/users', { as: director, query: { limit: '1000' } })
    expect(listed.body).toContainEqual({ ...made(input, ['Biller']), id: body.id, is_active: true })
    const audit = await call(t, 'GET /api/admin/audit', { as: director, query: { kind: 'user.created' } })
    expect(audit.body.items[0]).toMatchObject({
      subject_id: body.id,
      data: { username: input.username, roles: ['biller'] },
      user: { id: director.id, full_name: 'Dora Director' },
    })
  })

  test.each([
    ['user name', { username: 'DIR1' }],
    ['e-mail address', { email: 'Dir1@Example.com' }],
  ])('a %s that somebody has: 400', async (_what, taken) => {
    const { status, body } = await call(t, 'POST /api/users', {
      as: director,
      json: { ...fresh(), ...taken, roles: ['Biller'] },
    })
    expect(status).toBe(400)
    expect(body).toMatchObject({ status: 400, detail: expect.stringContaining('already exists') })
  })

  test.each([
    ['a role that does not exist', { roles: ['Biller', 'Emperor'] }, ['body', 'roles']],
    ['no password', { password: undefined }, ['query', 'password']],
    ['no user name', { username: undefined }, ['query', 'username']],
    ['no address', { email: undefined }, ['query', 'email']],
    ['a short password', { password: 'Ab1' }, ['body', 'password']],
    ['a common password', { password: 'password123' }, ['body', 'password']],
  ])('%s: 422', async (_what, change, loc) => {
    const { status, body } = await call(t, 'POST /api/users', {
      as: director,
      json: { ...fresh(), roles: ['Biller'], ...change },
    })
    expect(status).toBe(422)
    expect(body).toEqual(invalid(...loc))
  })

  test.each([
    ['an address that is none', { email: 'nobody' }],
    ['a user name with a space', { username: 'a b' }],
    ['a user name of one letter', { username: 'a' }],
    ['a user name that is too long', { username: 'a'.repeat(151) }],
    ['a name that is too long', { full_name: 'a'.repeat(201) }],
  ])('%s: 422, in body and in query', async (_what, change) => {
    const input = { ...fresh(), ...change }
    const inBody = await call(t, 'POST /api/users', { as: director, json: { ...input, roles: ['Biller'] } })
    const inQuery = await call(t, 'POST /api/users', { as: director, query: input, json: ['Biller'] })
    expect([inBody.status, inQuery.status]).toEqual([422, 422])
    expect(inQuery.body).toEqual(invalid('query', Object.keys(change)[0]!))
  })

  test('Operations and Directors only: 403 for others, 401 without a token', async () => {
    for (const as of [biller, collector]) {
      const { status, body } = await call(t, 'POST /api/users', {
        as,
        json: { ...fresh(), roles: ['Biller'] },
      })
      expect(status).toBe(403)
      expect(body).toEqual(problem(403, 'forbidden'))
    }
    expect((await call(t, 'POST /api/users', { json: { ...fresh(), roles: ['Biller'] } })).status).toBe(401)
  })
})

describe('GET /api/users', () => {
  test.each(['/api/users', '/api/users/'] as const)('%s lists everybody, in order of id', async (path) => {
    const { status, body } = await call(t, `GET ${path}`, { as: operations })
    expect(status).toBe(200)
    expect(body[0]).toEqual({
      id: director.id,
      username: 'dir1',
      email: 'dir1@example.com',
      full_name: 'Dora Director',
      roles: ['Director'],
      is_active: true,
    })
    const ids = body.map((user: { id: number }) => user.id)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  })

  test('skip and limit', async () => {
    const all = (await call(t, 'GET /api/users', { as: director })).body
    const some = (await call(t, 'GET /api/users', { as: director, query: { skip: '1', limit: '2' } })).body
    expect(some).toEqual(all.slice(1, 3))
  })

  test.each(['Collector', 'collector'])('role=%s', async (role) => {
    const { body } = await call(t, 'GET /api/users', { as: director, query: { role } })
    expect(body.length).toBeGreaterThan(0)
    for (const user of body) expect(user.roles).toContain('Collector')
  })

  test.each([
    ['skip', '-1'],
    ['limit', '0'],
    ['limit', '1001'],
    ['limit', 'many'],
  ])('%s=%s: 422', async (key, value) => {
    const { status, body } = await call(t, 'GET /api/users', { as: director, query: { [key]: value } })
    expect(status).toBe(422)
    expect(body).toEqual(invalid('query', key))
  })

  test('Operations and Directors only', async () => {
    for (const as of [biller, collector]) {
      const { status, body } = await call(t, 'GET /api/users', { as })
      expect([status, body]).toEqual([403, problem(403, 'forbidden')])
    }
    expect((await call(t, 'GET /api/users')).status).toBe(401)
  })
})

describe('GET /api/users/{user_id}', () => {
  test('one user, for Operations, Directors and the person', async () => {
    for (const as of [operations, director, biller]) {
      for (const slash of ['', '/']) {
        const { status, body } = await call(t, `GET /api/users/${biller.id}${slash}`, { as })
        expect(status).toBe(200)
        expect(body).toEqual({
          id: biller.id,
          username: 'bill1',
          email: 'bill1@example.com',
          full_name: expect.any(String),
          roles: ['Biller'],
          is_active: true,
        })
      }
    }
  })

  test('403 for others, 404 for nobody, 422 for what is no id, 401 without a token', async () => {
    const refused = await call(t, `GET /api/users/${director.id}`, { as: biller })
    expect([refused.status, refused.body]).toEqual([403, problem(403, 'forbidden')])
    const missing = await call(t, 'GET /api/users/999999', { as: director })
    expect([missing.status, missing.body]).toEqual([404, problem(404, 'not_found')])
    for (const id of ['abc', '0', '-1', '1.5', '99999999999999999999']) {
      const { status, body } = await call(t, `GET /api/users/${id}`, { as: director })
      expect(status).toBe(422)
      expect(body).toEqual(invalid('path', 'id'))
    }
    expect((await call(t, `GET /api/users/${director.id}`)).status).toBe(401)
  })
})

describe('PUT /api/users/{user_id}', () => {
  let someone: Person
  beforeAll(async () => {
    someone = await person(t, { in: org, roles: ['Biller'] })
  })
  const put = (options: Parameters<typeof call>[2], id = someone.id) =>
    call(t, `PUT /api/users/${id}`, { as: director, ...options })

  test('fields in the query, roles as a bare array that replaces all', async () => {
    const { status, body } = await put({
      query: { email: 'moved@example.com', full_name: 'Moved On' },
      json: ['Collector'],
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      id: someone.id,
      username: someone.username,
      email: 'moved@example.com',
      full_name: 'Moved On',
      roles: ['Collector'],
      is_active: true,
    })
  })

  test('the query alone, and one JSON object, with and without a slash', async () => {
    expect((await put({ query: { full_name: 'First' } })).body).toMatchObject({ full_name: 'First' })
    const { status, body } = await call(t, `PUT /api/users/${someone.id}/`, {
      as: operations,
      json: { full_name: 'Second', role_names: ['Biller', 'Collector'] },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ full_name: 'Second', roles: ['Collector', 'Biller'] })
  })

  test('a new password counts at once and signs the person out everywhere', async () => {
    const mover = await person(t, { in: org, roles: ['Biller'] })
    const changed = await put({ query: { password: 'Another-harbour-8' } }, mover.id)
    expect(changed.status).toBe(200)
    expect((await call(t, 'GET /api/auth/me', { as: mover })).status).toBe(401)
    await expect(signIn(t, mover.username, 'Another-harbour-8')).resolves.toEqual(expect.any(String))
    await expect(signIn(t, mover.username)).rejects.toThrow('401')
  })

  test('switched off, the person is out at once; switched on, in again', async () => {
    const guest = await person(t, { in: org, roles: ['Biller'] })
    const off = await put({ query: { is_active: 'false' } }, guest.id)
    expect([off.status, off.body.is_active]).toEqual([200, false])
    expect((await call(t, `GET /api/users/${guest.id}`, { as: guest })).status).toBe(403)
    const on = await put({ query: { is_active: 'true' } }, guest.id)
    expect(on.body.is_active).toBe(true)
    await expect(signIn(t, guest.username)).resolves.toEqual(expect.any(String))
  })

  test.each([
    ['an address that somebody has', { query: { email: 'dir1@example.com' } }, 400],
    ['an address that is none', { query: { email: 'nobody' } }, 422],
    ['a role that does not exist', { json: ['Emperor'] }, 422],
    ['a weak password', { json: { password: '12345678' } }, 422],
    ['neither yes nor no', { query: { is_active: 'perhaps' } }, 422],
  ])('%s: refused', async (_what, options, status) => {
    const answer = await put(options)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ status, detail: expect.anything() })
  })

  test('404 for nobody, 403 for others, 401 without a token, 409 for switching oneself off', async () => {
    expect((await put({ json: { full_name: 'X' } }, 999_999)).body).toEqual(problem(404, 'not_found'))
    for (const as of [biller, collector, someone])
      expect((await put({ as, json: { full_name: 'X' } })).body).toEqual(problem(403, 'forbidden'))
    expect((await put({ as: undefined, json: { full_name: 'X' } })).status).toBe(401)
    expect((await put({ json: { is_active: false } }, director.id)).body).toEqual(problem(409, 'own_account'))
  })
})

describe('DELETE /api/users/{user_id}', () => {
  test('answers a message, then 404; the name is free again and history is kept', async () => {
    const leaver = await person(t, {
      in: org,
      roles: ['Biller'],
      username: 'leaver',
      full_name: 'Lea Leaver',
    })
    await call(t, `GET /api/users/${leaver.id}`, { as: leaver })
    const first = await call(t, `DELETE /api/users/${leaver.id}`, { as: operations })
    expect([first.status, first.body]).toEqual([200, { message: expect.any(String) }])

    for (const target of ['DELETE', 'GET'] as const) {
      const again = await call(t, `${target} /api/users/${leaver.id}`, { as: operations })
      expect([again.status, again.body]).toEqual([404, problem(404, 'not_found')])
    }
    expect((await call(t, 'GET /api/auth/me', { as: leaver })).status).toBe(401)
    await expect(signIn(t, 'leaver')).rejects.toThrow('401')

    const audit = await call(t, 'GET /api/admin/audit', {
      as: director,
      query: { user_id: String(leaver.id) },
    })
    expect(audit.body.items[0].user).toEqual({ id: leaver.id, full_name: 'Lea Leaver' })

    const next = await call(t, 'POST /api/users', {
      as: operations,
      json: { username: 'leaver', email: 'leaver@example.com', password, roles: ['Biller'] },
    })
    expect(next.status).toBe(200)
    expect(next.body.id).not.toBe(leaver.id)
  })

  test('with a slash, and a colleague to reassign to', async () => {
    const leaver = await person(t, { in: org, roles: ['Biller'], signedIn: false })
    const { status } = await call(t, `DELETE /api/users/${leaver.id}/`, {
      as: director,
      query: { reassign_to: String(biller.id) },
    })
    expect(status).toBe(200)
  })

  test('403 for others, 404 for nobody, 401 without a token, 409 for oneself', async () => {
    const refused = await call(t, `DELETE /api/users/${biller.id}`, { as: collector })
    expect([refused.status, refused.body]).toEqual([403, problem(403, 'forbidden')])
    expect((await call(t, 'DELETE /api/users/999999', { as: director })).body).toEqual(
      problem(404, 'not_found'),
    )
    expect((await call(t, `DELETE /api/users/${biller.id}`)).status).toBe(401)
    expect((await call(t, `DELETE /api/users/${director.id}`, { as: director })).body).toEqual(
      problem(409, 'own_account'),
    )
  })
})

test('GET /api/health needs no sign-in', async () => {
  expect((await call(t, 'GET /api/health')).body).toEqual({ status: 'healthy' })
})

test('an access token lasts 30 minutes', async () => {
  const { headers } = await person(t, { in: org, roles: ['Biller'] })
  t.clock.ahead(29.5 * 60_000)
  expect((await call(t, 'GET /api/auth/me', { headers })).status).toBe(200)
  t.clock.ahead(60_000)
  const late = await call(t, 'GET /api/auth/me', { headers })
  expect([late.status, late.body]).toEqual([
    401,
    { ...problem(401, 'token_expired'), error: expect.any(String) },
  ])
})

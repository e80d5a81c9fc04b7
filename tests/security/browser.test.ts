import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../server/core/config.ts'
import { type TestApp, testApp } from '../app.ts'
import { type Browser, browser, call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, password, person } from '../given.ts'
import { apiRoutes } from '../isolation.ts'

// What a browser does by itself: cookies, foreign pages, content types, and the headers that hold it back.

let t: TestApp
let org: Organisation
let admin: Person
let desk: Browser
beforeAll(async () => {
  t = await testApp({ frontendOrigins: ['http://localhost:5173', 'https://books.example'] })
  org = await organisation(t)
  admin = await person(t, { in: org })
  desk = await browser(t, admin.username)
})
afterAll(() => t.close())

const unsafe = () =>
  apiRoutes(t).filter(({ method, access }) => method !== 'GET' && !access.includes('public'))
const at = (url: string) => url.replaceAll(/:\w+/g, '1')

describe('a cookie session', () => {
  test.each([
    ['without the CSRF token', () => ({ cookie: desk.headers.cookie })],
    ['with another session’s CSRF token', () => ({ ...desk.headers, 'x-csrf-token': 'A'.repeat(43) })],
    ['from a foreign page', () => ({ ...desk.headers, origin: 'https://evil.example' })],
    ['from a page that hides where it is', () => ({ ...desk.headers, origin: 'null' })],
    ['from the same name on another port', () => ({ ...desk.headers, origin: 'http://localhost:81' })],
    ['across sites, says the browser', () => ({ ...desk.headers, 'sec-fetch-site': 'cross-site' })],
  ])('%s changes nothing, on any route', async (_how, headers) => {
    expect(unsafe().length).toBeGreaterThan(30)
    for (const { method, url, id } of unsafe()) {
      const answer = await call(t, `${method} ${at(url)}` as Target, { json: {}, headers: headers() })
      expect([id, answer.status], id).toEqual([id, 403])
      // Django's clients get no code.
      if (!url.startsWith('/auth/')) expect(answer.body.code).toBe('csrf_refused')
    }
    expect((await call(t, 'GET /api/session', { as: desk })).status).toBe(200)
  })

  test('from our own page, or one of FRONTEND_URL, it works', async () => {
    for (const headers of [
      {},
      { origin: 'http://localhost:80' },
      { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-site' },
      { origin: 'https://books.example', 'sec-fetch-site': 'same-origin' },
    ]) {
      const answer = await call(t, 'POST /api/admin/departments', {
        as: desk,
        json: { name: `Department ${JSON.stringify(headers)}` },
        headers: { host: 'localhost:80', ...headers },
      })
      expect(answer.status).toBe(201)
    }
  })

  test('reading needs no CSRF token, and does not carry one to other pages', async () => {
    const { status, headers } = await call(t, 'GET /api/session', {
      headers: { cookie: desk.headers.cookie, origin: 'https://evil.example' },
    })
    expect(status).toBe(200)
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  test('signing in and renewing are refused to foreign pages', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const signIn = await call(t, 'POST /api/session', {
        json: { identifier: admin.username, password },
        headers,
      })
      expect([signIn.status, signIn.raw.cookies]).toEqual([403, []])
      const renew = await call(t, 'POST /api/session/refresh', { as: desk, headers })
      expect([renew.status, renew.raw.cookies]).toEqual([403, []])
      const out = await call(t, 'DELETE /api/session', { as: desk, headers })
      expect(out.status).toBe(403)
    }
    expect((await call(t, 'GET /api/session', { as: desk })).status).toBe(200)
  })

  test('its cookies are out of reach of scripts and of other sites', async () => {
    const { raw } = await call(t, 'POST /api/session', { json: { identifier: admin.username, password } })
    expect(raw.cookies).toHaveLength(2)
    for (const cookie of raw.cookies)
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' })
    expect(raw.body).not.toContain(raw.cookies[0]!.value)
    expect(raw.body).not.toContain(raw.cookies[1]!.value)
  })
})

test('a bearer token is no cookie: foreign pages may use one they were given', async () => {
  const answer = await call(t, 'POST /api/admin/departments', {
    as: admin,
    json: { name: 'By bearer' },
    headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  })
  expect(answer.status).toBe(201)
})

test('a bearer token wins over a cookie, and a bad one is not rescued by it', async () => {
  const other = await person(t, { in: org })
  const both = { ...desk.headers, ...other.headers }
  expect((await call(t, 'GET /api/auth/me', { headers: both })).body.id).toBe(other.id)
  const bad = { ...desk.headers, authorization: 'Bearer nonsense' }
  expect((await call(t, 'GET /api/auth/me', { headers: bad })).status).toBe(401)
})

test('links lead to PUBLIC_URL, whatever the caller claims to have called', async () => {
  const who = await person(t, { in: org, roles: ['Biller'], signedIn: false })
  const { body } = await call(t, `POST /api/admin/users/${who.id}/reset-link`, {
    as: admin,
    headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
  })
  expect(body.link).toMatch(/^http:\/\/127\.0\.0\.1:8000\/reset\/[\w-]{43}$/)
})

describe('CORS', () => {
  const preflight = (origin: string) =>
    call(t, 'OPTIONS /api/users', {
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization,content-type',
      },
    })

  test.each(['http://localhost:5173', 'https://books.example'])('%s may call', async (origin) => {
    const asked = await preflight(origin)
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
    })
    expect(asked.headers['access-control-allow-methods']).toContain('PUT')
    const { headers } = await call(t, 'GET /api/auth/me', { as: admin, headers: { origin } })
    expect(headers['access-control-allow-origin']).toBe(origin)
    expect(headers.vary).toMatch(/Origin/)
  })

  test.each([
    'https://evil.example',
    'https://books.example.evil.example',
    'https://notbooks.example',
    'http://books.example',
    'https://books.example:444',
    'null',
  ])('%s may not', async (origin) => {
    for (const answer of [
      await preflight(origin),
      await call(t, 'GET /api/auth/me', { as: admin, headers: { origin } }),
    ])
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('the usual development servers are allowed unless FRONTEND_URL says otherwise', () => {
    const allowed = (environment: Record<string, string>) =>
      loadConfig(environment, '/nonexistent/.env').frontendOrigins
    for (const port of [5173, 9002, 4200, 3000]) expect(allowed({})).toContain(`http://localhost:${port}`)
    expect(allowed({ FRONTEND_URL: 'https://books.example' })).toEqual(['https://books.example'])
  })
})

describe('every answer', () => {
  const answers = () =>
    Promise.all([
      call(t, 'GET /api/auth/me', { as: admin }),
      call(t, 'GET /api/auth/me'),
      call(t, 'GET /api/nothing-here'),
      call(t, 'POST /api/session', { json: {} }),
      call(t, 'GET /healthz'),
      call(t, 'GET /docs/'),
      call(t, 'GET /redoc/'),
    ])

  test('forbids sniffing, framing and foreign scripts, and says nothing of the server', async () => {
    for (const { headers } of await answers()) {
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['x-powered-by']).toBeUndefined()
      expect(headers.server).toBeUndefined()
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("object-src 'none'")
      const scripts = /script-src ([^;]*)/.exec(policy)![1]!
      expect(scripts).not.toMatch(/unsafe-inline|unsafe-eval|\*|https?:/)
      expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/)
    }
  })

  test('a request id of the caller’s own making is not taken over', async () => {
    const { headers } = await call(t, 'GET /api/auth/me', { headers: { 'x-request-id': '<script>' } })
    expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/)
  })
})

describe('content types', () => {
  const variants = [
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;\tcharset=utf-8',
    'application/json\t; charset=utf-8',
    ' application/json',
    'application/json,text/plain',
    'application/jsonx',
    'application/vnd.api+json',
    'text/plain',
    'text/plain; application/json',
    'text/json',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=utf-8',
    'multipart/form-data; boundary=x',
    '*/*',
    '',
  ]

  test.each(variants)('"%s" carries no unchecked body past any schema', async (type) => {
    // Where every field may be missing, a body without any known one changes nothing.
    const routes = apiRoutes(t).filter(
      ({ method, schema }) => method !== 'GET' && schema.body && !schema.body.safeParse({}).success,
    )
    for (const { id, method, url } of routes) {
      for (const payload of ['{"unknown": 1, "name": 5, "email": [], "role_codes": 7}', '"text"', 'name=']) {
        const raw = await t.app.inject({
          method,
          url: at(url),
          payload,
          headers: { ...admin.headers, 'content-type': type },
        })
        expect([id, raw.statusCode < 500], `${id} ${type} ${payload}: ${raw.body}`).toEqual([id, true])
        expect([400, 403, 404, 409, 415, 422], `${id} ${type} ${payload}: ${raw.body}`).toContain(
          raw.statusCode,
        )
      }
    }
  })

  test.each(variants)('what "%s" carries is checked like any other body', async (type) => {
    const name = `Spaced ${variants.indexOf(type)} ${type}`
    const raw = await t.app.inject({
      method: 'POST',
      url: '/api/admin/departments',
      payload: JSON.stringify({ name: `  ${name}  `, tenant_id: 1, version: 9 }),
      headers: { ...admin.headers, 'content-type': type },
    })
    if (raw.statusCode === 201) expect(raw.json()).toMatchObject({ name: name.trim(), version: 1 })
    else expect([400, 415, 422]).toContain(raw.statusCode)
  })
})

describe('HTTP oddities', () => {
  test('methods that no route has: 404', async () => {
    for (const method of ['PATCH', 'TRACE', 'PROPFIND'] as const) {
      const raw = await t.app.inject({ method: method as 'PATCH', url: '/api/users', headers: admin.headers })
      expect(raw.statusCode).toBeGreaterThanOrEqual(400)
      expect(raw.statusCode).toBeLessThan(500)
    }
  })

  test('X-HTTP-Method-Override and _method override nothing', async () => {
    const who = await person(t, { in: org, roles: ['Biller'], signedIn: false })
    await call(t, `GET /api/users/${who.id}?_method=DELETE`, {
      as: admin,
      headers: { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' },
    })
    expect((await call(t, `GET /api/users/${who.id}`, { as: admin })).status).toBe(200)
  })

  test('a path written another way finds the same guard or nothing', async () => {
    for (const path of [
      '/api/admin/users/../users',
      '/api//admin/users',
      '/api/admin/%75sers',
      '/api/admin/users;x=1',
      '/API/admin/users',
      '/api/admin/users%2f',
      '/api/admin/users%00',
      '/./api/admin/users',
    ]) {
      const raw = await t.app.inject({ method: 'GET', url: path })
      expect([path, [400, 401, 404, 422].includes(raw.statusCode)]).toEqual([path, true])
    }
  })

  test('HEAD is guarded like GET', async () => {
    expect((await call(t, 'HEAD /api/admin/users')).status).toBe(401)
    expect((await call(t, 'HEAD /api/admin/users', { as: admin })).status).toBe(200)
  })

  test('sockets asked for without an upgrade answer no 500', async () => {
    for (const method of ['GET', 'HEAD'] as const)
      expect((await call(t, `${method} /ws/events`)).status).toBeLessThan(500)
  })

  test('a body deeper or larger than anything sensible is refused', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const keyed = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    for (const payload of [deep, keyed, `{"identifier": ${deep}}`]) {
      const raw = await t.app.inject({
        method: 'POST',
        url: '/api/session',
        payload,
        headers: { 'content-type': 'application/json' },
      })
      expect([400, 413, 422]).toContain(raw.statusCode)
    }
    const large = await call(t, 'POST /api/session', {
      json: { identifier: 'a'.repeat(2_000_000), password },
    })
    expect(large.status).toBe(413)
  })
})

test.each([undefined, '*/*', 'text/html'])(
  'the address itself is the page, whatever is accepted: %s',
  async (accept) => {
    for (const method of ['GET', 'HEAD'] as const) {
      const { statusCode } = await t.app.inject({ method, url: '/', headers: accept ? { accept } : {} })
      // 503 while the page is being built.
      expect([200, 503]).toContain(statusCode)
    }
    const elsewhere = await t.app.inject({ url: '/no-such-page', headers: { accept: '*/*' } })
    expect(elsewhere.statusCode).toBe(404)
  },
)

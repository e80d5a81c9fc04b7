import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp, testSecret } from '../app.ts'
import { type Answer, type Browser, browser, browserOf, call } from '../call.ts'
import { type Organisation, organisation, type Person, password, person } from '../given.ts'

let t: TestApp
let org: Organisation
let victim: Person
let other: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  victim = await person(t, { in: org })
  other = await person(t, { in: await organisation(t) })
})
afterAll(() => t.close())

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const me = (token: string) => call(t, 'GET /api/auth/me', { as: bearer(token) })
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())

describe('forged access tokens', () => {
  type Parts = {
    header?: Record<string, unknown>
    claims?: Record<string, unknown>
    key?: Uint8Array | string
  }
  /** A token like the victim's, with changes, signed with the server's own key unless told otherwise. */
  function forged({ header = {}, claims = {}, key = t.deps.keys.tokens }: Parts, digest = 'sha256') {
    const head = encode({ alg: 'HS256', typ: 'at+jwt', ...header })
    const body = encode({ ...claimsOf(victim.token), ...claims })
    return `${head}.${body}.${createHmac(digest, key).update(`${head}.${body}`).digest('base64url')}`
  }
  const unsigned = (alg: string) => `${encode({ alg, typ: 'at+jwt' })}.${encode(claimsOf(victim.token))}.`
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  function byRsa(header: Record<string, unknown>) {
    const head = encode({ alg: 'RS256', typ: 'at+jwt', ...header })
    const signed = `${head}.${encode(claimsOf(victim.token))}`
    return `${signed}.${sign('sha256', Buffer.from(signed), rsa.privateKey).toString('base64url')}`
  }
  const [seconds, signature] = [
    () => Math.floor(Date.now() / 1000),
    () => victim.token.slice(victim.token.lastIndexOf('.')),
  ]
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' })

  test('the unchanged one is taken, also when made by hand', async () => {
    expect((await me(victim.token)).body.id).toBe(victim.id)
    expect((await me(forged({}))).body.id).toBe(victim.id)
  })

  const attacks: [string, () => string][] = [
    ...['none', 'None', 'nOnE', 'NONE', ''].map((alg): [string, () => string] => [
      `alg "${alg}", no signature`,
      () => unsigned(alg),
    ]),
    ['alg none with the signature of a real token', () => `${unsigned('none').slice(0, -1)}${signature()}`],
    ['a real token without its signature', () => victim.token.slice(0, victim.token.lastIndexOf('.') + 1)],
    [
      'another person under the same signature',
      () => {
        const [head] = victim.token.split('.')
        return `${head}.${encode({ ...claimsOf(victim.token), sub: String(other.id) })}${signature()}`
      },
    ],
    ['RS256 with a stranger’s key', () => byRsa({})],
    ['RS256 with the key enclosed (jwk)', () => byRsa({ jwk: rsa.publicKey.export({ format: 'jwk' }) })],
    ['RS256 with the address of a key (jku)', () => byRsa({ jku: 'https://evil.example/keys', kid: '1' })],
    ['RS256 with the address of a certificate (x5u)', () => byRsa({ x5u: 'https://evil.example/cert' })],
    ['RS256 in the header, HMAC with the public key', () => forged({ header: { alg: 'RS256' }, key: pem })],
    ['HMAC with a public key', () => forged({ key: pem })],
    ['HMAC with an empty key', () => forged({ key: '' })],
    ['HMAC with SECRET_KEY itself', () => forged({ key: testSecret })],
    ['kid that points at a file', () => forged({ header: { kid: '../../../../dev/null' }, key: '' })],
    ['kid with SQL', () => forged({ header: { kid: "x' union select 'k" }, key: 'k' })],
    ['HS512 with the right key', () => forged({ header: { alg: 'HS512' } }, 'sha512')],
    ['a critical extension', () => forged({ header: { crit: ['exp'], exp: 1 } })],
    ['another issuer', () => forged({ claims: { iss: 'finsentry' } })],
    ['another audience', () => forged({ claims: { aud: 'another-api' } })],
    ['no audience', () => forged({ claims: { aud: undefined } })],
    ['typ JWT', () => forged({ header: { typ: 'JWT' } })],
    ['no typ', () => forged({ header: { typ: undefined } })],
    ['expired', () => forged({ claims: { exp: seconds() - 1 } })],
    ['no expiry', () => forged({ claims: { exp: undefined } })],
    ['an expiry that is no number', () => forged({ claims: { exp: '9999999999' } })],
    ['not valid yet', () => forged({ claims: { nbf: seconds() + 600 } })],
    ['no session', () => forged({ claims: { sid: undefined } })],
    ['a session that does not exist', () => forged({ claims: { sid: 999_999 } })],
    ['a session that is no number', () => forged({ claims: { sid: 'x' } })],
    ['somebody else’s session', () => forged({ claims: { sid: claimsOf(other.token).sid } })],
    ['another organisation', () => forged({ claims: { tid: other.tenant_id } })],
    ['no organisation', () => forged({ claims: { tid: null } })],
    ['a person that is no number', () => forged({ claims: { sub: 'admin' } })],
    ['an encrypted token', () => `${encode({ alg: 'dir', enc: 'A256GCM' })}....`],
    ['four parts', () => `${victim.token}.x`],
    ['claims that are no JSON', () => `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode('{')}.x`],
    ['no base64', () => '%%%.%%%.%%%'],
    ['a megabyte', () => `${victim.token}${'A'.repeat(1024 * 1024)}`],
    ['a megabyte of dots', () => '.'.repeat(1024 * 1024)],
  ]
  test.each(attacks)('%s: 401', async (_name, make) => {
    const began = performance.now()
    const { status, body } = await me(make())
    expect(performance.now() - began).toBeLessThan(500)
    expect(status).toBe(401)
    expect(['token_invalid', 'token_expired', 'session_ended']).toContain(body.code)
    expect(JSON.stringify(body)).not.toMatch(/jws|signature|claim|alg/i)
  })

  test.each([
    ['the token twice', () => `Bearer ${victim.token} ${victim.token}`],
    ['two schemes', () => `Bearer Bearer ${victim.token}`],
    ['a list', () => `Bearer ${victim.token}, Bearer ${other.token}`],
    ['a refresh token', () => `Bearer ${'x'.repeat(43)}`],
  ])('%s in the header: 401', async (_name, header) => {
    const { status } = await call(t, 'GET /api/auth/me', { headers: { authorization: header() } })
    expect(status).toBe(401)
  })
})

test('a role in the token gives nothing: the roles of the moment count', async () => {
  const biller = await person(t, { in: org, roles: ['Biller'] })
  const [head, body] = biller.token.split('.')
  const claims = encode({ ...JSON.parse(Buffer.from(body!, 'base64url').toString()), role: 'tenant_admin' })
  const mac = createHmac('sha256', t.deps.keys.tokens).update(`${head}.${claims}`).digest('base64url')
  expect((await call(t, 'GET /api/admin/users', { as: bearer(`${head}.${claims}.${mac}`) })).status).toBe(403)
})

// ---- refresh --------------------------------------------------------------------------------------------------------

/** The doors at which a refresh token is swapped: what to send, and where the next one and the access token are. */
type Swap = { access: string; refresh: string }
const doors: {
  name: string
  open(): Promise<Swap>
  swap(refresh: string): Promise<Answer>
  read(answer: Answer): Swap
}[] = [
  {
    name: '/api/auth/refresh',
    open: async () => {
      const { body } = await call(t, 'POST /api/auth/login', {
        form: { username: victim.username, password },
      })
      return { access: body.access_token, refresh: body.refresh_token }
    },
    swap: (refresh_token) => call(t, 'POST /api/auth/refresh', { query: { refresh_token } }),
    read: ({ body }) => ({ access: body.access_token, refresh: body.refresh_token }),
  },
  {
    name: '/auth/token/refresh/',
    open: async () => {
      const { body } = await call(t, 'POST /auth/login/', { json: { username: victim.username, password } })
      return { access: body.access, refresh: body.refresh }
    },
    swap: (refresh) => call(t, 'POST /auth/token/refresh/', { json: { refresh } }),
    read: ({ body }) => ({ access: body.access, refresh: body.refresh }),
  },
  {
    name: '/api/session/refresh',
    open: async () => {
      const { cookies } = await browser(t, victim.username)
      return { access: cookies.duebook_access!, refresh: cookies.duebook_refresh! }
    },
    swap: (refresh) =>
      call(t, 'POST /api/session/refresh', { headers: { cookie: `duebook_refresh=${refresh}` } }),
    read: (answer) => {
      const { cookies } = browserOf(answer)
      return { access: cookies.duebook_access!, refresh: cookies.duebook_refresh! }
    },
  },
]

describe.each(doors)('refresh at $name', ({ open, swap, read }) => {
  test('each swap gives a new token, and the latest works', async () => {
    let { refresh } = await open()
    const seen = new Set([refresh])
    for (let n = 0; n < 4; n += 1) {
      const next = read(await swap(refresh))
      expect(seen.has(next.refresh)).toBe(false)
      seen.add(next.refresh)
      refresh = next.refresh
      expect((await me(next.access)).status).toBe(200)
    }
  })

  test('50 at once: one successor, nobody signed out', async () => {
    const { refresh } = await open()
    const answers = await Promise.all(Array.from({ length: 50 }, () => swap(refresh)))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    const successors = new Set(answers.map((answer) => read(answer).refresh))
    expect(successors.size).toBe(1)
    expect((await swap([...successors][0]!)).status).toBe(200)
  })

  test('used again after the grace of ten seconds: the whole session is over at once', async () => {
    const first = await open()
    const elsewhere = await open()
    const second = read(await swap(first.refresh))
    t.clock.ahead(9_000)
    expect(read(await swap(first.refresh)).refresh).toBe(second.refresh)
    t.clock.ahead(2_000)
    expect((await me(second.access)).status).toBe(200)
    expect((await swap(first.refresh)).status).toBe(401)
    expect((await me(second.access)).status).toBe(401)
    expect((await me(first.access)).status).toBe(401)
    expect((await swap(second.refresh)).status).toBe(401)
    expect((await me(elsewhere.access)).status).toBe(200)
  })

  test('neither an access token nor a made-up one is taken', async () => {
    const { access } = await open()
    for (const wrong of [access.slice(0, 200), 'x'.repeat(43), "' or 1=1 --"]) {
      expect((await swap(wrong)).status).toBe(401)
    }
  })

  test('after a week without a swap: 401', async () => {
    const { refresh } = await open()
    t.clock.ahead(7 * 24 * 3_600_000 + 1_000)
    expect((await swap(refresh)).status).toBe(401)
    // The victim's own token has expired with it.
    victim = { ...victim, token: (await open()).access }
  })
})

// ---- sessions -------------------------------------------------------------------------------------------------------

describe('sessions', () => {
  const open = async (who: Person): Promise<Browser> => browser(t, who.username)
  const alive = async (as: Browser) => (await call(t, 'GET /api/session', { as })).status === 200

  test('own sessions are listed with device, address and door; one can be ended from another', async () => {
    const who = await person(t, { in: org, signedIn: false })
    const phone = await browser(t, who.username, { headers: { 'user-agent': 'Phone 1' } })
    const desk = await open(who)
    const { items } = (await call(t, 'GET /api/profile/sessions', { as: desk })).body
    expect(items).toHaveLength(2)
    const first = items.find((each: { current: boolean }) => !each.current)
    expect(first).toEqual({
      id: expect.any(Number),
      created_at: expect.any(String),
      last_seen_at: expect.any(String),
      ip: '127.0.0.1',
      user_agent: 'Phone 1',
      door: 'web',
      current: false,
    })
    expect(await alive(phone)).toBe(true)
    expect((await call(t, `DELETE /api/profile/sessions/${first.id}`, { as: desk })).status).toBe(204)
    expect(await alive(phone)).toBe(false)
    expect(await alive(desk)).toBe(true)
    expect((await call(t, `DELETE /api/profile/sessions/${first.id}`, { as: desk })).status).toBe(404)
  })

  test('signing out ends the session, not only its cookies', async () => {
    const who = await person(t, { in: org, signedIn: false })
    const desk = await open(who)
    const answer = await call(t, 'DELETE /api/session', { as: desk })
    expect(answer.status).toBe(204)
    expect(answer.raw.cookies.map(({ value }) => value)).toEqual(['', ''])
    expect(await alive(desk)).toBe(false)
    expect((await call(t, 'POST /api/session/refresh', { as: desk })).status).toBe(401)
  })

  test('signing out with an access cookie that has run out ends the session too', async () => {
    const who = await person(t, { in: org, signedIn: false })
    const desk = await open(who)
    t.clock.ahead(16 * 60_000)
    expect(await alive(desk)).toBe(false)
    expect((await call(t, 'DELETE /api/session', { as: desk })).status).toBe(204)
    expect((await call(t, 'POST /api/session/refresh', { as: desk })).status).toBe(401)
  })

  test('a new password ends the others and keeps this one', async () => {
    const who = await person(t, { in: org })
    const [phone, desk] = [await open(who), await open(who)]
    const changed = await call(t, 'POST /api/profile/password', {
      as: desk,
      json: { old_password: password, new_password: 'Another-harbour-8' },
    })
    expect(changed.status).toBe(200)
    expect([await alive(desk), await alive(phone), (await me(who.token)).status]).toEqual([true, false, 401])
    expect((await call(t, 'POST /api/session/refresh', { as: phone })).status).toBe(401)
  })

  test('a role taken away, somebody switched off, somebody removed: it bites at the next call', async () => {
    const admin = await person(t, { in: org })
    const who = await person(t, { in: org, roles: ['Operations'] })
    const list = () => call(t, 'GET /api/users', { as: who })
    const put = (json: unknown) => call(t, `PUT /api/admin/users/${who.id}`, { as: admin, json })
    expect((await list()).status).toBe(200)
    await put({ role_codes: ['biller'] })
    expect((await list()).status).toBe(403)
    await put({ role_codes: ['operations'] })
    expect((await list()).status).toBe(200)
    await put({ is_active: false })
    expect((await list()).body.code).toBe('no_organisation')
    await put({ is_active: true })
    expect((await list()).status).toBe(200)
    await call(t, `DELETE /api/admin/users/${who.id}`, { as: admin })
    expect((await list()).body.code).toBe('session_ended')
  })

  test('what changed on another server bites within a second', async () => {
    const who = await person(t, { in: org, roles: ['Operations'] })
    expect((await call(t, 'GET /api/users', { as: who })).status).toBe(200)
    const elsewhere = await t.database.bulk.connect()
    await elsewhere.query(
      `begin; set local app.tenant_id = '${org.id}'; set local app.user_id = '0';
       delete from membership_roles where tenant_id = ${org.id} and user_id = ${who.id}; commit`,
    )
    elsewhere.release()
    await expect
      .poll(async () => (await call(t, 'GET /api/users', { as: who })).status, {
        timeout: 1_000,
        interval: 50,
      })
      .toBe(403)
  })
})

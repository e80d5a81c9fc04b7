import { generate } from 'otplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { browser, call } from '../call.ts'
import { type Organisation, organisation, type Person, password, person } from '../given.ts'

let t: TestApp
let org: Organisation
let admin: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  admin = await person(t, { in: org })
})
afterAll(() => t.close())

/** The code that an authenticator shows at the server's time. */
const codeOf = (secret: string, later = 0) =>
  generate({ secret, epoch: Math.floor(t.clock.now().getTime() / 1000) + later })
const wrongCode = async (secret: string) => {
  const right = new Set(await Promise.all([-60, -30, 0, 30, 60].map((step) => codeOf(secret, step))))
  return ['111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !right.has(code))!
}
let ip = 0
const freshIp = () => {
  ip += 1
  return `10.9.0.${ip}`
}

type Enrolled = Person & { secret: string; recovery: string[] }
async function enrolled(roles = ['Biller']): Promise<Enrolled> {
  const who = await person(t, { in: org, roles })
  const begun = await call(t, 'POST /api/profile/second-factor', { as: who })
  const { secret } = begun.body
  const confirmed = await call(t, 'POST /api/profile/second-factor/confirm', {
    as: who,
    json: { code: await codeOf(secret) },
  })
  expect(confirmed.status).toBe(200)
  // A code counts once: the next sign-in needs the next one.
  t.clock.ahead(31_000)
  return { ...who, secret, recovery: confirmed.body.recovery_codes }
}
const enter = (who: Person, code?: string, from = freshIp()) =>
  call(t, 'POST /api/session', { json: { identifier: who.username, password, code }, ip: from })

describe('setting up', () => {
  test('a secret and its address for the authenticator, then ten recovery codes', async () => {
    const who = await person(t, { in: org, roles: ['Biller'] })
    const { status, body } = await call(t, 'POST /api/profile/second-factor', { as: who })
    expect(status).toBe(200)
    expect(body.secret).toMatch(/^[A-Z2-7]{32,}$/)
    expect(body.otpauth_uri).toBe(
      `otpauth://totp/Duebook:${encodeURIComponent(who.email)}?secret=${body.secret}&issuer=Duebook`,
    )
    const confirm = (code: string) =>
      call(t, 'POST /api/profile/second-factor/confirm', { as: who, json: { code } })
    expect((await confirm(await wrongCode(body.secret))).status).toBe(422)
    // Not confirmed, not asked for.
    expect((await enter(who)).body.second_factor).toEqual({ enabled: false, required: false })
    const confirmed = await confirm(await codeOf(body.secret))
    expect(confirmed.body.recovery_codes).toHaveLength(10)
    expect(new Set(confirmed.body.recovery_codes).size).toBe(10)
    for (const code of confirmed.body.recovery_codes) expect(code).toMatch(/^([0-9a-f]{4}-){4}[0-9a-f]{4}$/)
    expect((await confirm(await codeOf(body.secret))).status).toBe(409)
    expect((await call(t, 'POST /api/profile/second-factor', { as: who })).status).toBe(409)
  })

  test('turning it off asks for password and code', async () => {
    const who = await enrolled()
    const disable = (json: unknown) => call(t, 'POST /api/profile/second-factor/disable', { as: who, json })
    const code = await codeOf(who.secret)
    expect((await disable({ code })).status).toBe(422)
    expect((await disable({ password: 'wrong', code })).status).toBe(422)
    expect((await disable({ password, code: await wrongCode(who.secret) })).status).toBe(422)
    expect((await enter(who)).body.code).toBe('second_factor_required')
    expect((await disable({ password, code })).status).toBe(200)
    expect((await enter(who)).status).toBe(200)
  })
})

describe('signing in', () => {
  test('every door asks for the code, and takes the right one', async () => {
    const who = await enrolled()
    const doors = {
      '/api/auth/token': (code?: string) => ({
        form: { username: who.username, password, ...(code ? { code } : {}) },
      }),
      '/api/auth/login': (code?: string) => ({ json: { email: who.email, password, code } }),
      '/auth/login': (code?: string) => ({ json: { username: who.username, password, code } }),
      '/auth/login/': (code?: string) => ({ json: { username: who.username, password, code } }),
      '/api/session': (code?: string) => ({ json: { identifier: who.username, password, code } }),
    } as const
    for (const [path, body] of Object.entries(doors)) {
      const at = `POST ${path}` as 'POST /api/session'
      const without = await call(t, at, { ...body(), ip: freshIp() })
      expect(without.status).toBe(path === '/auth/login/' ? 400 : 401)
      if (path === '/auth/login/') expect(without.body.non_field_errors[0]).toMatch(/authenticator/)
      else expect(without.body.code).toBe('second_factor_required')
      expect(without.raw.cookies).toEqual([])
      const wrong = await call(t, at, { ...body(await wrongCode(who.secret)), ip: freshIp() })
      expect(wrong.status).toBe(path === '/auth/login/' ? 400 : 401)
      const right = await call(t, at, { ...body(await codeOf(who.secret)), ip: freshIp() })
      expect([path, right.status]).toEqual([path, 200])
      t.clock.ahead(31_000)
    }
  })

  test('a wrong password with the right code tells nothing', async () => {
    const who = await enrolled()
    const code = await codeOf(who.secret)
    const answer = await call(t, 'POST /api/session', {
      json: { identifier: who.username, password: 'wrong', code },
    })
    expect([answer.status, answer.body.code]).toEqual([401, 'invalid_credentials'])
    expect((await enter(who, code)).status).toBe(200)
  })

  test('a code counts once, also when it is sent many times at once', async () => {
    const who = await enrolled()
    const code = await codeOf(who.secret)
    const answers = await Promise.all(Array.from({ length: 8 }, () => enter(who, code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await enter(who, code)).status).toBe(401)
    t.clock.ahead(31_000)
    expect((await enter(who, await codeOf(who.secret))).status).toBe(200)
    // An earlier one than the last is not taken either, though the clocks' tolerance would allow it.
    expect((await enter(who, await codeOf(who.secret, -30))).status).toBe(401)
  })

  test('clocks may differ by half a minute, not more', async () => {
    const who = await enrolled()
    t.clock.ahead(120_000)
    expect((await enter(who, await codeOf(who.secret, -90))).status).toBe(401)
    expect((await enter(who, await codeOf(who.secret, 90))).status).toBe(401)
    expect((await enter(who, await codeOf(who.secret, -30))).status).toBe(200)
  })

  test('a recovery code counts once, however it is written', async () => {
    const who = await enrolled()
    const [first, second] = who.recovery as [string, string]
    expect((await enter(who, first)).status).toBe(200)
    expect((await enter(who, first)).status).toBe(401)
    expect((await enter(who, ` ${second.toUpperCase().replaceAll('-', ' ')} `)).status).toBe(200)
    expect((await enter(who, second)).status).toBe(401)
    const at = await Promise.all(Array.from({ length: 6 }, () => enter(who, who.recovery[2])))
    expect(at.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('codes cannot be guessed by alternating calls with and without one', async () => {
    const who = await enrolled()
    const from = freshIp()
    const statuses: number[] = []
    for (let n = 0; n < 11; n += 1) {
      statuses.push((await enter(who, undefined, from)).status)
      statuses.push((await enter(who, await wrongCode(who.secret), from)).status)
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0)
    expect((await enter(who, await codeOf(who.secret), from)).status).toBe(429)
  })

  test('asking without a code does not shut its owner out', async () => {
    const who = await enrolled()
    const from = freshIp()
    for (let n = 0; n < 15; n += 1) expect((await enter(who, undefined, from)).status).toBe(401)
    expect((await enter(who, await codeOf(who.secret), from)).status).toBe(200)
  })

  test('a reset password does not pass the second factor by', async () => {
    const who = await enrolled()
    const { link } = (await call(t, `POST /api/admin/users/${who.id}/reset-link`, { as: admin })).body
    const token = link.split('/').at(-1)
    const reset = await call(t, 'POST /api/auth/reset-password', {
      json: { token, new_password: 'Another-harbour-8' },
    })
    expect(reset.status).toBe(200)
    const answer = await call(t, 'POST /api/session', {
      json: { identifier: who.username, password: 'Another-harbour-8' },
    })
    expect([answer.status, answer.body.code]).toEqual([401, 'second_factor_required'])
  })
})

describe('a role that requires it', () => {
  test('opens nothing but the profile until it is set up', async () => {
    const { body: role } = await call(t, 'POST /api/admin/roles', {
      as: admin,
      json: {
        name: 'Careful',
        permissions: ['users.read', 'users.write'],
        requires_second_factor: true,
      },
    })
    const who = await person(t, { in: org, roles: [role.code] })
    const desk = await browser(t, who.username)
    expect(desk.me).toMatchObject({
      pending: 'second_factor_enrolment',
      second_factor: { enabled: false, required: true },
    })
    const closed = [
      'GET /api/users',
      'GET /api/admin/users',
      'POST /api/admin/invitations',
      'GET /api/profile/api-keys',
      'POST /api/profile/api-keys',
    ] as const
    for (const target of closed) {
      for (const as of [who, desk])
        expect(await call(t, target, { as, json: target.startsWith('POST') ? {} : undefined })).toMatchObject(
          {
            status: 403,
            body: { code: 'second_factor_enrolment_required' },
          },
        )
    }
    expect((await call(t, 'GET /api/auth/me', { as: who })).status).toBe(200)
    const { body } = await call(t, 'POST /api/profile/second-factor', { as: desk })
    await call(t, 'POST /api/profile/second-factor/confirm', {
      as: desk,
      json: { code: await codeOf(body.secret) },
    })
    expect((await call(t, 'GET /api/admin/users', { as: desk })).status).toBe(200)
    expect((await call(t, 'GET /api/session', { as: desk })).body.pending).toBeNull()
  })

  test('a role that begins to require it closes at once what was open', async () => {
    const { body: role } = await call(t, 'POST /api/admin/roles', {
      as: admin,
      json: { name: 'Sudden', permissions: ['users.read'] },
    })
    const who = await person(t, { in: org, roles: [role.code] })
    expect((await call(t, 'GET /api/admin/users', { as: who })).status).toBe(200)
    await call(t, `PUT /api/admin/roles/${role.id}`, {
      as: admin,
      json: { name: 'Sudden', permissions: ['users.read'], requires_second_factor: true },
    })
    expect((await call(t, 'GET /api/admin/users', { as: who })).status).toBe(403)
  })
})

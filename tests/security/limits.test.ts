import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call, type Target } from '../call.ts'
import { organisation, type Person, person } from '../given.ts'

let address = 0
const freshIp = () => {
  address += 1
  return `10.7.0.${address}`
}
type Options = { ip: string; as?: Person; headers?: Record<string, string> }
/** How many of the calls, one after the other, are refused. */
async function many(t: TestApp, count: number, target: Target, options: Options) {
  let refused = 0
  for (let n = 0; n < count; n += 1) refused += (await call(t, target, options)).status === 429 ? 1 : 0
  return refused
}
/** Calls at once, for filling up: near the limit, calls at the same moment count each other. */
const fill = (t: TestApp, count: number, target: Target, options: Options) =>
  Promise.all(Array.from({ length: count }, () => call(t, target, options)))

describe('as delivered', () => {
  let t: TestApp
  let who: Person
  beforeAll(async () => {
    t = await testApp({}, { RATE_LIMIT_REQUESTS: '' })
    who = await person(t, { in: await organisation(t) })
  })
  afterAll(() => t.close())

  test('100 anonymous calls a minute from one address, others are not affected', async () => {
    const ip = freshIp()
    expect(await many(t, 100, 'GET /api/session/options', { ip })).toBe(0)
    const late = await call(t, 'GET /api/session/options', { ip })
    expect([late.status, late.body.code]).toEqual([429, 'rate_limited'])
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(late.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect((await call(t, 'GET /api/session/options', { ip: freshIp() })).status).toBe(200)
  })

  test('guessed tokens count as anonymous calls', async () => {
    const ip = freshIp()
    const headers = { authorization: 'Bearer guess' }
    expect(await many(t, 110, 'GET /api/auth/me', { ip, headers })).toBe(10)
  })

  test('sign-in doors are counted together, whoever calls', async () => {
    const ip = freshIp()
    const doors = [
      'POST /api/auth/token',
      'POST /auth/login/',
      'POST /api/session',
      'POST /api/auth/register',
    ] as const
    for (const door of doors) expect(await many(t, 25, door, { ip, as: who })).toBe(0)
    expect((await call(t, 'POST /auth/login', { ip, json: {} })).status).toBe(429)
    expect((await call(t, 'GET /api/auth/me', { ip, as: who })).status).toBe(200)
  })

  test('1,200 calls a minute for one person, wherever they call from', async () => {
    const busy = await person(t, { in: await organisation(t) })
    await fill(t, 690, 'GET /api/auth/me', { ip: freshIp(), as: busy })
    await fill(t, 500, 'GET /api/auth/me', { ip: freshIp(), as: busy })
    expect(await many(t, 15, 'GET /api/auth/me', { ip: freshIp(), as: busy })).toBe(5)
    expect((await call(t, 'GET /api/auth/me', { as: who, ip: freshIp() })).status).toBe(200)
  })

  test('health checks and pages are not counted', async () => {
    const ip = freshIp()
    expect(await many(t, 150, 'GET /healthz', { ip })).toBe(0)
    expect(await many(t, 110, 'GET /redoc', { ip })).toBe(0)
  })
})

test('RATE_LIMIT_REQUESTS and RATE_LIMIT_PERIOD rule all API routes', async () => {
  const t = await testApp({}, { RATE_LIMIT_REQUESTS: '5', RATE_LIMIT_PERIOD: '30' })
  const ip = freshIp()
  expect(await many(t, 7, 'GET /api/session/options', { ip })).toBe(2)
  const { headers } = await call(t, 'GET /api/session/options', { ip })
  expect(Number(headers['retry-after'])).toBeLessThanOrEqual(30)
  await t.close()
})

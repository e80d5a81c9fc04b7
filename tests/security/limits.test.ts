import { connect as tcp } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { asRefusal } from '../../server/core/http.ts'
import { IMPORT_TIME_MAX } from '../../server/modules/imports/running.ts'
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

describe('bodies that are slow to come', () => {
  let t: TestApp
  let port: number
  let who: Person
  beforeAll(async () => {
    t = await testApp()
    port = Number(new URL(await t.app.listen({ port: 0, host: '127.0.0.1' })).port)
    who = await person(t, { in: await organisation(t), roles: ['Operations'] })
  })
  afterAll(async () => {
    vi.useRealTimers()
    await t.close()
  })
  /** Half-minutes until the server cuts a body, of which one byte comes in each of the first `moving`. */
  async function cutAfter(path: string, type: string, moving: number) {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const socket = tcp(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('error', () => {})
    const reached = new Promise((resolve) => t.app.server.once('request', resolve))
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${who.token}\r\nContent-Type: ${type}\r\nContent-Length: 100000\r\n\r\n`,
    )
    await reached
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (let half = 1; half <= 30; half++) {
      if (half <= moving) socket.write('-')
      await new Promise((resolve) => setTimeout(resolve, 20))
      await vi.advanceTimersByTimeAsync(30_000)
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (!answer) continue
      expect(answer).toMatch(/^HTTP\/1.1 408 /)
      return half
    }
    return undefined
  }
  const upload = ['/api/import-ar-data', 'multipart/form-data; boundary=x'] as const
  test('an upload may take its ten minutes while it moves, and no longer when it stands still', async () => {
    expect(t.app.server.requestTimeout).toBeGreaterThan(IMPORT_TIME_MAX)
    expect(await cutAfter(...upload, 10)).toBe(11)
  })
  test('a body of another route two minutes', async () => {
    expect(await cutAfter('/api/auth/token', 'application/json', 30)).toBe(4)
  })
})

test('what takes too long is told so, and what goes out is kept by no cache', async () => {
  const t = await testApp()
  const who = await person(t, { in: await organisation(t) })
  const late = asRefusal(
    Object.assign(new Error('late'), { code: 'FST_ERR_HANDLER_TIMEOUT', statusCode: 503 }) as never,
    'ours',
  )
  expect([late.status, late.code]).toEqual([503, 'took_too_long'])
  const sent = { username: who.username, password: 'Sunlit-harbour-9' }
  for (const answer of [
    await call(t, 'POST /api/auth/token', { json: sent }),
    await call(t, 'POST /auth/login', { json: sent }),
    await call(t, 'GET /api/session', { as: who }),
    await call(t, 'GET /api/admin/users', { as: who }),
  ])
    expect(answer.headers['cache-control']).toBe('no-store')
  await t.close()
})

import { Writable } from 'node:stream'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { buildApp } from '../../server/app.ts'
import { type TestApp, testApp, testSecret } from '../app.ts'
import { call } from '../call.ts'
import { organisation, type Person, password, person } from '../given.ts'

// What the log says, and what it may not: tokens, passwords, codes, bodies.

let quiet: TestApp
let loud: TestApp
let who: Person
const lines: string[] = []
beforeAll(async () => {
  quiet = await testApp()
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const app = await buildApp({
    config: quiet.deps.config,
    database: quiet.database,
    secretKey: testSecret,
    log: pino({ level: 'trace' }, stream),
    now: quiet.clock.now,
  })
  loud = { ...quiet, app }
  who = await person(quiet, { in: await organisation(quiet) })
})
afterAll(async () => {
  await loud.app.close()
  await quiet.close()
})

test('a request is told by method, path, status, time, person and id, and no more', async () => {
  const { headers } = await call(loud, 'GET /api/users?search=private-words', { as: who })
  const line = lines.map((each) => JSON.parse(each)).find((each) => each.reqId === headers['x-request-id'])
  expect(line).toMatchObject({
    method: 'GET',
    path: '/api/users',
    status: 200,
    ms: expect.any(Number),
    user_id: who.id,
    tenant_id: who.tenant_id,
  })
  expect(lines.join('')).not.toContain('private-words')
})

test('no secret reaches the log, whichever way it came', async () => {
  const secrets: string[] = [password, who.token, testSecret]
  const login = await call(loud, 'POST /api/auth/login', { form: { username: who.username, password } })
  secrets.push(login.body.access_token, login.body.refresh_token)
  await call(loud, 'POST /api/auth/token', {
    json: { username: who.username, password: 'Wrong-but-secret-1' },
  })
  await call(loud, 'POST /api/auth/refresh', { query: { refresh_token: login.body.refresh_token } })
  await call(loud, `GET /api/auth/me?token=${who.token}`, { as: who })
  await call(loud, 'POST /api/users', {
    as: who,
    query: { username: 'logged', email: 'logged@example.com', password: 'Query-secret-77' },
    json: ['Biller'],
  })
  const key = await call(loud, 'POST /api/profile/api-keys', {
    as: who,
    json: { name: 'K', scopes: ['users.read'] },
  })
  await call(loud, 'GET /api/users', { headers: { 'x-api-key': key.body.key } })
  const factor = await call(loud, 'POST /api/profile/second-factor', { as: who })
  await call(loud, 'POST /api/auth/reset-password', {
    json: { token: 'Reset-token-secret', new_password: 'x' },
  })
  await call(loud, 'GET /api/invitations/1.Invitation-token-secret')
  await call(loud, 'POST /api/session', { json: { identifier: who.username, password, code: '918273' } })
  await loud.app.inject({
    method: 'POST',
    url: '/api/session',
    payload: `{"password": "Broken-json-secret"`,
    headers: { 'content-type': 'application/json', cookie: 'duebook_refresh=Cookie-secret-value' },
  })
  secrets.push(
    'Wrong-but-secret-1',
    'Query-secret-77',
    key.body.key,
    factor.body.secret,
    'Reset-token-secret',
    'Invitation-token-secret',
    '918273',
    'Broken-json-secret',
    'Cookie-secret-value',
  )
  const address = await loud.app.listen({ port: 0, host: '127.0.0.1' })
  const socket = new WebSocket(`${address.replace('http', 'ws')}/ws/events?token=${who.token}`)
  await new Promise((done) => socket.once('message', done))
  socket.terminate()
  await new Promise((done) => socket.once('close', done))

  const log = lines.join('')
  expect(lines.length).toBeGreaterThan(10)
  for (const secret of secrets) expect(log.includes(secret), secret.slice(0, 20)).toBe(false)
})

test('a failure that nobody foresaw is logged with the id that its answer carries', async () => {
  const connect = quiet.database.pool.connect
  quiet.database.pool.connect = (() => Promise.reject(new Error('hidden cause'))) as never
  const answer = await call(loud, 'GET /api/session/options')
  quiet.database.pool.connect = connect
  expect(answer.status).toBe(500)
  expect(answer.raw.body).not.toContain('hidden cause')
  expect(answer.body.request_id).toBe(answer.headers['x-request-id'])
  const line = lines
    .map((each) => JSON.parse(each))
    .find((each) => each.reqId === answer.body.request_id && each.err)
  expect(line).toMatchObject({ level: 50, err: { message: 'hidden cause' } })
})

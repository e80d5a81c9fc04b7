import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError, api, apiWithEtag, ifMatchOf, setCsrfToken, whenSignedOut, withQuery } from './api.ts'

type Sent = { method: string; path: string; headers: Record<string, string> }
let sent: Sent[] = []
let answers: ((sent: Sent) => Response)[] = []

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

beforeEach(() => {
  sent = []
  answers = []
  setCsrfToken('token-1')
  whenSignedOut(() => {})
  const stored = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  })
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const call = { method: init.method ?? 'GET', path, headers: init.headers as Record<string, string> }
    sent.push(call)
    const answer = answers.shift()
    if (!answer) throw new Error(`nobody expected ${call.method} ${path}`)
    return answer(call)
  })
})
afterEach(() => vi.unstubAllGlobals())

test('unsafe calls carry the CSRF token, reads do not', async () => {
  answers = [() => json(200, {}), () => json(200, {})]
  await api('GET', '/api/a')
  await api('PUT', '/api/a', { body: {} })
  expect(sent[0]!.headers['x-csrf-token']).toBeUndefined()
  expect(sent[1]!.headers['x-csrf-token']).toBe('token-1')
})

test('an expired session is refreshed once and the call repeated with the same idempotency key', async () => {
  answers = [
    () => json(401, { code: 'token_expired' }),
    () => json(200, { csrf_token: 'token-2' }),
    () => json(201, { id: 1 }),
  ]
  expect(await api('POST', '/api/a', { body: { name: 'x' } })).toEqual({ id: 1 })
  expect(sent.map((call) => call.path)).toEqual(['/api/a', '/api/session/refresh', '/api/a'])
  expect(sent[2]!.headers['idempotency-key']).toBe(sent[0]!.headers['idempotency-key'])
  expect(sent[2]!.headers['x-csrf-token']).toBe('token-2')
})

test('ten calls that expire together refresh once', async () => {
  let refreshed = 0
  let fresh = false
  vi.stubGlobal('fetch', async (path: string) => {
    if (path === '/api/session/refresh') {
      refreshed++
      fresh = true
      return json(200, { csrf_token: 'token-2' })
    }
    if (path === '/api/session') return json(200, { csrf_token: 'token-2' })
    return fresh ? json(200, { ok: true }) : json(401, { code: 'token_expired' })
  })
  await Promise.all(Array.from({ length: 10 }, () => api('GET', '/api/a')))
  expect(refreshed).toBe(1)
})

test('a refused refresh ends the session and says so', async () => {
  const ended = vi.fn()
  whenSignedOut(ended)
  answers = [() => json(401, { code: 'token_expired' }), () => json(401, { code: 'session_ended' })]
  await expect(api('GET', '/api/a')).rejects.toMatchObject({ status: 401, code: 'session_ended' })
  expect(ended).toHaveBeenCalled()
})

test('a stale CSRF token is fetched anew', async () => {
  answers = [
    () => json(403, { code: 'csrf_refused' }),
    () => json(200, { csrf_token: 'token-3' }),
    () => json(200, { ok: true }),
  ]
  await api('PUT', '/api/a', { body: {} })
  expect(sent[2]!.headers['x-csrf-token']).toBe('token-3')
})

test('a problem body becomes an error with its sentence, fields and request id', async () => {
  answers = [
    () =>
      json(
        422,
        {
          code: 'invalid_input',
          detail: 'name: Too long.',
          errors: [{ path: 'name', message: 'Too long.' }],
          request_id: 'r-1',
        },
        { 'retry-after': '7' },
      ),
  ]
  const error = await api('GET', '/api/a').catch((caught) => caught as ApiError)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ detail: 'name: Too long.', requestId: 'r-1', retryAfter: 7 })
})

test('refusals of the documents are read as well: a message with causes, and a list', () => {
  const causes = { detail: { message: 'Columns are missing.', errors: ['Missing column: currency'] } }
  expect(new ApiError(400, causes).detail).toBe('Columns are missing. Missing column: currency')
  expect(new ApiError(422, { detail: [{ msg: 'x' }], message: 'Not valid.' }).detail).toBe('Not valid.')
})

test('a lost connection is an error of its own', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('failed')
  })
  await expect(api('GET', '/api/a')).rejects.toMatchObject({ status: 0, code: 'network' })
})

test('queries leave out what is empty, and answers bring their ETag', async () => {
  expect(withQuery('/a', { search: '', page: 1, kind: undefined, flag: false })).toBe('/a?page=1&flag=false')
  answers = [() => json(200, { version: 3 }, { etag: '"3"' })]
  expect((await apiWithEtag('GET', '/api/a')).etag).toBe('"3"')
  expect(ifMatchOf(null, 4)).toBe('"4"')
})

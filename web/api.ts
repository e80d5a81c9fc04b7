// Every call to the server passes here: cookies, CSRF token, problem bodies, one refresh per expiry, ETags.

export type Problem = {
  type?: string
  title?: string
  status?: number
  code?: string
  /** A sentence; of the AR Tracker's routes also a list of messages, or an object of a message and its causes. */
  detail?: unknown
  message?: string
  errors?: { path?: string; message: string }[]
  request_id?: string
}

/** A refusal of the server, or `code: 'network'` when it could not be reached (status 0). */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly errors: { path?: string; message: string }[]
  readonly requestId: string | undefined
  /** Seconds to wait, from Retry-After. */
  readonly retryAfter: number | undefined
  /** The whole answer: what must be decided (`questions`), the current version, ... */
  readonly problem: Problem & Record<string, unknown>

  constructor(status: number, problem: Problem, retryAfter?: number) {
    const detail = sentenceOf(problem)
    super(detail || `HTTP ${status}`)
    this.name = 'ApiError'
    this.status = status
    this.code = problem.code ?? `http_${status}`
    this.detail = detail
    this.errors = Array.isArray(problem.errors) ? problem.errors : []
    this.requestId = problem.request_id
    this.retryAfter = retryAfter
    this.problem = problem as Problem & Record<string, unknown>
  }
}

function sentenceOf({ detail, message, title }: Problem): string {
  if (typeof detail === 'string') return detail
  if (detail && typeof detail === 'object' && 'message' in detail) {
    const { message: said, errors } = detail as { message: string; errors?: string[] }
    return [said, ...(errors ?? [])].join(' ')
  }
  return message ?? title ?? ''
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
export type Options = {
  query?: Record<string, string | number | boolean | null | undefined>
  /** JSON body. */
  body?: unknown
  /** Multipart body, instead of `body`. */
  form?: FormData
  /** ETag of the version that was edited; the server answers 412 when it is no longer the current one. */
  ifMatch?: string
  signal?: AbortSignal
  /** Answer at once and go on working: what is asked for is then read again until it is done. */
  background?: boolean
  /** The answer is a file: given as a Blob, whatever its type. */
  blob?: boolean
  /** Share of the body that was sent, 0 to 1; only uploads ask for it. */
  onProgress?: (share: number) => void
}
export type Answer<T> = { data: T; etag: string | null }

const unsafe = (method: Method) => method !== 'GET'
const refreshedKey = 'duebook.refreshed_at'

let csrfToken: string | null = null
let onSignedOut: () => void = () => {}

/** Called with every Me answer; the token belongs to the session cookie. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token
}

/** What to do when the session is over and cannot be refreshed. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act
}

export async function api<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  return (await apiWithEtag<T>(method, path, options)).data
}

export async function apiWithEtag<T>(
  method: Method,
  path: string,
  options: Options = {},
): Promise<Answer<T>> {
  // One key for all attempts of this call, so that a repeat after a refresh is never a second effect.
  const key = method === 'POST' ? randomId() : undefined
  const started = Date.now()
  let response = await send(method, path, options, key)
  if (response.status === 401 && (await codeOf(response)) === 'token_expired') {
    await refresh(started)
    response = await send(method, path, options, key)
  } else if (response.status === 403 && (await codeOf(response)).startsWith('csrf')) {
    // Another tab signed in again: its session answer holds the token that belongs to the cookie.
    await readSession()
    response = await send(method, path, options, key)
  }
  if (!response.ok) {
    const error = await toError(response)
    if (response.status === 401 && !path.startsWith('/api/session')) onSignedOut()
    throw error
  }
  const read = () => (options.blob ? response.blob() : readBody(response))
  const data = response.status === 204 ? (undefined as T) : ((await read()) as T)
  return { data, etag: response.headers.get('etag') }
}

/** Path with its query; empty values are left out. */
export function withQuery(path: string, query: Options['query']): string {
  const entries = Object.entries(query ?? {}).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  if (entries.length === 0) return path
  return `${path}?${new URLSearchParams(entries.map(([name, value]) => [name, String(value)]))}`
}

/** If-Match for a record: the ETag it came with, else its version number. */
export function ifMatchOf(etag: string | null, version: number): string {
  return etag ?? `"${version}"`
}

async function send(
  method: Method,
  path: string,
  options: Options,
  key: string | undefined,
): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  if (unsafe(method) && csrfToken) headers['x-csrf-token'] = csrfToken
  if (options.ifMatch) headers['if-match'] = options.ifMatch
  if (key) headers['idempotency-key'] = key
  if (options.background) headers.prefer = 'respond-async'
  // Signing out reaches the server even when the page is left at once.
  const keepalive = method === 'DELETE'
  const init: RequestInit = { method, headers, keepalive, credentials: 'same-origin', cache: 'no-store' }
  if (options.form) init.body = options.form
  else if (options.body !== undefined) init.body = JSON.stringify(options.body)
  if (options.signal) init.signal = options.signal
  try {
    if (options.onProgress)
      return await sendWithProgress(withQuery(path, options.query), init, options.onProgress)
    return await fetch(withQuery(path, options.query), init)
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    throw new ApiError(0, { code: 'network' })
  }
}

/** fetch() cannot tell how far an upload is; XMLHttpRequest can. */
function sendWithProgress(
  path: string,
  init: RequestInit,
  onProgress: (share: number) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(init.method ?? 'GET', path)
    for (const [name, value] of Object.entries(init.headers as Record<string, string>))
      request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0)
    request.upload.onload = () => onProgress(1)
    request.onerror = () => reject(new TypeError('network'))
    request.onabort = () => reject(new DOMException('', 'AbortError'))
    init.signal?.addEventListener('abort', () => request.abort(), { once: true })
    request.onload = () => {
      const headers = new Headers()
      for (const line of request.getAllResponseHeaders().trim().split(/\r?\n/)) {
        const colon = line.indexOf(':')
        if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
      }
      const empty = request.status === 204
      resolve(new Response(empty ? null : request.responseText, { status: request.status, headers }))
    }
    request.send(init.body as XMLHttpRequestBodyInit | null)
  })
}

/**
 * Rotates the cookies once, however many calls and tabs find them expired at the same moment. A second rotation with
 * the same refresh token would look like theft to the server.
 */
async function refresh(since: number): Promise<void> {
  await underLock(async () => {
    if (Number(readStored(refreshedKey) ?? 0) >= since) return readSession()
    const response = await send('POST', '/api/session/refresh', {}, undefined)
    if (!response.ok) {
      if (response.status === 401) onSignedOut()
      throw await toError(response)
    }
    setCsrfToken(((await response.json()) as { csrf_token: string }).csrf_token)
    store(refreshedKey, String(Date.now()))
  })
}

/** Another tab may have rotated the token that goes with the cookie: ask for it. */
async function readSession(): Promise<void> {
  const response = await send('GET', '/api/session', {}, undefined)
  if (response.ok) setCsrfToken(((await response.json()) as { csrf_token: string }).csrf_token)
}

let inPage: Promise<void> = Promise.resolve()

async function underLock(work: () => Promise<void>): Promise<void> {
  // Web Locks need a secure context; on plain http from another machine one page still takes turns with itself.
  if (typeof navigator !== 'undefined' && navigator.locks)
    return navigator.locks.request('duebook.session', work)
  const turn = inPage.then(work, work)
  inPage = turn.catch(() => {})
  return turn
}

async function codeOf(response: Response): Promise<string> {
  return (
    (
      (await response
        .clone()
        .json()
        .catch(() => ({}))) as Problem
    ).code ?? ''
  )
}

async function readBody(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  return type.includes('json') ? response.json() : response.text()
}

async function toError(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Problem
  const requestId = body.request_id ?? response.headers.get('x-request-id') ?? undefined
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiError(
    response.status,
    { ...body, request_id: requestId },
    Number.isFinite(wait) ? wait : undefined,
  )
}

function randomId(): string {
  return (
    crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('')
  )
}

function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Private windows may refuse; then each tab refreshes for itself inside the server's grace.
  }
}

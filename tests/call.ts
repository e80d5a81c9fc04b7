import type { LightMyRequestResponse } from 'fastify'
import type { TestApp } from './app.ts'
import { password } from './given.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'
export type Target = `${Method} /${string}`

export type CallOptions = {
  /** Whoever calls: a person of `given`, or a browser. */
  as?: { headers: Record<string, string> } | undefined
  json?: unknown
  form?: Record<string, string> | undefined
  query?: Record<string, string> | undefined
  headers?: Record<string, string | undefined> | undefined
  ip?: string | undefined
}
export type Answer = {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any
  headers: LightMyRequestResponse['headers']
  raw: LightMyRequestResponse
}

/** One call of the API: `call(test, 'PUT /api/users/4', { as: dora, json: { … } })`. */
export async function call({ app }: TestApp, target: Target, options: CallOptions = {}): Promise<Answer> {
  const [method, url] = target.split(' ', 2) as [Method, string]
  const { as, json, form, query, headers, ip } = options
  const payload =
    form !== undefined
      ? {
          payload: new URLSearchParams(form).toString(),
          type: { 'content-type': 'application/x-www-form-urlencoded' },
        }
      : json !== undefined
        ? { payload: JSON.stringify(json), type: { 'content-type': 'application/json' } }
        : {}
  const raw = await app.inject({
    method,
    url,
    ...(query ? { query } : {}),
    headers: given({ ...payload.type, ...as?.headers, ...headers }),
    ...(payload.payload === undefined ? {} : { payload: payload.payload }),
    ...(ip ? { remoteAddress: ip } : {}),
  })
  return { status: raw.statusCode, body: parsed(raw), headers: raw.headers, raw }
}

const given = (headers: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))

function parsed(raw: LightMyRequestResponse): unknown {
  if (raw.body === '') return undefined
  return /json/.test(String(raw.headers['content-type'])) ? JSON.parse(raw.body) : raw.body
}

/** A signed-in browser: its cookies and the header that unsafe calls carry. */
export type Browser = {
  headers: { cookie: string; 'x-csrf-token': string }
  cookies: Record<string, string>
  csrf: string
  me: Record<string, unknown>
}

export async function browser(
  test: TestApp,
  identifier: string,
  input: { password?: string; code?: string; headers?: Record<string, string> } = {},
): Promise<Browser> {
  const answer = await call(test, 'POST /api/session', {
    json: { identifier, password: input.password ?? password, code: input.code },
    headers: input.headers,
  })
  if (answer.status !== 200)
    throw new Error(`Signing ${identifier} in answered ${answer.status}: ${answer.raw.body}`)
  return browserOf(answer)
}

/** The browser after an answer that sets cookies. */
export function browserOf(answer: Answer): Browser {
  const cookies = Object.fromEntries(answer.raw.cookies.map(({ name, value }) => [name, value]))
  const cookie = Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
  const csrf = answer.body.csrf_token
  return { headers: { cookie, 'x-csrf-token': csrf }, cookies, csrf, me: answer.body }
}

/** An answer without what differs from call to call. */
export const normal = ({ status, body }: Answer) => ({
  status,
  body: body && typeof body === 'object' ? { ...body, request_id: undefined } : body,
})

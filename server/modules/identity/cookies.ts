import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../core/config.ts'
import { type Keyring, sameBytes } from '../../core/crypto.ts'
import { Refusal } from '../../core/errors.ts'
import { fromOurPages } from '../../core/origin.ts'
import type { Tokens } from './sessions.ts'

// The web app's session travels in cookies, which browsers send by themselves: each is guarded.

/** `__Host-` binds a cookie to this host over TLS; plain HTTP on a loopback address cannot carry it. */
export const cookieNames = (secure: boolean) => {
  const prefix = secure ? '__Host-' : ''
  return { access: `${prefix}duebook_access`, refresh: `${prefix}duebook_refresh` }
}
export const csrfToken = (keys: Keyring, sessionId: number) =>
  keys.mac('csrf', String(sessionId)).toString('base64url')

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A cookie travels by itself, so an unsafe call must also come from our own pages and carry the session's CSRF token. */
export function checkCsrf(request: FastifyRequest, keys: Keyring, config: Config, sessionId: number) {
  if (safeMethods.has(request.method)) return
  const sent = request.headers['x-csrf-token']
  const right =
    typeof sent === 'string' && sameBytes(Buffer.from(sent), Buffer.from(csrfToken(keys, sessionId)))
  if (!right || !fromOurPages(request, config)) {
    throw new Refusal(
      403,
      'csrf_refused',
      'This call did not come from a page of this server. Reload the page and try again.',
    )
  }
}

const WEEK = 7 * 24 * 3_600

/** The refresh cookie travels only to the session routes; scripts can read neither. */
export function setCookies(request: FastifyRequest, reply: FastifyReply, tokens: Tokens) {
  const secure = request.protocol === 'https'
  const names = cookieNames(secure)
  const options = { path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge: WEEK } as const
  reply.setCookie(names.access, tokens.access, options)
  reply.setCookie(names.refresh, tokens.refresh, options)
}
export function clearCookies(request: FastifyRequest, reply: FastifyReply) {
  const secure = request.protocol === 'https'
  for (const name of Object.values(cookieNames(secure)))
    reply.clearCookie(name, { path: '/', httpOnly: true, sameSite: 'strict', secure })
}

/** Signing somebody in from a foreign page would bind their browser to a stranger's account. */
export function refuseForeignPages(request: FastifyRequest, config: Config) {
  if (!fromOurPages(request, config)) {
    throw new Refusal(403, 'csrf_refused', 'This call did not come from a page of this server.')
  }
}

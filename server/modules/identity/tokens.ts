import { errors, jwtVerify, SignJWT } from 'jose'
import { Refusal } from '../../core/errors.ts'

export type AccessClaims = {
  user_id: number
  session_id: number
  tenant_id: number | null
  role: string | null
  expires_at: number
}

const issuer = 'duebook'
const audience = 'duebook-api'
const typ = 'at+jwt'

/** An access token: user, session, organisation and role, nothing else. `seconds` is its life. */
export async function signAccessToken(
  key: Uint8Array,
  claims: Omit<AccessClaims, 'expires_at'>,
  seconds: number,
  now: Date,
): Promise<string> {
  const at = Math.floor(now.getTime() / 1000)
  return new SignJWT({ sid: claims.session_id, tid: claims.tenant_id, role: claims.role })
    .setProtectedHeader({ alg: 'HS256', typ })
    .setSubject(String(claims.user_id))
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(at)
    .setExpirationTime(at + seconds)
    .sign(key)
}

const LENGTH_MAX = 2_000
/** Signatures already checked; a busy client sends the same token hundreds of times a minute. */
const checked = new Map<string, AccessClaims>()
const CHECKED_MAX = 5_000

const refused = (code: 'token_invalid' | 'token_expired', detail: string) =>
  new Refusal(401, code, detail, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
export const tokenExpired = () =>
  refused('token_expired', 'The access token has expired. Refresh it or sign in again.')

export async function readAccessToken(key: Uint8Array, token: string, now: Date): Promise<AccessClaims> {
  const known = checked.get(token)
  if (known) {
    if (known.expires_at <= now.getTime() / 1000) throw tokenExpired()
    return known
  }
  if (token.length > LENGTH_MAX) throw refused('token_invalid', 'The access token is not valid.')
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      typ,
      issuer,
      audience,
      requiredClaims: ['sub', 'sid', 'exp'],
      currentDate: now,
    })
    const claims: AccessClaims = {
      user_id: Number(payload.sub),
      session_id: Number(payload.sid),
      tenant_id: typeof payload.tid === 'number' ? payload.tid : null,
      role: typeof payload.role === 'string' ? payload.role : null,
      expires_at: payload.exp!,
    }
    if (!Number.isSafeInteger(claims.user_id) || !Number.isSafeInteger(claims.session_id))
      throw new TypeError('ids')
    if (checked.size >= CHECKED_MAX) checked.delete(checked.keys().next().value!)
    checked.set(token, claims)
    return claims
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw tokenExpired()
    throw refused('token_invalid', 'The access token is not valid.')
  }
}

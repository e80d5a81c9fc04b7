import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ApiDeps, apiFor, type OwnHttp } from '../../../core/api.ts'
import { notFound, Refusal } from '../../../core/errors.ts'
import { nothing, ok } from '../../../core/schema.ts'
import type { SystemScope } from '../../../core/scope.ts'
import { demoSignIns } from '../../tenancy/demo.ts'
import { type Account, readAccount } from '../account.ts'
import { homeOf } from '../memberships.ts'
import { allPermissions, isPermission } from '../permissions.ts'
import { acceptInvitation, readInvitation, requestToJoin } from '../registration.ts'
import * as shape from '../schemas.ts'
import {
  cookieNames,
  csrfToken,
  type Door,
  endSessionOfRefresh,
  endSessions,
  openSession,
  refreshSession,
  type Tokens,
} from '../sessions.ts'
import { enterBy } from './doors.ts'

const WEEK = 7 * 24 * 3_600

/** The refresh cookie travels only to the session routes; scripts can read neither. */
export function setCookies(request: FastifyRequest, reply: FastifyReply, tokens: Tokens) {
  const secure = request.protocol === 'https'
  const names = cookieNames(secure)
  const options = { path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge: WEEK } as const
  reply.setCookie(names.access, tokens.access, options)
  reply.setCookie(names.refresh, tokens.refresh, options)
}
function clearCookies(request: FastifyRequest, reply: FastifyReply) {
  const secure = request.protocol === 'https'
  for (const name of Object.values(cookieNames(secure)))
    reply.clearCookie(name, { path: '/', httpOnly: true, sameSite: 'strict', secure })
}

/** The signed-in person as the web app knows them. */
export async function readMe(
  system: SystemScope,
  deps: ApiDeps,
  userId: number,
  tenantId: number | null,
  sessionId: number,
): Promise<shape.Me> {
  const account = await readAccount(system, userId, tenantId)
  const required = await secondFactorRequired(system, account)
  const permissions =
    account.is_superuser && tenantId
      ? [...allPermissions]
      : [...new Set(account.roles.flatMap((role) => role.permissions).filter(isPermission))]
  const inside = account.tenant !== null
  return {
    id: account.id,
    username: account.username,
    email: account.email,
    full_name: account.full_name,
    phone_number: account.phone_number,
    is_superuser: account.is_superuser,
    tenant: account.tenant,
    tenants: account.tenants,
    roles: account.roles.map(({ code, name }) => ({ code, name })),
    permissions: inside ? permissions : [],
    second_factor: { enabled: account.has_second_factor, required },
    csrf_token: csrfToken(deps.keys, sessionId),
    pending:
      required && !account.has_second_factor
        ? 'second_factor_enrolment'
        : inside || account.is_superuser
          ? null
          : 'no_organisation',
  }
}

async function secondFactorRequired(system: SystemScope, account: Account): Promise<boolean> {
  if (!account.tenant || account.roles.length === 0) return false
  const row = await system.db
    .selectFrom('roles')
    .select('id')
    .where('tenant_id', '=', account.tenant.id)
    .where(
      'id',
      'in',
      account.roles.map((role) => role.id),
    )
    .where('requires_second_factor', '=', true)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Moves the caller into an organisation with a session of its own. A cookie session is replaced; a bearer client
 * gets tokens and keeps what it has.
 */
export async function openIn(
  system: SystemScope,
  deps: ApiDeps,
  http: Pick<OwnHttp, 'request' | 'reply' | 'who'>,
  tenantId: number,
): Promise<Tokens> {
  const { request, reply, who } = http
  const home = await homeOf(system, who.user_id, tenantId)
  const tokens = await openSession(system, deps, {
    user_id: who.user_id,
    tenant_id: tenantId,
    door: (who.via === 'cookie' ? 'web' : who.door) as Door,
    ip: request.ip,
    user_agent: request.headers['user-agent'],
    role: home?.tenant_id === tenantId ? home.role : null,
  })
  if (who.via === 'cookie') {
    if (who.session_id) await endSessions(system, [who.session_id], 'moved to another organisation')
    setCookies(request, reply, tokens)
  }
  return tokens
}

/** The web app's session: cookies with a CSRF token, short access, rotating refresh. */
export function webRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Web session')
  const door = { access: 'public', door: true, idempotent: false } as const

  api.own.post(
    '/api/session',
    { ...door, summary: 'Sign in with cookies', body: shape.WebSignIn, reply: shape.Me },
    async ({ body }, http) => {
      refuseForeignPages(http.request, deps)
      const entered = await enterBy(deps, http, 'web', body)
      setCookies(http.request, http.reply, entered.tokens)
      return http.asSystem((system) =>
        readMe(system, deps, entered.user_id, entered.tenant_id, entered.tokens.session_id),
      )
    },
  )

  api.open.get(
    '/api/session',
    { access: 'signed-in', summary: 'The session that is open', reply: shape.Me },
    (system, _input, { who }) => {
      if (!who!.session_id) throw notFound('Session')
      return readMe(system, deps, who!.user_id, who!.tenant?.id ?? null, who!.session_id)
    },
  )

  api.open.get(
    '/api/session/options',
    { access: 'public', summary: 'What the sign-in page offers', reply: shape.SessionOptions },
    async (system) => ({
      signup: deps.config.signup,
      // Shown to whoever opens the page, so only while the page is this machine's own.
      demo: deps.config.demo.forced ? null : await demoSignIns(system, deps),
    }),
  )

  api.own.post(
    '/api/session/refresh',
    { ...door, summary: 'Renew the cookies', reply: shape.Me },
    async (_input, http) => {
      refuseForeignPages(http.request, deps)
      const token = http.request.cookies[cookieNames(http.request.protocol === 'https').refresh]
      if (!token) throw new Refusal(401, 'not_signed_in', 'Sign in first.')
      const tokens = await http.asSystem((system) => refreshSession(system, deps, token))
      setCookies(http.request, http.reply, tokens)
      return http.asSystem((system) =>
        readMe(system, deps, tokens.user_id, tokens.tenant_id, tokens.session_id),
      )
    },
  )

  api.open.delete(
    '/api/session',
    { access: 'public', summary: 'Sign out', status: 204, reply: nothing },
    async (system, _input, { request, reply, who }) => {
      refuseForeignPages(request, deps)
      if (who?.session_id) await endSessions(system, [who.session_id], 'signed out')
      // The access cookie may have run out meanwhile; the refresh cookie still opens the session, so that ends too.
      const refresh = request.cookies[cookieNames(request.protocol === 'https').refresh]
      if (refresh) await endSessionOfRefresh(system, refresh, 'signed out')
      clearCookies(request, reply)
      return null
    },
  )

  api.open.post(
    '/api/session/switch',
    {
      access: 'signed-in',
      session: true,
      idempotent: false,
      summary: 'Open another of my organisations',
      body: shape.SwitchBody,
      reply: shape.Me,
    },
    async (system, { body }, http) => {
      const who = http.who!
      const home = await homeOf(system, who.user_id, body.tenant_id)
      if (home?.tenant_id !== body.tenant_id) throw notFound('Organisation')
      const tokens = await openIn(system, deps, { ...http, who }, body.tenant_id)
      await system.db
        .updateTable('users')
        .set({ last_tenant_id: body.tenant_id })
        .where('id', '=', who.user_id)
        .execute()
      return readMe(system, deps, who.user_id, body.tenant_id, tokens.session_id)
    },
  )

  api.open.get(
    '/api/invitations/:token',
    {
      access: 'public',
      door: true,
      summary: 'What an invitation link offers',
      params: shape.InvitationParams,
      reply: shape.InvitationRead,
    },
    (system, { params }) => readInvitation(system, params.token),
  )
  api.open.post(
    '/api/invitations/:token/accept',
    {
      ...door,
      summary: 'Accept an invitation',
      params: shape.InvitationParams,
      body: shape.AcceptBody,
      reply: shape.Me,
    },
    async (system, { params, body }, http) => {
      const joined = await acceptInvitation(
        system,
        params.token,
        body ?? null,
        http.who?.session_id ? http.who.user_id : null,
      )
      const who = {
        ...(http.who ?? { session_id: null, door: 'web' }),
        user_id: joined.user_id,
        via: 'cookie',
      } as OwnHttp['who']
      const tokens = await openIn(system, deps, { ...http, who }, joined.tenant_id)
      return readMe(system, deps, joined.user_id, joined.tenant_id, tokens.session_id)
    },
  )

  api.open.post(
    '/api/organisations/join',
    {
      access: 'signed-in',
      session: true,
      summary: 'Ask to be let into an organisation',
      body: shape.JoinBody,
      reply: ok,
      status: 202,
    },
    async (system, { body }, { who }) => {
      await requestToJoin(system, who!.user_id, body.code)
      return { message: 'If there is an organisation of that code, its administrators now see your request.' }
    },
  )
}

/** Signing somebody in from a foreign page would bind their browser to a stranger's account. */
function refuseForeignPages(request: FastifyRequest, deps: ApiDeps) {
  const { origin } = request.headers
  const ours =
    origin === undefined ||
    origin === `${request.protocol}://${request.host}` ||
    deps.config.frontendOrigins.includes(origin)
  if (!ours || request.headers['sec-fetch-site'] === 'cross-site') {
    throw new Refusal(403, 'csrf_refused', 'This call did not come from a page of this server.')
  }
}

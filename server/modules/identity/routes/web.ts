import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../../core/api.ts'
import { notFound, Refusal } from '../../../core/errors.ts'
import { nothing, ok } from '../../../core/schema.ts'
import { demoSignIns } from '../../tenancy/demo.ts'
import { clearCookies, cookieNames, refuseForeignPages, setCookies } from '../cookies.ts'
import { acceptInvitation, readInvitation } from '../invitations.ts'
import { requestToJoin } from '../join-requests.ts'
import * as shape from '../schemas.ts'
import { endSessionOfRefresh, endSessions, refreshSession } from '../sessions.ts'
import { enterBy } from '../sign-in.ts'
import { enterAs, readMe, switchTo } from '../web-session.ts'

/** The web app's session: cookies with a CSRF token, short access, rotating refresh. */
export function webRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Web session')
  const door = { access: 'public', door: true, idempotent: false } as const

  api.own.post(
    '/api/session',
    { ...door, summary: 'Sign in with cookies', body: shape.WebSignIn, reply: shape.Me },
    async ({ body }, http) => {
      refuseForeignPages(http.request, deps.config)
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
      refuseForeignPages(http.request, deps.config)
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
      refuseForeignPages(request, deps.config)
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
      reply: shape.MeMaybeTokens,
    },
    async (system, { body }, http) => {
      const me = await switchTo(system, deps, { ...http, who: http.who! }, body.tenant_id)
      if (!me) throw notFound('Organisation')
      return me
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
      reply: shape.MeMaybeTokens,
    },
    async (system, { params, body }, http) => {
      refuseForeignPages(http.request, deps.config)
      const joined = await acceptInvitation(
        system,
        params.token,
        body ?? null,
        http.who?.session_id ? http.who.user_id : null,
      )
      return enterAs(system, deps, http, joined.user_id, joined.tenant_id)
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

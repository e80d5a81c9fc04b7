import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor } from '../../../core/api.ts'
import { Refusal } from '../../../core/errors.ts'
import { ok } from '../../../core/schema.ts'
import { debtorsUser, meOf, outstandingUser, readAccount, trackerUser } from '../account.ts'
import { askForReset, resetPassword } from '../password-resets.ts'
import { changeOwn } from '../profile.ts'
import { register } from '../registration.ts'
import * as shape from '../schemas.ts'
import { endSessions, refreshSession } from '../sessions.ts'
import { enterBy, InactiveAccount, type SignedIn } from '../sign-in.ts'
import { bearerOf } from '../web-session.ts'

const bearer = ({ tokens }: Pick<SignedIn, 'tokens'>) => bearerOf(tokens)

const isJson = (request: FastifyRequest) => request.headers['content-type']?.includes('json') ?? false
const formOrJson = ['application/x-www-form-urlencoded', 'application/json']

/** The sign-in doors of the AR Tracker, FinSentry, the Outstanding Tracker and the pharmacy clients. */
export function doorRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Sign-in', 'tracker')
  const door = { access: 'public', door: true, idempotent: false } as const

  api.own.post(
    '/api/auth/token',
    {
      ...door,
      summary: 'Sign in with user name or e-mail (OAuth2 password form, or JSON)',
      consumes: formOrJson,
      body: shape.TokenForm,
      reply: shape.TokenAnswer,
    },
    async ({ body }, http) => {
      const entered = await enterBy(deps, http, 'tracker', { ...body, identifier: body.username }).catch(
        inactiveAs(400),
      )
      return { ...bearer(entered), user: trackerUser(entered.account) }
    },
  )

  api.own.post(
    '/api/auth/login',
    {
      ...door,
      // FinSentry's client sends a form and reads FastAPI's errors, the Outstanding Tracker's sends JSON and reads Express's.
      family: (request) => (isJson(request) ? 'outstanding' : 'finsentry'),
      summary: 'Sign in (form: FinSentry; JSON with email and password: Outstanding Tracker)',
      consumes: formOrJson,
      body: shape.LoginBody,
      reply: shape.LoginAnswer,
    },
    async ({ body }, http) => {
      const withoutRefresh = isJson(http.request) && body.email !== undefined
      const entered = await enterBy(deps, http, withoutRefresh ? 'outstanding' : 'finsentry', {
        ...body,
        identifier: (body.email ?? body.username)!,
      }).catch((error) => {
        throw error instanceof Refusal && error.code === 'invalid_credentials'
          ? new Refusal(401, error.code, 'Invalid email or password.', error.extra)
          : error
      })
      return { ...bearer(entered), token: entered.tokens.access, user: outstandingUser(entered.account) }
    },
  )

  api.open.post(
    '/api/auth/register',
    {
      ...door,
      idempotent: true,
      family: 'finsentry',
      summary: 'Register a person; an organisation lets them in',
      body: shape.FinsentryRegistration,
      reply: shape.MeAnswer,
      status: 201,
    },
    async (system, { body }) => {
      const id = await register(system, { ...body, full_name: body.full_name ?? '' }, deps.config.signup)
      return meOf(await readAccount(system, id, null))
    },
  )

  api.open.post(
    '/api/auth/refresh',
    {
      ...door,
      family: 'finsentry',
      summary: 'Swap a refresh token for new tokens',
      query: z.object({ refresh_token: z.string().max(200).optional() }),
      body: z.object({ refresh_token: z.string().max(200).optional() }).nullish(),
      reply: shape.RefreshAnswer,
    },
    async (system, { query, body }) => {
      const token = body?.refresh_token ?? query.refresh_token
      if (!token)
        throw new Refusal(422, 'refresh_token_missing', 'Send refresh_token.', {
          issues: [{ in: 'query', path: 'refresh_token', message: 'Field required', code: 'missing' }],
        })
      return bearer({ tokens: await refreshSession(system, deps, token) })
    },
  )

  api.open.get(
    '/api/auth/me',
    { access: 'signed-in', family: 'finsentry', summary: 'Who is signed in', reply: shape.MeAnswer },
    async (system, _input, { who }) => meOf(await readAccount(system, who!.user_id, who!.tenant?.id ?? null)),
  )
  api.open.put(
    '/api/auth/me',
    {
      access: 'signed-in',
      session: true,
      family: 'finsentry',
      summary: 'Change own name, address or password',
      body: shape.MeChanges,
      reply: shape.MeAnswer,
    },
    async (system, { body }, { who }) => {
      await changeOwn(system, who!, { ...body, new_password: body.password, password: body.old_password })
      return meOf(await readAccount(system, who!.user_id, who!.tenant?.id ?? null))
    },
  )
  api.open.post(
    '/api/auth/logout',
    { access: 'signed-in', family: 'finsentry', summary: 'End this session', reply: ok },
    async (system, _input, { who }) => {
      if (who!.session_id) await endSessions(system, [who!.session_id], 'signed out')
      return { message: 'Successfully logged out' }
    },
  )

  api.open.post(
    '/api/auth/forgot-password',
    {
      ...door,
      family: 'ours',
      summary: 'Ask for a password reset',
      body: shape.ForgotPassword,
      reply: ok,
      status: 202,
    },
    async (system, { body }) => {
      await askForReset(system, body.email)
      return {
        message:
          'If this address is known, an administrator of its organisation can now pass on a reset link.',
      }
    },
  )
  api.open.post(
    '/api/auth/reset-password',
    {
      ...door,
      family: 'ours',
      summary: 'Choose a new password with a reset link',
      body: shape.ResetPassword,
      reply: ok,
    },
    async (system, { body }) => {
      await resetPassword(system, body.token, body.new_password)
      return { message: 'The password was changed. Sign in with it.' }
    },
  )

  api.own.post(
    '/auth/login',
    {
      ...door,
      family: 'debtors',
      exact: true,
      summary: 'Sign in (pharmacy clients)',
      body: shape.DebtorsLogin,
      reply: shape.DebtorsSession,
    },
    async ({ body }, http) => {
      const entered = await enterBy(deps, http, 'debtors', { ...body, identifier: body.username })
      return { ...bearer(entered), user: debtorsUser(entered.account) }
    },
  )
}

/** Each document names its own status for an account that was switched off. */
const inactiveAs = (status: number) => (error: unknown) => {
  throw error instanceof InactiveAccount ? new InactiveAccount(status) : error
}

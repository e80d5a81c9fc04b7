import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor } from '../../../core/api.ts'
import { sha256 } from '../../../core/crypto.ts'
import { Refusal } from '../../../core/errors.ts'
import { ok } from '../../../core/schema.ts'
import { posightfulUser, readAccount } from '../account.ts'
import { changeOwn } from '../profile.ts'
import { register } from '../registration.ts'
import * as shape from '../schemas.ts'
import { endSessions, openSession, refreshSession, type Tokens } from '../sessions.ts'
import { enterBy } from '../sign-in.ts'

const sessionOf = (tokens: Pick<Tokens, 'access' | 'refresh'>) => ({
  tokens: { refresh: tokens.refresh, access: tokens.access },
  refresh: tokens.refresh,
  access: tokens.access,
})

/** POSightful's doors. Their paths end in a slash; /auth/login without it is the pharmacy clients'. */
export function posightfulRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'POSightful sign-in', 'posightful')
  const door = { access: 'public', door: true } as const

  api.open.post(
    '/auth/register/',
    {
      ...door,
      summary: 'Create an account; an organisation lets it in',
      body: shape.PosightfulRegistration,
      reply: shape.PosightfulSession,
      status: 201,
    },
    async (system, { body }, { request }) => {
      const id = await register(system, { ...body, full_name: body.full_name ?? '' }, deps.config.signup)
      const tokens = await openSession(system, deps, {
        user_id: id,
        tenant_id: null,
        door: 'posightful',
        ip: request.ip,
        user_agent: request.headers['user-agent'],
        role: null,
      })
      return {
        user: posightfulUser(await readAccount(system, id, null)),
        ...sessionOf(tokens),
        message: 'User registered successfully',
      }
    },
  )

  api.own.post(
    '/auth/login/',
    {
      ...door,
      idempotent: false,
      exact: true,
      summary: 'Sign in with user name and password',
      body: shape.PosightfulLogin,
      reply: shape.PosightfulSession,
    },
    async ({ body }, http) => {
      const entered = await enterBy(deps, http, 'posightful', { ...body, identifier: body.username }).catch(
        (error) => {
          if (!(error instanceof Refusal) || error.status === 429 || error.status >= 500) throw error
          const detail = error.code === 'invalid_credentials' ? 'Invalid username or password.' : error.detail
          throw new Refusal(400, error.code, detail, { drfKey: 'non_field_errors' })
        },
      )
      return {
        user: posightfulUser(entered.account),
        ...sessionOf(entered.tokens),
        message: 'Login successful',
      }
    },
  )

  api.open.post(
    '/auth/logout/',
    {
      access: 'signed-in',
      summary: 'Sign out and end the refresh token',
      body: z.object({ refresh_token: z.string().max(200).optional() }).nullish(),
      reply: ok,
    },
    async (system, { body }, { who }) => {
      if (!body?.refresh_token)
        throw new Refusal(400, 'refresh_token_missing', 'Refresh token is required', { drfKey: 'error' })
      const row = await system.db
        .selectFrom('refresh_tokens')
        .innerJoin('sessions', 'sessions.id', 'refresh_tokens.session_id')
        .select('sessions.id')
        .where('refresh_tokens.token_hash', '=', sha256(body.refresh_token))
        .where('sessions.user_id', '=', who!.user_id)
        .where('sessions.ended_at', 'is', null)
        .executeTakeFirst()
      if (!row)
        throw new Refusal(400, 'refresh_token_invalid', 'Token is invalid or expired', { drfKey: 'error' })
      await endSessions(system, [row.id], 'signed out')
      return { message: 'Logout successful' }
    },
  )

  api.open.post(
    '/auth/token/refresh/',
    {
      ...door,
      idempotent: false,
      summary: 'Swap a refresh token for new tokens',
      body: z.object({ refresh: z.string().max(200) }),
      reply: z.object({ access: z.string(), refresh: z.string() }),
    },
    async (system, { body }) => {
      const { access, refresh } = await refreshSession(system, deps, body.refresh).catch((error) => {
        if (!(error instanceof Refusal) || error.status !== 401) throw error
        throw new Refusal(401, 'token_not_valid', 'Token is invalid or expired', {
          ...error.extra,
          body: { code: 'token_not_valid' },
        })
      })
      return { access, refresh }
    },
  )

  api.open.get(
    '/auth/profile/',
    { access: 'signed-in', summary: 'Own profile', reply: shape.PosightfulUser },
    async (system, _input, { who }) =>
      posightfulUser(await readAccount(system, who!.user_id, who!.tenant?.id ?? null)),
  )

  api.open.post(
    '/auth/change-password/',
    {
      access: 'signed-in',
      session: true,
      summary: 'Change own password',
      body: shape.PosightfulPasswordChange,
      reply: ok,
    },
    async (system, { body }, { who }) => {
      await changeOwn(
        system,
        who!,
        { new_password: body.new_password, password: body.old_password },
        'old_password',
        400,
      )
      return { message: 'Password changed successfully' }
    },
  )
}

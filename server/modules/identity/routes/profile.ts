import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../../core/api.ts'
import { idParams, nothing, ok } from '../../../core/schema.ts'
import type { SystemScope } from '../../../core/scope.ts'
import { createApiKey, listApiKeys, revokeApiKey } from '../api-keys.ts'
import { recordEverywhere } from '../memberships.ts'
import { changeOwn, endOwnSession, listOwnSessions } from '../profile.ts'
import * as shape from '../schemas.ts'
import { beginSecondFactor, confirmSecondFactor, disableSecondFactor } from '../second-factor.ts'
import { forgetSessions } from '../seen-sessions.ts'

const readProfile = (system: SystemScope, userId: number) =>
  system.db
    .selectFrom('users')
    .select(['id', 'username', 'email', 'full_name', 'phone_number'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()

/** The signed-in person's own account: name, password, devices, second factor, API keys. */
export function profileRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Profile')
  const mine = { access: 'signed-in', session: true } as const

  api.open.get(
    '/api/profile',
    { ...mine, summary: 'Own account', reply: shape.Profile },
    (system, _input, { who }) => readProfile(system, who!.user_id),
  )
  api.open.put(
    '/api/profile',
    {
      ...mine,
      summary: 'Change own account; a new address needs the password',
      body: shape.ProfileChanges,
      reply: shape.Profile,
    },
    async (system, { body }, { who }) => {
      await changeOwn(system, who!, body, 'password')
      return readProfile(system, who!.user_id)
    },
  )
  api.open.post(
    '/api/profile/password',
    { ...mine, summary: 'Change own password', body: shape.PasswordChange, reply: ok },
    async (system, { body }, { who }) => {
      await changeOwn(system, who!, { new_password: body.new_password, password: body.old_password })
      return { message: 'The password was changed; your other devices are signed out.' }
    },
  )

  api.open.get(
    '/api/profile/sessions',
    { ...mine, summary: 'Devices that are signed in', reply: shape.SessionList },
    async (system, _input, { who }) => ({
      items: await listOwnSessions(system, who!),
    }),
  )
  api.open.delete(
    '/api/profile/sessions/:id',
    { ...mine, summary: 'Sign a device out', params: idParams, status: 204, reply: nothing },
    async (system, { params }, { who }) => {
      await endOwnSession(system, who!, params.id)
      return null
    },
  )

  api.open.post(
    '/api/profile/second-factor',
    { ...mine, summary: 'Begin setting up a second factor', reply: shape.SecondFactorBegun },
    async (system, _input, { who }) => {
      return beginSecondFactor(system, deps.keys, await readProfile(system, who!.user_id))
    },
  )
  api.open.post(
    '/api/profile/second-factor/confirm',
    {
      ...mine,
      summary: 'Confirm the second factor with a code',
      body: shape.CodeBody,
      reply: shape.RecoveryCodes,
    },
    async (system, { body }, { who }) => {
      const recovery_codes = await confirmSecondFactor(system, deps.keys, who!.user_id, body.code)
      await recordEverywhere(system, who!.user_id, 'user.second_factor_enabled')
      forgetSessions()
      return { recovery_codes }
    },
  )
  api.open.post(
    '/api/profile/second-factor/disable',
    { ...mine, summary: 'Turn the second factor off', body: shape.DisableSecondFactor, reply: ok },
    async (system, { body }, { who }) => {
      await disableSecondFactor(system, deps.keys, who!.user_id, body)
      await recordEverywhere(system, who!.user_id, 'user.second_factor_disabled')
      forgetSessions()
      return { message: 'The second factor is off.' }
    },
  )

  api.get(
    '/api/profile/api-keys',
    { access: 'member', session: true, summary: 'Own API keys', reply: shape.ApiKeyList },
    async (scope) => ({ items: await listApiKeys(scope) }),
  )
  api.post(
    '/api/profile/api-keys',
    {
      access: 'member',
      session: true,
      summary: 'Make an API key; it is shown once',
      body: shape.NewApiKey,
      reply: shape.ApiKeyMade,
      status: 201,
    },
    (scope, { body }) => createApiKey(scope, body),
  )
  api.delete(
    '/api/profile/api-keys/:id',
    {
      access: 'member',
      session: true,
      summary: 'Revoke an API key',
      params: idParams,
      status: 204,
      reply: nothing,
    },
    async (scope, { params }) => {
      await revokeApiKey(scope, params.id)
      return null
    },
  )
}

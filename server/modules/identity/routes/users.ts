import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor, expectVersion, sendVersion } from '../../../core/api.ts'
import { forbidden, Refusal } from '../../../core/errors.ts'
import { idParams, ok } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import type { Who } from '../../../core/who.ts'
import { outstandingRole, trackerRoles } from '../account.ts'
import { takeTurn } from '../administrators.ts'
import { rolePresets } from '../presets.ts'
import * as shape from '../schemas.ts'
import { createUser, getUser, listUsers, removeUser, type UserRow, updateUser } from '../users.ts'

const trackerShape = (user: UserRow) => ({
  id: user.id,
  username: user.username,
  email: user.email,
  full_name: user.full_name,
  roles: trackerRoles(user),
  is_active: user.is_active,
})
const teamShape = (user: UserRow) => ({
  ...trackerShape(user),
  id: String(user.id),
  name: user.full_name || user.username,
  role: outstandingRole(user),
  region: user.region?.code ?? null,
  department: user.department?.name ?? null,
  contact: user.phone_number,
})

const outstanding = new Set(
  rolePresets.filter((role) => role.family === 'outstanding').map((role) => role.code),
)
const tracker = new Set(rolePresets.filter((role) => role.family === 'tracker').map((role) => role.code))
/**
 * The Outstanding Tracker's roles see the team hierarchy; somebody with an AR Tracker role as well is answered as there.
 * An API key has scopes, not roles.
 */
const seesTeam = (who: Who) =>
  who.api_key_id === null &&
  who.role_codes.some((code) => outstanding.has(code)) &&
  !who.role_codes.some((code) => tracker.has(code))

/** Query parameters and a bare array of role names, or one JSON object: the object wins, field by field. */
function merged<Q extends object>(query: Q, body: z.output<typeof shape.NewUserBody> | null | undefined) {
  const { role_names, roles, ...fields } =
    Array.isArray(body) || !body ? { role_names: body ?? undefined } : body
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return { ...query, ...given, roles: role_names ?? roles } as Q & {
    username?: string
    roles: string[] | undefined
  }
}

function required(fields: Record<string, string | undefined>) {
  const missing = Object.keys(fields).filter((key) => !fields[key])
  if (missing.length === 0) return
  throw new Refusal(422, 'missing', `Field required: ${missing.join(', ')}.`, {
    issues: missing.map((path) => ({ in: 'query', path, message: 'Field required', code: 'missing' })),
  })
}

async function removeAndReassign(scope: Scope, id: number, reassignTo: number | undefined) {
  const user = await getUser(scope, id)
  await removeUser(scope, user, reassignTo ?? null)
  return { message: 'User deleted successfully' }
}

/** Users as the AR Tracker's document has them, which also serve the Outstanding Tracker's team hierarchy. */
export function userRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Users', 'tracker')

  api.post(
    '/api/users',
    {
      access: 'users.write',
      summary: 'Create a user (Operations, Director)',
      query: shape.NewUserQuery,
      body: shape.NewUserBody,
      reply: shape.TrackerUser,
    },
    async (scope, { query, body }) => {
      const { username, email, full_name, password, roles } = merged(query, body)
      required({ username, email, password })
      const user = await createUser(scope, {
        username: username!,
        email: email!,
        full_name,
        password: password!,
        roles: roles ?? [],
        family: 'tracker',
      })
      return trackerShape(user)
    },
  )

  api.get(
    '/api/users',
    {
      access: 'member',
      summary: 'List users',
      query: shape.UserListQuery,
      reply: z.array(z.union([shape.TeamUser, shape.TrackerUserWithState])),
    },
    async (scope, { query }, { who }) => {
      const team = seesTeam(who!)
      if (!team && !scope.may('users.read')) throw forbidden('Only Operations and Directors may list users.')
      const { items } = await listUsers(scope, { offset: query.skip, limit: query.limit, role: query.role })
      return team ? items.map(teamShape) : items.map(trackerShape)
    },
  )

  api.get(
    '/api/users/:id',
    { access: 'member', summary: 'Get a user', params: idParams, reply: shape.TrackerUserWithState },
    async (scope, { params }, http) => {
      if (params.id !== scope.userId && !scope.may('users.read'))
        throw forbidden('Only Operations and Directors may see other users.')
      const user = await getUser(scope, params.id)
      sendVersion(http, user)
      return trackerShape(user)
    },
  )

  api.put(
    '/api/users/:id',
    {
      access: 'users.write',
      summary: 'Change a user (Operations, Director)',
      params: idParams,
      query: shape.UserChangesQuery,
      body: shape.UserChangesBody,
      reply: shape.TrackerUserWithState,
    },
    async (scope, { params, query, body }, http) => {
      await takeTurn(scope)
      const user = await getUser(scope, params.id)
      expectVersion(http, user)
      const updated = await updateUser(scope, user, { ...merged(query, body), family: 'tracker' })
      sendVersion(http, updated)
      return trackerShape(updated)
    },
  )

  api.delete(
    '/api/users/:id',
    {
      access: 'users.write',
      summary: 'Delete a user (Operations, Director)',
      params: idParams,
      query: shape.DeleteUserQuery,
      reply: ok,
    },
    (scope, { params, query }) => removeAndReassign(scope, params.id, query.reassign_to),
  )
}

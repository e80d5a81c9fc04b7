import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor, expectVersion, sendVersion } from '../../../core/api.ts'
import { idParams, nothing, ok, page, paged, pageOf } from '../../../core/schema.ts'
import { takeTurn } from '../administrators.ts'
import { invite, listInvitations, revokeInvitation } from '../invitations.ts'
import { decideJoinRequest, listJoinRequests } from '../join-requests.ts'
import { resetLink } from '../password-resets.ts'
import { permissions } from '../permissions.ts'
import { createRole, getRole, listRoles, removeRole, updateRole } from '../roles.ts'
import * as shape from '../schemas.ts'
import { getUser, listUsers, removeUser, updateUser } from '../users.ts'

const ListQuery = z.object({
  search: z.string().trim().max(200).optional(),
  role: z.string().trim().max(60).optional(),
  status: z.enum(['active', 'inactive']).optional(),
  sort: z.enum(['full_name', 'username', 'email', 'last_login', 'created_at', 'id']).default('full_name'),
  ...page,
})

/** People, invitations, join requests and roles, for the administration pages. */
export function adminRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Administration')
  const { publicUrl } = deps.config

  api.get(
    '/api/admin/users',
    {
      access: 'users.read',
      summary: 'People of the organisation',
      query: ListQuery,
      reply: pageOf(shape.AdminUser),
    },
    async (scope, { query }) => {
      const { items, total } = await listUsers(scope, {
        ...query,
        offset: (query.page - 1) * query.page_size,
        limit: query.page_size,
      })
      return paged(items, total, query)
    },
  )
  api.get(
    '/api/admin/users/:id',
    { access: 'users.read', summary: 'One person', params: idParams, reply: shape.AdminUser },
    async (scope, { params }, http) => {
      const user = await getUser(scope, params.id)
      sendVersion(http, user)
      return user
    },
  )
  api.put(
    '/api/admin/users/:id',
    {
      access: 'users.write',
      summary: 'Change a person',
      params: idParams,
      body: shape.AdminUserChanges,
      reply: shape.AdminUser,
    },
    async (scope, { params, body }, http) => {
      await takeTurn(scope)
      const user = await getUser(scope, params.id)
      expectVersion(http, user)
      const { role_codes, ...changes } = body
      const updated = await updateUser(scope, user, { ...changes, roles: role_codes })
      sendVersion(http, updated)
      return updated
    },
  )
  api.delete(
    '/api/admin/users/:id',
    {
      access: 'users.write',
      summary: 'Take a person out of the organisation',
      params: idParams,
      query: shape.DeleteUserQuery,
      reply: ok,
    },
    async (scope, { params, query }) => {
      await removeUser(scope, await getUser(scope, params.id), query.reassign_to)
      return { message: 'Removed. What they did stays under their name.' }
    },
  )
  api.post(
    '/api/admin/users/:id/reset-link',
    {
      access: 'users.write',
      summary: 'Make a password reset link to pass on',
      params: idParams,
      reply: shape.LinkMade,
    },
    (scope, { params }) => resetLink(scope, params.id, publicUrl),
  )

  api.get(
    '/api/admin/invitations',
    { access: 'users.read', summary: 'Invitations', reply: shape.InvitationList },
    async (scope) => ({ items: await listInvitations(scope) }),
  )
  api.post(
    '/api/admin/invitations',
    {
      access: 'users.write',
      summary: 'Invite somebody; answers the link to pass on',
      body: shape.NewInvitation,
      reply: shape.InvitationMade,
      status: 201,
    },
    (scope, { body }) => invite(scope, body, publicUrl),
  )
  api.delete(
    '/api/admin/invitations/:id',
    {
      access: 'users.write',
      summary: 'Take an invitation back',
      params: idParams,
      status: 204,
      reply: nothing,
    },
    async (scope, { params }) => {
      await revokeInvitation(scope, params.id)
      return null
    },
  )

  api.get(
    '/api/admin/join-requests',
    { access: 'users.read', summary: 'People who ask to be let in', reply: shape.JoinRequestList },
    async (scope) => ({ items: await listJoinRequests(scope) }),
  )
  api.post(
    '/api/admin/join-requests/:id/approve',
    {
      access: 'users.write',
      summary: 'Let somebody in',
      params: idParams,
      body: shape.ApproveBody,
      reply: ok,
    },
    async (scope, { params, body }) => {
      await decideJoinRequest(scope, params.id, 'approved', body.role_codes)
      return { message: 'Let in.' }
    },
  )
  api.post(
    '/api/admin/join-requests/:id/decline',
    { access: 'users.write', summary: 'Decline a request', params: idParams, reply: ok },
    async (scope, { params }) => {
      await decideJoinRequest(scope, params.id, 'declined')
      return { message: 'Declined.' }
    },
  )

  api.get(
    '/api/admin/roles',
    { access: ['roles.read', 'users.read'], summary: 'Roles and what they allow', reply: shape.RoleMatrix },
    async (scope) => ({
      roles: await listRoles(scope),
      permissions: permissions.map((each) => ({ ...each })),
    }),
  )
  api.post(
    '/api/admin/roles',
    { access: 'roles.write', summary: 'Make a role', body: shape.RoleInput, reply: shape.Role, status: 201 },
    (scope, { body }) => createRole(scope, body),
  )
  api.put(
    '/api/admin/roles/:id',
    {
      access: 'roles.write',
      summary: 'Change a role',
      params: idParams,
      body: shape.RoleInput,
      reply: shape.Role,
    },
    async (scope, { params, body }, http) => {
      await takeTurn(scope)
      const role = await getRole(scope, params.id)
      expectVersion(http, role)
      const updated = await updateRole(scope, role, body)
      sendVersion(http, updated)
      return updated
    },
  )
  api.delete(
    '/api/admin/roles/:id',
    {
      access: 'roles.write',
      summary: 'Remove a role nobody has',
      params: idParams,
      status: 204,
      reply: nothing,
    },
    async (scope, { params }) => {
      await removeRole(scope, await getRole(scope, params.id))
      return null
    },
  )
}

import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor } from '../../../core/api.ts'
import { ok } from '../../../core/schema.ts'
import { listUsers } from '../../identity/users.ts'
import * as people from '../people.ts'
import { listPharmacies, openPharmacy } from '../pharmacies.ts'
import * as shape from '../schemas.ts'

/** Who may see which pharmacy: the pharmacy clients' own administration, with a session or a service API key. */
export function pharmacyPeopleRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Debtors', 'debtors')
  const reading = ['users.read', 'debtors.read'] as const

  api.get(
    '/users/:username/pharmacies',
    {
      access: reading,
      summary: 'Pharmacies that somebody may see; of others for those who may see people',
      params: shape.UserParams,
      reply: shape.UserPharmacies,
    },
    async (scope, { params }) => people.wireAccess(scope, await people.memberNamed(scope, params.username)),
  )
  api.post(
    '/users/:username/pharmacies',
    {
      access: 'users.write',
      summary: 'Let somebody read a pharmacy, or write there too',
      params: shape.UserParams,
      body: shape.GrantInput,
      reply: shape.Grant,
    },
    async (scope, { params, body }) =>
      people.grant(scope, await people.memberNamed(scope, params.username), body),
  )
  api.delete(
    '/users/:username/pharmacies/:pharmacy_id',
    { access: 'users.write', summary: 'Close a pharmacy to somebody', params: shape.GrantParams, reply: ok },
    async (scope, { params }) =>
      people.revoke(scope, await people.memberNamed(scope, params.username), params.pharmacy_id),
  )
  api.get(
    '/users/:username/pharmacies/:pharmacy_id/check',
    {
      access: reading,
      summary: 'Whether somebody may read a pharmacy, or write there',
      params: shape.GrantParams,
      query: shape.CheckQuery,
      reply: shape.AccessCheck,
    },
    async (scope, { params, query }) => {
      const user = await people.memberNamed(scope, params.username)
      // One's own lack of access is the answer, not a refusal.
      if (user.id !== scope.userId) await openPharmacy(scope, params.pharmacy_id)
      const access = (await people.accessOf(scope, user)).find(
        (each) => each.pharmacy_id === params.pharmacy_id,
      )
      return {
        user_id: user.id,
        username: user.username,
        pharmacy_id: params.pharmacy_id,
        action: query.action,
        has_access: (query.action === 'write' ? access?.can_write : access?.can_read) ?? false,
      }
    },
  )

  // ---- administration -----------------------------------------------------------------------------------------------
  const list = async (scope: Parameters<typeof listUsers>[0], query: z.output<typeof shape.UserListQuery>) =>
    (
      await listUsers(scope, {
        sort: 'username',
        offset: (query.page - 1) * query.per_page,
        limit: query.per_page,
      })
    ).items
  api.get(
    '/admin/users',
    {
      access: 'users.read',
      summary: 'People (pharmacy clients)',
      query: shape.UserListQuery,
      reply: z.array(shape.PharmacyUser),
    },
    async (scope, { query }) => (await list(scope, query)).map(people.wireUser),
  )
  api.post(
    '/admin/users',
    {
      access: 'users.write',
      summary: 'Add somebody with pharmacies of theirs',
      body: shape.NewPharmacyUser,
      reply: shape.PharmacyUserAccess,
      status: 201,
    },
    async (scope, { body }) => {
      const user = await people.addUser(scope, body)
      return { ...people.wireUser(user), pharmacies: await people.accessOf(scope, user) }
    },
  )
  api.get(
    '/admin/users/access',
    {
      access: 'users.read',
      summary: 'People with the pharmacies of each',
      query: shape.UserListQuery,
      reply: z.array(shape.PharmacyUserAccess),
    },
    async (scope, { query }) => {
      const answer = []
      for (const user of await list(scope, query))
        answer.push({ ...people.wireUser(user), pharmacies: await people.accessOf(scope, user) })
      return answer
    },
  )
  api.get(
    '/admin/users/:user_id',
    {
      access: 'users.read',
      summary: 'One person with their pharmacies',
      params: shape.UserIdParams,
      reply: shape.PharmacyUserAccess,
    },
    async (scope, { params }) => {
      const user = await people.memberOf(scope, params.user_id)
      return { ...people.wireUser(user), pharmacies: await people.accessOf(scope, user) }
    },
  )
  api.put(
    '/admin/users/:user_id',
    {
      access: 'users.write',
      summary: 'Change a person (pharmacy clients)',
      params: shape.UserIdParams,
      body: shape.PharmacyUserChanges,
      reply: shape.PharmacyUserAccess,
    },
    async (scope, { params, body }) => {
      const user = await people.changeUser(scope, params.user_id, body)
      return { ...people.wireUser(user), pharmacies: await people.accessOf(scope, user) }
    },
  )
  api.post(
    '/admin/users/:user_id/pharmacies',
    {
      access: 'users.write',
      summary: 'Let a person read a pharmacy, or write there too',
      params: shape.UserIdParams,
      body: shape.GrantInput,
      reply: shape.Grant,
    },
    async (scope, { params, body }) =>
      people.grant(scope, await people.memberOf(scope, params.user_id), body),
  )
  api.delete(
    '/admin/users/:user_id/pharmacies/:pharmacy_id',
    {
      access: 'users.write',
      summary: 'Close a pharmacy to a person',
      params: shape.UserGrantParams,
      reply: ok,
    },
    async (scope, { params }) =>
      people.revoke(scope, await people.memberOf(scope, params.user_id), params.pharmacy_id),
  )
  api.get(
    '/admin/pharmacies',
    {
      access: 'debtors.read',
      summary: 'Pharmacies, those switched off too',
      reply: z.array(shape.ListedPharmacy),
    },
    (scope) => listPharmacies(scope, { include_inactive: true }),
  )
}

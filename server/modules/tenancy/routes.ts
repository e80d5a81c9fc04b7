import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor, expectVersion, sendVersion } from '../../core/api.ts'
import { forbidden, notFound, Refusal } from '../../core/errors.ts'
import { idParams, nothing, ok } from '../../core/schema.ts'
import { takeTurn } from '../identity/administrators.ts'
import { addMember, findRoles } from '../identity/members.ts'
import { MeMaybeTokens } from '../identity/schemas.ts'
import { bearerOf, enterAs, openIn } from '../identity/web-session.ts'
import { ClearDemo, clearDemo, isDemo } from './demo.ts'
import * as places from './places.ts'
import * as shape from './schemas.ts'
import { createTenant, getSettings, listTenants, updateSettings } from './tenants.ts'

/** Organisations, their settings, regions, departments and outlets. */
export function tenancyRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Organisations')

  // ---- superusers ---------------------------------------------------------------------------------------------------
  const superuser = (who: { is_superuser: boolean } | null) => {
    if (!who?.is_superuser) throw forbidden('Only a superuser may do this.')
  }
  api.open.get(
    '/api/tenants',
    { access: 'signed-in', summary: 'All organisations (superuser)', reply: shape.TenantList },
    async (system, _input, { who }) => {
      superuser(who)
      return { items: await listTenants(system) }
    },
  )
  api.open.post(
    '/api/tenants',
    {
      access: 'signed-in',
      summary: 'Make an organisation (superuser)',
      body: shape.NewTenant,
      reply: shape.Tenant,
      status: 201,
    },
    async (system, { body }, { who }) => {
      superuser(who)
      const scope = await createTenant(system, body, who!.user_id)
      return (await listTenants(system)).find((tenant) => tenant.id === scope.tenantId)!
    },
  )
  api.open.post(
    '/api/tenants/:id/enter',
    {
      access: 'signed-in',
      session: true,
      idempotent: false,
      summary: 'Step into an organisation (superuser); audited there',
      params: idParams,
      reply: shape.Entered,
    },
    async (system, { params }, http) => {
      superuser(http.who)
      const tenant = await system.db
        .selectFrom('tenants')
        .select('id')
        .where('id', '=', params.id)
        .where('is_active', '=', true)
        .executeTakeFirst()
      if (!tenant) throw notFound('Organisation')
      const tokens = await openIn(system, deps, http, http.who!.user_id, params.id)
      const scope = await system.enter(params.id, { user_id: http.who!.user_id })
      await scope.record('organisation.entered', params.id, { by: 'superuser' })
      // In the browser they travel in cookies, out of reach of scripts.
      return { ...(http.who!.via === 'cookie' ? {} : bearerOf(tokens)), tenant: params.id }
    },
  )

  // ---- people who bring their own organisation ----------------------------------------------------------------------
  api.open.post(
    '/api/organisations',
    {
      access: 'signed-in',
      session: true,
      idempotent: false,
      summary: 'Make an organisation of my own',
      body: shape.NewTenant,
      reply: MeMaybeTokens,
      status: 201,
    },
    async (system, { body }, http) => {
      const who = http.who!
      if (deps.config.signup !== 'organisation' && !who.is_superuser) {
        throw new Refusal(
          403,
          'signup_off',
          'New organisations are made by the operator of this server. Ask to join one instead.',
        )
      }
      const scope = await createTenant(system, body, who.user_id)
      const [administrator] = await findRoles(scope, ['tenant_admin'])
      await addMember(scope, who.user_id, { role_ids: [administrator!.id] })
      return enterAs(system, deps, http, who.user_id, scope.tenantId)
    },
  )

  // ---- settings -----------------------------------------------------------------------------------------------------
  api.get(
    '/api/admin/organisation',
    { access: 'settings.read', summary: 'Organisation settings', reply: shape.Settings },
    async (scope, _input, http) => {
      const settings = await getSettings(scope)
      sendVersion(http, settings)
      return settings
    },
  )
  api.put(
    '/api/admin/organisation',
    {
      access: 'settings.write',
      summary: 'Change organisation settings',
      body: shape.SettingsInput,
      reply: shape.Settings,
    },
    async (scope, { body }, http) => {
      await takeTurn(scope)
      expectVersion(http, await getSettings(scope))
      const settings = await updateSettings(scope, body)
      sendVersion(http, settings)
      return settings
    },
  )

  // ---- regions, departments, outlets --------------------------------------------------------------------------------
  const list = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) })
  const reading = { access: ['settings.read', 'users.read'] } as const
  const writing = { access: 'settings.write' } as const

  api.get(
    '/api/admin/regions',
    { ...reading, summary: 'Regions', reply: list(shape.Region) },
    async (scope) => ({ items: await places.listRegions(scope) }),
  )
  api.post(
    '/api/admin/regions',
    { ...writing, summary: 'Add a region', body: shape.RegionInput, reply: shape.Region, status: 201 },
    (scope, { body }) => places.createRegion(scope, body),
  )
  api.post(
    '/api/admin/regions/preset',
    { ...writing, summary: 'Add the 18 preset regions', reply: list(shape.Region) },
    async (scope) => ({ items: await places.addPresetRegions(scope) }),
  )
  api.get(
    '/api/admin/departments',
    { ...reading, summary: 'Departments', reply: list(shape.Department) },
    async (scope) => ({ items: await places.listDepartments(scope) }),
  )
  api.post(
    '/api/admin/departments',
    {
      ...writing,
      summary: 'Add a department',
      body: shape.DepartmentInput,
      reply: shape.Department,
      status: 201,
    },
    (scope, { body }) => places.createDepartment(scope, body),
  )
  api.get(
    '/api/admin/outlets',
    { ...reading, summary: 'Outlets', reply: list(shape.Outlet) },
    async (scope) => ({ items: await places.listOutlets(scope) }),
  )
  api.post(
    '/api/admin/outlets',
    { ...writing, summary: 'Add an outlet', body: shape.OutletInput, reply: shape.Outlet, status: 201 },
    (scope, { body }) => places.createOutlet(scope, body),
  )

  const kinds = [
    ['regions', shape.RegionInput, shape.Region],
    ['departments', shape.DepartmentInput, shape.Department],
    ['outlets', shape.OutletInput, shape.Outlet],
  ] as const
  for (const [kind, input, row] of kinds) {
    api.put(
      `/api/admin/${kind}/:id`,
      {
        ...writing,
        summary: `Change one of the ${kind}`,
        params: idParams,
        body: input as z.ZodType,
        reply: row as z.ZodType,
      },
      async (scope, { params, body }, http) => {
        const before = await places.getPlace(scope, kind, params.id, { toEdit: true })
        expectVersion(http, before)
        const updated = await places.updatePlace<{ version: number }>(scope, kind, before, body as never)
        sendVersion(http, updated)
        return updated
      },
    )
    api.delete(
      `/api/admin/${kind}/:id`,
      { ...writing, summary: `Remove one of the ${kind}`, params: idParams, status: 204, reply: nothing },
      async (scope, { params }) => {
        await places.removePlace(scope, kind, await places.getPlace(scope, kind, params.id))
        return null
      },
    )
  }

  // ---- demo ---------------------------------------------------------------------------------------------------------
  api.get(
    '/api/admin/demo',
    {
      access: 'settings.read',
      summary: 'Whether this is the demo organisation',
      reply: z.object({ is_demo: z.boolean() }),
    },
    async (scope) => ({ is_demo: await isDemo(scope) }),
  )
  api.post(
    '/api/admin/demo/clear',
    {
      access: 'settings.write',
      summary: 'Empty the demo organisation and keep only yourself',
      body: ClearDemo,
      reply: ok,
    },
    async (scope, { body }) => {
      await clearDemo(scope, body)
      return { message: 'The demo is cleared. The organisation is empty and yours.' }
    },
  )
}

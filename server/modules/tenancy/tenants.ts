import { invalidField, notFound } from '../../core/errors.ts'
import type { Scope, SystemScope } from '../../core/scope.ts'
import { addPresetReasons } from '../collections/disputes/reasons.ts'
import { addPresetRoles } from '../identity/roles.ts'
import { forgetSessions } from '../identity/seen-sessions.ts'

export type NewTenant = {
  name: string
  code: string
  currency: string
  timezone: string
  country: string
  is_demo?: boolean
}

/** Makes an organisation with its preset roles and reasons of disputes and answers a scope inside it, acting as `userId`. */
export async function createTenant(system: SystemScope, input: NewTenant, userId: number): Promise<Scope> {
  const taken = await system.db
    .selectFrom('tenants')
    .select('id')
    .where('code', '=', input.code)
    .executeTakeFirst()
  if (taken)
    throw invalidField(
      'code',
      'An organisation of this code exists already. Choose another.',
      'code_taken',
      409,
    )
  const { id } = await system.db
    .insertInto('tenants')
    // India's and South Africa's books do not begin in January; everybody can change theirs in the settings.
    .values({ ...input, financial_year_start: { IN: 4, ZA: 3, GB: 4, JP: 4, AU: 7 }[input.country] ?? 1 })
    .returning('id')
    .executeTakeFirstOrThrow()
  const scope = await system.enter(id, { user_id: userId })
  await addPresetRoles(scope)
  await addPresetReasons(scope)
  await scope.record('organisation.created', id, { name: input.name, code: input.code })
  return scope
}

const columns = [
  'id',
  'name',
  'code',
  'timezone',
  'currency',
  'country',
  'financial_year_start',
  'ageing_buckets',
  'working_days',
  'missing_rule',
  'promise_tolerance_days',
  'version',
] as const

export async function getSettings(scope: Scope) {
  const row = await scope.db
    .selectFrom('tenants')
    .select(columns)
    .where('id', '=', scope.tenantId)
    .executeTakeFirst()
  if (!row) throw notFound('Organisation')
  return row as typeof row & { missing_rule: 'settle' | 'keep' }
}

export type SettingsInput = {
  name: string
  code: string
  timezone: string
  currency: string
  country: string
  financial_year_start: number
  ageing_buckets: number[]
  working_days: number[]
  missing_rule?: 'settle' | 'keep' | undefined
  promise_tolerance_days?: number | undefined
}

export async function updateSettings(scope: Scope, input: SettingsInput) {
  const before = await getSettings(scope)
  const taken = await scope.db
    .selectFrom('tenants')
    .select('id')
    .where('code', '=', input.code)
    .where('id', '<>', scope.tenantId)
    .executeTakeFirst()
  if (taken)
    throw invalidField(
      'code',
      'An organisation of this code exists already. Choose another.',
      'code_taken',
      409,
    )
  const after = await scope.db
    .updateTable('tenants')
    .set((expression) => ({ ...input, version: expression('version', '+', 1), updated_at: scope.now }))
    .where('id', '=', scope.tenantId)
    .returning(columns)
    .executeTakeFirstOrThrow()
    .then((row) => row as typeof row & { missing_rule: 'settle' | 'keep' })
  const keys = Object.keys(input) as (keyof SettingsInput)[]
  const changed = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
  await scope.record('organisation.updated', scope.tenantId, {
    changed: Object.fromEntries(changed.map((key) => [key, { from: before[key], to: after[key] }])),
  })
  forgetSessions()
  return after
}

/** All organisations, for superusers; entering one is a step of its own. */
export async function listTenants(system: SystemScope) {
  return system.db
    .selectFrom('tenants')
    .select(['id', 'name', 'code', 'currency', 'timezone', 'country', 'is_active', 'is_demo', 'created_at'])
    .orderBy('name')
    .execute()
}

/** Whether who asks may not be who approves; null: as soon as there are two who may approve. */
export async function getSegregation(scope: Scope): Promise<boolean | null> {
  const row = await scope.db
    .selectFrom('tenants')
    .select('segregation_of_duties')
    .where('id', '=', scope.tenantId)
    .executeTakeFirstOrThrow()
  return row.segregation_of_duties
}

export async function setSegregation(scope: Scope, segregation_of_duties: boolean | null) {
  await scope.db
    .updateTable('tenants')
    .set((expression) => ({
      segregation_of_duties,
      version: expression('version', '+', 1),
      updated_at: scope.now,
    }))
    .where('id', '=', scope.tenantId)
    .execute()
}

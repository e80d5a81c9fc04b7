import { sql } from 'kysely'
import type { z } from 'zod'
import { expectVersion, type Http } from '../../../core/api.ts'
import { invalidField, notFound, Refusal } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireAssignable } from '../../receivables/assignments.ts'
import { presetReasons } from './rules.ts'
import type { ReasonInput, ReasonOrder } from './schemas.ts'

type Reason = {
  id: number
  parent_id: number | null
  code: string | null
  name: string
  path: string
  level: number
  owner_id: number | null
  owner_name: string | null
  sla_days: number
  position: number
  is_active: boolean
  version: number
}

/** Three levels at most, so that a path is two joins. */
export const reasonPath = sql`concat_ws(' / ', g.name, p.name, r.name)`
export const reasonParents = ({ tenantId }: Scope) => sql`
  left join dispute_reasons p on p.tenant_id = ${tenantId} and p.id = r.parent_id
  left join dispute_reasons g on g.tenant_id = ${tenantId} and g.id = p.parent_id`

async function read(scope: Scope, condition: ReturnType<typeof sql>): Promise<Reason[]> {
  const { rows } = await sql<Reason>`
    select r.id, r.parent_id, r.code, r.name, ${reasonPath} as path, 1 + (p.id is not null)::int + (g.id is not null)::int as level,
           r.owner_id, coalesce(nullif(u.full_name, ''), u.username) as owner_name, r.sla_days, r.position, r.is_active, r.version
      from dispute_reasons r ${reasonParents(scope)}
      left join users u on u.id = r.owner_id
     where r.tenant_id = ${scope.tenantId} and ${condition}
     order by coalesce(g.position, p.position, r.position), coalesce(g.id, p.id, r.id),
              case when g.id is not null then p.position when p.id is not null then r.position else -1 end,
              case when g.id is not null then p.id when p.id is not null then r.id else 0 end,
              case when g.id is not null then r.position else -1 end, r.id`.execute(scope.db)
  return rows
}

/** Reasons in the order of a tree: each below its parent. */
export const listReasons = async (scope: Scope) => ({ items: await read(scope, sql`true`) })

export async function requireReason(scope: Scope, id: number): Promise<Reason> {
  const [reason] = await read(scope, sql`r.id = ${id}`)
  if (!reason) throw notFound('This reason')
  return reason
}

/** What a new organisation begins with. */
export async function addPresetReasons(scope: Scope) {
  await scope.db
    .insertInto('dispute_reasons')
    .values(
      presetReasons.map((reason, at) => ({
        ...reason,
        name_key: reason.name.toLowerCase(),
        position: at + 1,
      })),
    )
    .execute()
}

type Input = z.output<typeof ReasonInput>

export async function createReason(scope: Scope, input: Input) {
  await requireFitting(scope, input, null)
  const { id } = await scope.db
    .insertInto('dispute_reasons')
    .values({
      parent_id: input.parent_id ?? null,
      name: input.name,
      name_key: input.name.toLowerCase(),
      owner_id: input.owner_id ?? null,
      sla_days: input.sla_days,
      position: input.position ?? 100,
      is_active: input.is_active ?? true,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.record('dispute_reason.created', id, { name: input.name })
  return requireReason(scope, id)
}

/** Disputes that have the reason keep it under its new name; their clocks stay as they were set. */
export async function updateReason(scope: Scope, http: Http, id: number, input: Input) {
  await sql`select from dispute_reasons where tenant_id = ${scope.tenantId} and id = ${id} for update`.execute(
    scope.db,
  )
  const before = await requireReason(scope, id)
  expectVersion(http, before)
  await requireFitting(scope, input, before)
  await scope.db
    .updateTable('dispute_reasons')
    .set({
      parent_id: input.parent_id ?? null,
      name: input.name,
      name_key: input.name.toLowerCase(),
      owner_id: input.owner_id ?? null,
      sla_days: input.sla_days,
      position: input.position ?? before.position,
      is_active: input.is_active ?? before.is_active,
      version: before.version + 1,
      updated_at: scope.now,
    })
    .where('id', '=', id)
    .execute()
  await scope.record('dispute_reason.changed', id, { name: [before.name, input.name] })
  return requireReason(scope, id)
}

/** Puts reasons into this order among those of their parent; those that are not named come after. */
export async function orderReasons(scope: Scope, { reason_ids }: z.output<typeof ReasonOrder>) {
  const { items } = await listReasons(scope)
  const known = new Set(items.map(({ id }) => id))
  if (reason_ids.some((id) => !known.has(id))) throw notFound('One of these reasons')
  const wanted = [...new Set([...reason_ids, ...items.map(({ id }) => id)])]
  await sql`
    update dispute_reasons r set position = w.position, version = r.version + 1, updated_at = ${scope.now}
      from unnest(${wanted}::bigint[]) with ordinality as w (id, position)
     where r.tenant_id = ${scope.tenantId} and r.id = w.id and r.position <> w.position`.execute(scope.db)
  await scope.record('dispute_reason.ordered', null, { reason_ids: wanted })
  return listReasons(scope)
}

async function requireFitting(scope: Scope, input: Input, before: Reason | null) {
  if (input.owner_id) await requireAssignable(scope, input.owner_id, 'owner_id')
  const { items } = await listReasons(scope)
  const taken = items.find(
    (one) =>
      one.id !== before?.id &&
      one.parent_id === (input.parent_id ?? null) &&
      one.name.toLowerCase() === input.name.toLowerCase(),
  )
  if (taken)
    throw invalidField('name', 'There is a reason of this name here already. Choose another.', 'taken', 409)
  if (!input.parent_id) return
  const parent = items.find(({ id }) => id === input.parent_id)
  if (!parent) throw invalidField('parent_id', 'There is no such reason.', 'unknown')
  const below = (id: number): number =>
    1 + Math.max(0, ...items.filter(({ parent_id }) => parent_id === id).map((child) => below(child.id)))
  if (before && (parent.id === before.id || parent.parent_id === before.id))
    throw invalidField('parent_id', 'A reason cannot be below itself.', 'circle')
  if (parent.level + (before ? below(before.id) : 1) > 3)
    throw invalidField('parent_id', 'Reasons go three levels deep. Choose one that is higher up.', 'too_deep')
}

/** The reason that new disputes may have. */
export async function usableReason(scope: Scope, id: number): Promise<Reason> {
  const [reason] = await read(scope, sql`r.id = ${id}`)
  if (!reason)
    throw invalidField(
      'reason_id',
      'There is no such reason. Choose one of /api/receivables/dispute-reasons.',
    )
  if (!reason.is_active)
    throw new Refusal(
      409,
      'reason_inactive',
      `The reason ${reason.path} is not used any more. Choose another.`,
    )
  return reason
}

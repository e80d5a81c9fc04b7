import { sql } from 'kysely'
import { expectVersion, type Http } from '../../core/api.ts'
import { notFound, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import type { View, ViewChange, ViewInput } from './schemas.ts'

const VIEWS_MAX = 100

/** One's own first, in one's own order; then what others share. */
async function read(scope: Scope, where: ReturnType<typeof sql>): Promise<View[]> {
  const { rows } = await sql<View>`
    select v.id, v.page as path, v.name, v.query, v.shared, v.user_id = ${scope.userId} as is_mine, v.version,
           json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) as made_by
      from views v join users u on u.id = v.user_id
     where v.tenant_id = ${scope.tenantId} and (v.user_id = ${scope.userId} or v.shared) and ${where}
     order by v.user_id <> ${scope.userId}, v.position, v.id`.execute(scope.db)
  return rows
}

export const listViews = async (scope: Scope, page: string) => ({
  items: await read(scope, sql`v.page = ${page} and v.deleted_at is null`),
})

export async function saveView(scope: Scope, input: ViewInput): Promise<View> {
  const mine = (await listViews(scope, input.path)).items.filter((view) => view.is_mine)
  if (mine.length >= VIEWS_MAX)
    throw new Refusal(409, 'too_many_views', `You have ${VIEWS_MAX} views of this page. Delete one first.`)
  const { id } = await scope.db
    .insertInto('views')
    .values({
      page: input.path,
      name: input.name,
      query: input.query,
      shared: input.shared,
      user_id: scope.userId,
      position: mine.length,
      created_at: scope.now,
      updated_at: scope.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await scope.record('view.saved', id, { path: input.path, name: input.name, shared: input.shared })
  return one(scope, id)
}

async function one(scope: Scope, id: number): Promise<View> {
  return (await read(scope, sql`v.id = ${id}`))[0]!
}

/** One's own. Somebody else's shared view is there, but it is theirs. */
async function own(scope: Scope, id: number, deleted = false): Promise<View> {
  const [view] = await read(
    scope,
    sql`v.id = ${id} and ${deleted ? sql`v.deleted_at is not null and v.user_id = ${scope.userId}` : sql`v.deleted_at is null`}`,
  )
  if (!view) throw notFound('This view')
  if (!view.is_mine)
    throw new Refusal(403, 'not_yours', 'This view is somebody else’s. Save one of your own.')
  return view
}

export async function changeView(scope: Scope, http: Http, id: number, input: ViewChange): Promise<View> {
  const view = await own(scope, id)
  expectVersion(http, view)
  await scope.db
    .updateTable('views')
    .set({ ...input, version: view.version + 1, updated_at: scope.now })
    .where('id', '=', id)
    .execute()
  await scope.record('view.changed', id, input)
  return one(scope, id)
}

export async function deleteView(scope: Scope, id: number): Promise<View> {
  const view = await own(scope, id)
  await mark(scope, id, scope.now)
  await scope.record('view.deleted', id, { path: view.path, name: view.name })
  return view
}

export async function restoreView(scope: Scope, id: number): Promise<View> {
  await own(scope, id, true)
  await mark(scope, id, null)
  await scope.record('view.restored', id)
  return one(scope, id)
}
const mark = (scope: Scope, id: number, deleted_at: Date | null) =>
  scope.db.updateTable('views').set({ deleted_at }).where('id', '=', id).execute()

export async function orderViews(scope: Scope, page: string, ids: number[]) {
  const mine = (await listViews(scope, page)).items.filter((view) => view.is_mine)
  if (ids.some((id) => !mine.some((view) => view.id === id))) throw notFound('One of these views')
  const rest = mine.map(({ id }) => id).filter((id) => !ids.includes(id))
  await sql`
    update views v set position = o.place
      from unnest(${[...new Set(ids), ...rest]}::bigint[]) with ordinality as o(id, place)
     where v.tenant_id = ${scope.tenantId} and v.user_id = ${scope.userId} and v.id = o.id`.execute(scope.db)
  await scope.record('view.ordered', null, { path: page })
  return listViews(scope, page)
}

import { type Kysely, sql } from 'kysely'
import { invalidField, notFound, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'

/** The regions of the Outstanding Tracker's document, offered as a preset: code and spoken name. */
export const presetRegions: readonly (readonly [string, string])[] = [
  ['ahmedabad', 'Ahmedabad'],
  ['banglore', 'Bangalore'],
  ['chennai', 'Chennai'],
  ['delhi', 'Delhi'],
  ['export', 'Export'],
  ['goa', 'Goa'],
  ['hyderabad', 'Hyderabad'],
  ['indore', 'Indore'],
  ['jaipur', 'Jaipur'],
  ['kolkata', 'Kolkata'],
  ['mumbai', 'Mumbai'],
  ['nagpur', 'Nagpur'],
  ['odisha', 'Odisha'],
  ['pune', 'Pune'],
  ['punjab', 'Punjab'],
  ['raipur', 'Raipur'],
  ['vizag', 'Vizag'],
  ['wie', 'WIE'],
]

const slug = (name: string) =>
  name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'region'

export const listRegions = (scope: Scope) =>
  scope.db
    .selectFrom('regions')
    .select(['id', 'code', 'name', 'is_active', 'version'])
    .orderBy('name')
    .execute()

export type RegionInput = { name: string; code?: string | undefined; is_active?: boolean | undefined }

export async function createRegion(scope: Scope, input: RegionInput) {
  const code = input.code ?? slug(input.name)
  await assertFree(scope, 'regions', 'code', code, 0)
  const row = await scope.db
    .insertInto('regions')
    .values({ name: input.name, code, is_active: input.is_active ?? true })
    .returning(['id', 'code', 'name', 'is_active', 'version'])
    .executeTakeFirstOrThrow()
  await scope.record('region.created', row.id, { name: row.name })
  return row
}

/** Adds those of the preset regions that are not there yet. */
export async function addPresetRegions(scope: Scope) {
  const { rows } = await sql<{ id: number; name: string }>`
    insert into regions (tenant_id, code, name)
    select ${scope.tenantId}, p.code, p.name
      from unnest(${presetRegions.map(([code]) => code)}::text[], ${presetRegions.map(([, name]) => name)}::text[]) as p(code, name)
    on conflict (tenant_id, code) do nothing returning id, name`.execute(scope.db)
  await scope.recordEach(
    'region.created',
    rows.map((row) => ({ subject_id: row.id, data: { name: row.name } })),
  )
  return listRegions(scope)
}

export const listDepartments = (scope: Scope) =>
  scope.db.selectFrom('departments').select(['id', 'name', 'is_active', 'version']).orderBy('name').execute()

export type DepartmentInput = { name: string; is_active?: boolean | undefined }
export async function createDepartment(scope: Scope, input: DepartmentInput) {
  await assertFree(scope, 'departments', 'name_key', input.name.toLowerCase(), 0)
  const row = await scope.db
    .insertInto('departments')
    .values({ name: input.name, name_key: input.name.toLowerCase(), is_active: input.is_active ?? true })
    .returning(['id', 'name', 'is_active', 'version'])
    .executeTakeFirstOrThrow()
  await scope.record('department.created', row.id, { name: row.name })
  return row
}

const outletColumns = [
  'id',
  'code',
  'name',
  'kind',
  'region_id',
  'address',
  'email',
  'phone',
  'is_active',
  'version',
] as const
export const listOutlets = (scope: Scope) =>
  scope.db.selectFrom('outlets').select(outletColumns).orderBy('name').execute()

export type OutletInput = {
  name: string
  code?: string | null | undefined
  kind: 'store' | 'campus' | 'pop-up' | 'partner' | 'pharmacy' | 'office'
  region_id?: number | null | undefined
  address?: string | null | undefined
  email?: string | null | undefined
  phone?: string | null | undefined
  is_active?: boolean | undefined
}
export async function createOutlet(scope: Scope, input: OutletInput) {
  await assertRegion(scope, input.region_id)
  if (input.code) await assertFree(scope, 'outlets', 'code', input.code, 0)
  const row = await scope.db
    .insertInto('outlets')
    .values(input)
    .returning(outletColumns)
    .executeTakeFirstOrThrow()
  await scope.record('outlet.created', row.id, { name: row.name })
  return row
}

// ---- one place of any kind ------------------------------------------------------------------------------------------

export type PlaceKind = 'regions' | 'departments' | 'outlets'
const nouns: Record<PlaceKind, string> = { regions: 'region', departments: 'department', outlets: 'outlet' }
type Place = { id: number; name: string; version: number }
// One name for three tables with the same columns; the schema guards the rest.
const places = (scope: Scope, kind: PlaceKind) => ({
  db: scope.db as unknown as Kysely<Record<PlaceKind, Place & Record<string, unknown>>>,
  kind,
})

/** `toEdit` holds the row until the edit is done, so that its version stays the current one. */
export async function getPlace(
  scope: Scope,
  kind: PlaceKind,
  id: number,
  options: { toEdit?: boolean } = {},
): Promise<Place> {
  const { db } = places(scope, kind)
  const row = await db
    .selectFrom(kind)
    .selectAll()
    .where('id', '=', id)
    .$if(options.toEdit === true, (query) => query.forUpdate())
    .executeTakeFirst()
  if (!row) throw notFound(nouns[kind][0]!.toUpperCase() + nouns[kind].slice(1))
  return row as Place
}

/** Changes a region, department or outlet. `before` is the row the caller has seen. */
export async function updatePlace<T>(
  scope: Scope,
  kind: PlaceKind,
  before: Place,
  changes: RegionInput | DepartmentInput | OutletInput,
): Promise<T> {
  const { db } = places(scope, kind)
  if ('region_id' in changes) await assertRegion(scope, changes.region_id)
  const code = 'code' in changes ? changes.code : undefined
  if (code) await assertFree(scope, kind, 'code', code, before.id)
  const key = kind === 'departments' ? { name_key: changes.name.toLowerCase() } : {}
  if (kind === 'departments') await assertFree(scope, kind, 'name_key', changes.name.toLowerCase(), before.id)
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const row = await db
    .updateTable(kind)
    .set({ ...given, ...key, version: before.version + 1 } as never)
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await scope.record(`${nouns[kind]}.updated`, before.id, { name: changes.name })
  return row as T
}

export async function removePlace(scope: Scope, kind: PlaceKind, place: Place) {
  const { db } = places(scope, kind)
  await db
    .deleteFrom(kind)
    .where('id', '=', place.id)
    .execute()
    .catch((error: { code?: string }) => {
      if (error.code !== '23503') throw error
      throw new Refusal(
        409,
        'still_in_use',
        `${place.name} is still in use. Switch it off instead, or move what belongs to it first.`,
      )
    })
  await scope.record(`${nouns[kind]}.removed`, place.id, { name: place.name })
}

async function assertRegion(scope: Scope, id: number | null | undefined) {
  if (id) await getPlace(scope, 'regions', id)
}
async function assertFree(
  scope: Scope,
  kind: PlaceKind,
  column: 'code' | 'name_key',
  value: string,
  except: number,
) {
  const { rows } =
    await sql`select 1 from ${sql.table(kind)} where tenant_id = ${scope.tenantId} and ${sql.ref(column)} = ${value} and id <> ${except}`.execute(
      scope.db,
    )
  if (rows.length > 0)
    throw invalidField(
      column === 'code' ? 'code' : 'name',
      `There is ${kind === 'outlets' ? 'an' : 'a'} ${nouns[kind]} of that ${column === 'code' ? 'code' : 'name'} already.`,
      'taken',
      409,
    )
}

import { sql } from 'kysely'
import { notFound } from '../../core/errors.ts'
import { cut } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { requireAllRows } from './kept.ts'
import { type Mapping, nameOf } from './mapping.ts'
import { coreFields, type Remembered } from './recognise.ts'
import type { Survey } from './survey.ts'
import type { ImportKind, Said, Target } from './target.ts'

// A source is a sender and the layout of its files. What was decided for one of its files holds for the next.

/** The sources that a file may come from: all of the target, or the one that a person named. */
export async function rememberedSources(
  scope: Scope,
  target: Target,
  sourceId?: number | null,
): Promise<Remembered[]> {
  const rows = await scope.db
    .selectFrom('import_sources')
    .select(['id', 'mapping', 'answers'])
    .where('target', '=', target.name)
    .$if(sourceId != null, (query) => query.where('id', '=', sourceId!))
    .orderBy('updated_at', 'desc')
    .limit(200)
    .execute()
  if (sourceId != null && rows.length === 0) throw notFound('This source of imports')
  return rows as Remembered[]
}

const keyOf = (mapping: Mapping) =>
  coreFields
    .map((field) => nameOf(mapping[field] ?? ''))
    .join('|')
    .slice(0, 1000)

export type Source = { id: number; name: string; kind: ImportKind | null }

/** The source of a file, made when it is new, and what the organisation wants of missing invoices. */
export async function sourceOf(
  scope: Scope,
  target: Target,
  survey: Survey,
  said: Said,
  fileName: string,
): Promise<{ source: Source; missing_rule: 'settle' | 'keep' }> {
  const { missing_rule } = await scope.db
    .selectFrom('tenants')
    .select('missing_rule')
    .where('id', '=', scope.tenantId)
    .executeTakeFirstOrThrow()
  const sender = target.sender?.(said, survey.mapping)
  const found = said.source_id ?? (sender ? null : survey.source_id)
  const key = sender?.key ?? keyOf(survey.mapping)
  const known = await scope.db
    .selectFrom('import_sources')
    .select(['id', 'name', 'kind'])
    .where('target', '=', target.name)
    .where((each) => (found ? each('id', '=', found) : each('key', '=', key)))
    .executeTakeFirst()
  if (known) return { source: known as Source, missing_rule: missing_rule as 'settle' | 'keep' }
  const name = cut(sender?.name ?? survey.layout?.name ?? fileName.replace(/\.[^.]+$/, ''), 200)
  const { rows } = await sql<Source>`
    insert into import_sources (tenant_id, target, key, name, created_at, updated_at)
    values (${scope.tenantId}, ${target.name}, ${key}, ${name || 'Export'}, ${scope.now}, ${scope.now})
    on conflict (tenant_id, target, key) do update set key = excluded.key
    returning id, name, kind`.execute(scope.db)
  return { source: rows[0]!, missing_rule: missing_rule as 'settle' | 'keep' }
}

/** What was decided for a file that is in the books now holds for the next of its source. */
export async function rememberSource(
  scope: Scope,
  sourceId: number,
  mapping: Mapping,
  { answers, kind }: Said,
): Promise<void> {
  const { mapping: _, ...kept } = answers
  await sql`
    update import_sources
       set mapping = ${JSON.stringify(mapping)}, answers = answers || ${JSON.stringify(kept)}, kind = coalesce(${kind ?? null}, kind),
           updated_at = ${scope.now}
     where tenant_id = ${scope.tenantId} and id = ${sourceId}
       and (mapping, answers, kind) is distinct from (${JSON.stringify(mapping)}::jsonb, answers || ${JSON.stringify(kept)}::jsonb, coalesce(${kind ?? null}, kind))`.execute(
    scope.db,
  )
}

export async function listSources(scope: Scope) {
  requireAllRows(scope.actor)
  const { rows } = await sql<{
    id: number
    name: string
    kind: ImportKind | null
    mapping: Mapping
    imports: number
    last_as_of: string | null
    version: number
  }>`
    select s.id, s.name, s.kind, s.mapping, s.version, count(m.id)::int as imports, max(m.as_of) as last_as_of
      from import_sources s
      join imports m on m.tenant_id = s.tenant_id and m.source_id = s.id and m.status = 'published'
     where s.tenant_id = ${scope.tenantId}
     group by s.tenant_id, s.id order by max(m.as_of) desc, s.id`.execute(scope.db)
  return { items: rows }
}

export async function changeSource(
  scope: Scope,
  id: number,
  change: { name?: string | undefined; kind?: ImportKind | null | undefined },
) {
  requireAllRows(scope.actor)
  const changed = await scope.db
    .updateTable('import_sources')
    .set((expression) => ({
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.kind === undefined ? {} : { kind: change.kind }),
      version: expression('version', '+', 1),
      updated_at: scope.now,
    }))
    .where('id', '=', id)
    .executeTakeFirst()
  if (Number(changed.numUpdatedRows) === 0) throw notFound('This source of imports')
  await scope.record('import_source.changed', id, change)
  return listSources(scope)
}

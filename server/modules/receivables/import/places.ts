import { sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import type { Planning } from '../../imports/target.ts'
import { places, type Run } from './plan.ts'

/**
 * What the words of a file mean in the organisation: regions and outlets by code or name, people by user name, full name
 * or e-mail address. A word that means nothing, or two things, is left out; those are answered, to be told.
 */
export async function findPlaces(
  run: Run,
  { tenantId }: Scope,
  { fields }: Planning,
): Promise<{ kind: string; words: string[] }[]> {
  const said = places.map(({ word }) => word).filter((word) => fields.has(word))
  if (said.length === 0) {
    await run(sql`create temp table places (kind text, word text, id bigint) on commit drop`)
    return []
  }
  const words = said.map(
    (kind) =>
      sql`select distinct ${sql.lit(kind)} as kind, ${sql.ref(kind)} as word from staged where problems is null and ${sql.ref(kind)} is not null`,
  )
  await run(sql`
    create temp table places on commit drop as
    with words as (
      ${sql.join(words, sql` union all `)}
    ), meant as (
      select w.kind, w.word, r.id from words w
        join regions r on w.kind = 'region' and r.tenant_id = ${tenantId} and lower(w.word) in (lower(r.code), lower(r.name))
      union
      select w.kind, w.word, o.id from words w
        join outlets o on w.kind = 'outlet' and o.tenant_id = ${tenantId} and lower(w.word) in (lower(o.code), lower(o.name))
      union
      select w.kind, w.word, u.id from words w
        join users u on w.kind = 'assigned_to' and u.deleted_at is null and lower(w.word) in (lower(u.username), lower(u.full_name), lower(u.email))
        join memberships m on m.tenant_id = ${tenantId} and m.user_id = u.id and m.is_active
    )
    select w.kind, w.word, case when count(m.id) = 1 then min(m.id) end as id
      from words w left join meant m using (kind, word) group by w.kind, w.word`)
  return run(sql<{ kind: string; words: string[] }>`
    select kind, (array_agg(word order by word))[1:10] as words from places where id is null group by kind order by kind`)
}

import { forbidden, notFound } from '../../core/errors.ts'
import type { Actor, Scope } from '../../core/scope.ts'
import type { Kept } from './rules.ts'

/** A file speaks of the whole book, so do its totals and its rejected cells: whoever sees a part of it sees no import. */
export function requireAllRows({ row_access }: Actor) {
  if (row_access !== 'all')
    throw forbidden('Imports need a role that sees every invoice of the organisation: yours sees a part.')
}

/** An import as it is kept. 404 when there is none in the organisation. */
export async function keptImport(scope: Scope, id: number, lock = false): Promise<Kept> {
  const row = await scope.db
    .selectFrom('imports')
    .leftJoin('users', 'users.id', 'imports.created_by')
    .leftJoin('import_sources as s', (join) => join.onRef('s.id', '=', 'imports.source_id'))
    .selectAll('imports')
    .select(['users.full_name as created_by_name', 's.name as source_name', 's.kind as source_kind'])
    .where('imports.id', '=', id)
    // Not against who refers to it: rows of an import that is compared are no reason to wait.
    .$if(lock, (query) => query.forNoKeyUpdate('imports'))
    .executeTakeFirst()
  if (!row) throw notFound('This import')
  return row as unknown as Kept
}

/**
 * Whether the file of this name is of use: to an import, where what was refused comes again with its next upload, or attached to
 * something, or a debtor report; where what was deleted may be brought back.
 */
export async function keepsFile(scope: Scope, sha256: string): Promise<boolean> {
  const attached = await scope.db
    .selectFrom('attachments')
    .select('id')
    .where('file_sha256', '=', sha256)
    .limit(1)
    .executeTakeFirst()
  if (attached) return true
  // Of one outlet or another: whoever asks may see part of them.
  const reported = await scope.overAllRows(() =>
    scope.db
      .selectFrom('debtor_reports')
      .select('id')
      .where('file_sha256', '=', sha256)
      .limit(1)
      .executeTakeFirst(),
  )
  if (reported) return true
  const row = await scope.db
    .selectFrom('imports')
    .select('id')
    .where('file_sha256', '=', sha256)
    .where('status', 'not in', ['refused', 'cancelled'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

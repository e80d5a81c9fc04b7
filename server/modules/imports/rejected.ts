import type { Readable } from 'node:stream'
import type { OwnHttp } from '../../core/api.ts'
import { type SheetCell, writeSheet } from '../../core/sheets.ts'
import { keptImport, requireAllRows } from './kept.ts'
import type { Problem } from './target.ts'

const BATCH = 2_000

/** The rejected rows as the file writes them, each with its row and what is wrong: correct them there, and send it. */
export async function rejectedFile(http: OwnHttp, id: number, format: 'csv' | 'xlsx'): Promise<Readable> {
  requireAllRows(http.who.actor!)
  const kept = await http.inScope((scope) => keptImport(scope, id))
  const columns = kept.reading.table?.columns ?? []
  async function* rows(): AsyncGenerator<SheetCell[]> {
    for (let last = 0; ; ) {
      const batch = await http.inScope((scope) =>
        scope.db
          .selectFrom('import_rows')
          .select(['row', 'problems', 'cells'])
          .where('import_id', '=', id)
          .where('outcome', '=', 'rejected')
          .where('row', '>', last)
          .orderBy('row')
          .limit(BATCH)
          .execute(),
      )
      for (const { row, problems, cells } of batch) {
        const reasons = ((problems ?? []) as Problem[]).map(
          ({ column, reason }) => `${column ? `${column}: ` : ''}${reason}`,
        )
        yield [...columns.map((_, at) => cells?.[at] ?? ''), row, reasons.join(' ')]
      }
      if (batch.length < BATCH) return
      last = batch.at(-1)!.row
    }
  }
  const name = `${kept.file_name.replace(/\.[^.]*$/, '').replace(/[^\p{L}\p{N} ._-]/gu, '_')}-rejected.${format}`
  http.reply
    .type(
      format === 'csv'
        ? 'text/csv; charset=utf-8'
        : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    )
    .header(
      'content-disposition',
      `attachment; filename="${name.replace(/[^\x20-\x7e]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    )
  return writeSheet(
    format,
    [
      ...columns.map((header) => ({ header, kind: 'text' as const })),
      { header: 'Row', kind: 'number' },
      { header: 'Reason', kind: 'text' },
    ],
    rows(),
  )
}

import type { ImportAnswer } from '../wire.ts'

type Counts = Pick<ImportAnswer, 'rows' | 'new' | 'changed' | 'unchanged' | 'rejected'>

/** Every row of the file is one of these; when they do not add up the report says so instead of hiding it. */
export function unaccounted(report: Counts): number {
  return report.rows - (report.new + report.changed + report.unchanged + report.rejected)
}

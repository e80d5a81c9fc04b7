import type { OwnHttp } from '../../../core/api.ts'
import { decimalText } from '../../../core/money.ts'
import type { SheetCell } from '../../../core/sheets.ts'
import { amount, count, day, sheetOf, text } from '../../receivables/export.ts'
import { eachPromise } from './promises.ts'
import type { PromiseExport } from './schemas.ts'

/** The list as a file; amounts leave as decimal text. */
export const exportPromises = (http: OwnHttp, { format, ...query }: PromiseExport) =>
  sheetOf(http, format, async (scope) => {
    const columns = [
      text('Customer code'),
      text('Customer name', 30),
      text('Currency'),
      amount('Promised amount'),
      amount('Paid'),
      day('Promised day'),
      day('Last day'),
      day('Made on'),
      text('Made by'),
      text('Verdict'),
      text('Estimate'),
      count('Level'),
      count('Invoices'),
      text('Note', 30),
    ]
    async function* rows(): AsyncGenerator<SheetCell[]> {
      for await (const row of eachPromise(scope, query))
        yield [
          row.customer_code,
          row.customer_name,
          row.currency,
          decimalText(row.amount, row.currency),
          decimalText(row.paid, row.currency),
          row.promised_on,
          row.deadline,
          row.made_on,
          row.made_by?.full_name ?? null,
          row.verdict.replace('_', ' '),
          row.is_estimate ? 'yes' : 'no',
          row.level,
          row.invoice_count,
          row.note,
        ]
    }
    return { name: `promises-${query.as_of ?? scope.today}`, columns, rows: rows() }
  })

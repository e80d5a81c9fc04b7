import type { z } from 'zod'
import type { OwnHttp } from '../../../core/api.ts'
import { decimalText } from '../../../core/money.ts'
import type { SheetCell } from '../../../core/sheets.ts'
import { amount, day, sheetOf, text } from '../export.ts'
import { eachPayment } from './payments.ts'
import type { PaymentExport } from './schemas.ts'

export const exportPayments = (http: OwnHttp, { format, ...query }: z.output<typeof PaymentExport>) =>
  sheetOf(http, format, async (scope) => {
    const columns = [
      day('Received on'),
      text('Reference'),
      text('Customer code'),
      text('Customer name', 30),
      text('Method'),
      text('Currency'),
      amount('Amount'),
      amount('Unapplied'),
      text('State'),
      day('Returned on'),
      text('Recorded by'),
    ]
    async function* rows(): AsyncGenerator<SheetCell[]> {
      for await (const row of eachPayment(scope, query))
        yield [
          row.received_on,
          row.reference,
          row.customer_code,
          row.customer_name,
          row.method.replaceAll('_', ' '),
          row.currency,
          decimalText(row.amount, row.currency),
          decimalText(row.unapplied, row.currency),
          row.state,
          row.returned_on,
          row.created_by?.full_name ?? null,
        ]
    }
    return { name: `payments-${scope.today}`, columns, rows: rows() }
  })

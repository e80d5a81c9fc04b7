import type { OwnHttp } from '../../core/api.ts'
import { decimalText, fromWireNumber } from '../../core/money.ts'
import type { SheetCell } from '../../core/sheets.ts'
import { bands } from '../receivables/bands.ts'
import { amount, sheetOf, text } from '../receivables/export.ts'
import { listSheet } from './customers.ts'
import { monthText } from './rules.ts'
import { readQuery, type SheetQuery } from './sheets.ts'

/** The data sheet of a month as a file: a line per customer. */
export const exportSheet = (http: OwnHttp, { format, ...query }: SheetQuery & { format: 'csv' | 'xlsx' }) =>
  sheetOf(http, format, async (scope) => {
    const { currency } = scope.tenant
    const month = monthText((await readQuery(scope, query)).month)
    const customers = await listSheet(scope, { ...query, month })
    const money = (value: number) => decimalText(fromWireNumber(value, currency)!, currency)
    const columns = [
      text('Accode'),
      text('Party Name', 30),
      text('Region'),
      text('Department'),
      text('Engineer', 20),
      text('Remark', 18),
      text('Notes', 40),
      ...bands.map((band) => amount(band)),
      amount(`${month}.Outstg.Amt`),
    ]
    async function* rows(): AsyncGenerator<SheetCell[]> {
      for (const each of customers)
        yield [
          each.customerCode,
          each.customerName,
          each.region,
          each.department,
          each.assignedEngineer,
          each.remarks === 'none' ? null : each.remarks,
          each.notes === '' ? null : each.notes,
          ...bands.map((band) => money(each.ages[band])),
          money(each.outstandingAmount),
        ]
    }
    return { name: `outstanding-${month}`, columns, rows: rows() }
  })

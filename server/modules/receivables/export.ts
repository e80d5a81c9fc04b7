import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { z } from 'zod'
import type { OwnHttp } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import { decimalText, exponentOf, fromWireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { type SheetCell, type SheetColumn, writeSheet } from '../../core/sheets.ts'
import { untilStalled } from '../../core/stalled.ts'
import type { PromiseOfInvoice } from '../collections/promises/of-invoices.ts'
import { getAgeing } from './ageing.ts'
import { eachCustomer } from './customers.ts'
import { eachInvoice, wireInvoice } from './invoices.ts'
import { buckets, undated } from './rules.ts'
import type { AgeingExport, CustomerExport, InvoiceExport } from './schemas.ts'

// Lists as files. The transaction stays open while the file is read, on the pool of cursors, and ends with it.

/** A large book over a slow line; the connection is given back when the reader goes away. */
export const EXPORT_TIME_MAX = 15 * 60_000
/** Each holds a connection while it is read: one organisation may not hold them all, nor somebody who does not read. */
const AT_ONCE = 4
const READER_PATIENCE_MS = 60_000
const underWay = new Map<number, number>()

export type Format = 'csv' | 'xlsx'
const types: Record<Format, string> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

/**
 * Answers the stream once its first row is there: until then whatever is wrong is answered in words, afterwards only a line
 * that breaks off can tell.
 */
export async function sheetOf(
  http: OwnHttp,
  format: Format,
  make: (scope: Scope) => Promise<{
    name: string
    columns: SheetColumn[]
    rows: AsyncIterable<SheetCell[]>
    /** False: a CSV without the byte order mark. */
    mark?: boolean
  }>,
): Promise<Readable> {
  const tenant = http.who.actor!.tenant_id
  const already = underWay.get(tenant) ?? 0
  if (already >= AT_ONCE)
    throw new Refusal(
      429,
      'too_many_exports',
      `Your organisation is downloading ${AT_ONCE} lists already. Let one of them end, then try again.`,
      { headers: { 'retry-after': '15' } },
    )
  underWay.set(tenant, already + 1)
  const out = untilStalled(READER_PATIENCE_MS, () => new Error('The reader of an export takes nothing'))
  // Before anybody listens to it, an error of the stream would end the process.
  out.on('error', () => {})
  const begun = Promise.withResolvers<string>()
  http
    .inScope(
      async (scope) => {
        const { name, columns, rows, mark } = await make(scope)
        const source = rows[Symbol.asyncIterator]()
        const first = await source.next()
        begun.resolve(name)
        const all = (async function* () {
          try {
            for (let next = first; !next.done; next = await source.next()) yield next.value
          } finally {
            await source.return?.()
          }
        })()
        await pipeline(
          writeSheet(format, columns, all, { sheet: name, ...(mark === undefined ? {} : { mark }) }),
          out,
        )
      },
      { bulk: true },
    )
    .catch((error) => {
      begun.reject(error)
      out.destroy(error)
    })
    .finally(() => {
      const left = underWay.get(tenant)! - 1
      if (left > 0) underWay.set(tenant, left)
      else underWay.delete(tenant)
    })
  named(http, format, await begun.promise)
  return out
}

const named = ({ reply }: OwnHttp, format: Format, name: string) =>
  reply.type(types[format]).header('content-disposition', `attachment; filename="${name}.${format}"`)

export const text = (header: string, width?: number): SheetColumn => ({
  header,
  kind: 'text',
  ...(width ? { width } : {}),
})
export const day = (header: string): SheetColumn => ({ header, kind: 'day' })
export const count = (header: string): SheetColumn => ({ header, kind: 'number', decimals: 0 })
export const amount = (header: string): SheetColumn => ({ header, kind: 'amount' })

export const exportInvoices = (http: OwnHttp, { format, ...query }: z.output<typeof InvoiceExport>) =>
  sheetOf(http, format, async (scope) => {
    // The headers are those that an import reads again.
    const columns = [
      text('Invoice number'),
      text('Document type'),
      text('Customer code'),
      text('Customer name', 30),
      day('Invoice date'),
      day('Due date'),
      text('Currency'),
      amount('Amount'),
      amount('Open amount'),
      count('Days overdue'),
      text('Age'),
      text('Status'),
      text('Disputed'),
      text('Region'),
      text('Department'),
      text('Assigned to'),
      text('Root cause'),
      day('Promised on'),
      amount('Promised amount'),
      amount('Promised, still open'),
      text('Promise'),
    ]
    const labels = new Map(
      [...buckets(scope.tenant.ageing_buckets), undated].map(({ bucket, label }) => [bucket, label]),
    )
    async function* rows(): AsyncGenerator<SheetCell[]> {
      for await (const row of eachInvoice(scope, query)) {
        const { bucket } = wireInvoice(scope, row)
        yield [
          row.invoice_number,
          row.document_type.replaceAll('_', ' '),
          row.customer_code,
          row.customer_name,
          row.invoice_date,
          row.due_date,
          row.currency,
          decimalText(row.amount, row.currency),
          decimalText(row.open_amount, row.currency),
          row.days_overdue,
          bucket === null ? null : labels.get(bucket)!,
          row.status,
          row.is_disputed ? 'yes' : 'no',
          row.region,
          row.department,
          row.assigned_to_name,
          row.root_cause,
          ...promiseCells(row),
        ]
      }
    }
    return { name: `invoices-${query.as_of ?? scope.today}`, columns, rows: rows() }
  })

/** The promise about an invoice: when, how much, how much is still to come, and what came of it. */
function promiseCells({
  promise,
  currency,
}: {
  promise: PromiseOfInvoice | null
  currency: string
}): SheetCell[] {
  if (!promise) return [null, null, null, null]
  const money = (wire: number) => decimalText(fromWireNumber(wire, currency)!, currency)
  return [
    promise.promised_on,
    money(promise.amount),
    money(promise.open_amount),
    promise.is_waiting ? 'waiting' : promise.verdict.replaceAll('_', ' '),
  ]
}

export const exportCustomers = (http: OwnHttp, { format, ...query }: z.output<typeof CustomerExport>) =>
  sheetOf(http, format, async (scope) => {
    const columns = [
      text('Customer code'),
      text('Customer name', 30),
      text('Currency'),
      amount('Open amount'),
      amount('Overdue amount'),
      amount('Unapplied credit'),
      count('Open invoices'),
      count('Days overdue, oldest'),
      day('Next due'),
      day('Last payment'),
    ]
    async function* rows(): AsyncGenerator<SheetCell[]> {
      for await (const row of eachCustomer(scope, query)) {
        const money = (minor: string) => decimalText(BigInt(minor), row.currency)
        yield [
          row.code,
          row.name,
          row.currency,
          money(row.open_amount),
          money(row.overdue_amount),
          money(row.unapplied),
          row.open_count,
          row.oldest_days,
          row.next_due,
          row.last_payment_on,
        ]
      }
    }
    return { name: `customers-${query.as_of ?? scope.today}`, columns, rows: rows() }
  })

/** The table as it stands on the page: a line per group, then the totals. It is small, so nothing waits for its reader. */
export async function exportAgeing(http: OwnHttp, { format, ...query }: z.output<typeof AgeingExport>) {
  const { currency, as_of, totals, groups } = await http.inScope((scope) => getAgeing(scope, query))
  const columns = [
    text(`As of ${as_of}, ${currency}`, 30),
    ...[...totals.buckets.map(({ label }) => label), 'Unapplied credit', 'Total'].map((header) => ({
      ...amount(header),
      decimals: exponentOf(currency),
    })),
  ]
  const line = (label: string, part: typeof totals): SheetCell[] => [
    label,
    ...part.buckets.map((bucket) => bucket.amount),
    part.unapplied,
    part.total,
  ]
  const rows = [...groups.map((group) => line(group.label, group)), line('Total', totals)]
  const name = `ageing-${as_of}-${currency}`
  named(http, format, name)
  return writeSheet(format, columns, rows, { sheet: name })
}

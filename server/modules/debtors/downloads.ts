import type { OwnHttp } from '../../core/api.ts'
import { businessDay, type Scope } from '../../core/scope.ts'
import { decimalText, exponentOf } from '../../core/money.ts'
import { finish, heading, newPdf, type PdfColumn, table } from '../../core/pdf.ts'
import type { SheetCell } from '../../core/sheets.ts'
import { amount, EXPORT_TIME_MAX, sheetOf, text } from '../receivables/export.ts'
import { type DebtorRow, debtorRows, eachDebtor, knownBuckets } from './debtors.ts'
import { type OpenPharmacy, openPharmacy } from './pharmacies.ts'
import { BUCKETS, type Bucket } from './report/types.ts'
import { requireReport } from './reports.ts'
import { ARREARS, bucketLabels, type DownloadBody } from './schemas.ts'

// The list as it leaves: CSV and workbook are streamed as the rows come, the PDF is made whole.

export const DOWNLOAD_TIME_MAX = EXPORT_TIME_MAX
export const downloadSheet = null as never

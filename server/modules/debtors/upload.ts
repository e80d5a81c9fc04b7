import { open as openFile } from 'node:fs/promises'
import type { Multipart } from '@fastify/multipart'
import { sql } from 'kysely'
import type { z } from 'zod'
import type { OwnHttp } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import type { Files, StoredFile } from '../../core/files.ts'
import { exponentOf } from '../../core/money.ts'
import { cleanFileName } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { keepsFile } from '../imports/kept.ts'
import { inTurn } from '../imports/turns.ts'
import { openPharmacy } from './pharmacies.ts'
import { readReport } from './report/reading.ts'
import type { ColumnMeaning, Reading } from './report/types.ts'
import { endProgress, requireReport, setProgress, tellProgress, uploadAnswer } from './reports.ts'
import { UploadFields } from './schemas.ts'
import { storeReading } from './store.ts'

export const REPORT_SIZE_MAX = 50 * 1024 * 1024
/** A scan is read page by page, at two seconds each. */
export const REPORT_TIME_MAX = 21 * 60_000

type Answers = Record<string, ColumnMeaning>
type Upload = { file: StoredFile; name: string; mime: string } & z.output<typeof UploadFields>

/** Takes a report in, reads it and stores what it says. Nothing changes unless it holds an account. */
export async function uploadReport(http: OwnHttp, files: Files, pharmacyId: number) {
  // Before any byte is kept: whether it may be here at all.
  await http.inScope((scope) => openPharmacy(scope, pharmacyId, 'write'))
  const tenantId = http.who.actor!.tenant_id
  let stored: StoredFile | undefined
  try {
    const upload = await receive(http, async (source) => {
      stored = await files.store(tenantId, source, REPORT_SIZE_MAX)
      return stored
    })
    const said = { file: upload.file.sha256, pharmacyId, password: upload.password, columns: upload.columns }
    return await http.once(said, () =>
      inTurn(`debtors ${tenantId} ${pharmacyId}`, async () => {
        const known = upload.columns
          ? undefined
          : await http.inScope((scope) => sameAsCurrent(scope, pharmacyId, upload.file))
        const id = known ?? (await begin(http, pharmacyId, upload))
        if (!known) await readInto(http, pharmacyId, id, upload.file.path, upload)
        return http.inScope(async (scope) => uploadAnswer(scope, await openPharmacy(scope, pharmacyId), id), {
          bulk: true,
        })
      }),
    )
  } finally {
    const file = stored
    if (file) await files.release(file, () => http.inScope((scope) => keepsFile(scope, file.sha256)))
  }
}

/** The very file that is the list already: sending it again changes nothing. */
async function sameAsCurrent(
  scope: Scope,
  pharmacyId: number,
  file: StoredFile,
): Promise<number | undefined> {
  const pharmacy = await openPharmacy(scope, pharmacyId)
  if (pharmacy.report_id === null) return undefined
  const current = await requireReport(scope, pharmacy, pharmacy.report_id)
  return current.file_sha256 === file.sha256 ? current.id : undefined
}

const begin = (http: OwnHttp, pharmacyId: number, { file, name, mime }: Upload) =>
  http.inScope(async (scope) => {
    await openPharmacy(scope, pharmacyId, 'write')
    const { id } = await scope.db
      .insertInto('debtor_reports')
      .values({
        outlet_id: pharmacyId,
        file_sha256: file.sha256,
        file_name: name,
        file_size: file.size,
        mime,
        uploaded_by: scope.userId,
        uploaded_at: scope.now,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await scope.record('debtor_report.uploaded', id, { pharmacy_id: pharmacyId, file_name: name })
    return id
  })

/** Answers to the questions that a report left open: it is read again with them, and they are kept for the next of its layout. */
export async function answerColumns(
  http: OwnHttp,
  files: Files,
  pharmacyId: number,
  reportId: number,
  { columns, password }: { columns: Answers; password?: string | undefined },
) {
  const report = await http.inScope(async (scope) => {
    const found = await requireReport(scope, await openPharmacy(scope, pharmacyId, 'write'), reportId)
    if (found.status !== 'needs_review')
      throw new Refusal(
        409,
        'not_in_review',
        `This report is ${found.status.replace('_', ' ')}: its columns are settled.`,
      )
    return found
  })
  const tenantId = http.who.actor!.tenant_id
  const file = files.hold(tenantId, report.file_sha256, report.file_size)
  if (!file) throw new Refusal(410, 'file_gone', 'The bytes of this report are gone. Upload it once more.')
  try {
    return await inTurn(`debtors ${tenantId} ${pharmacyId}`, async () => {
      await readInto(http, pharmacyId, reportId, file.path, {
        name: report.file_name,
        columns,
        password,
        again: true,
      })
      return http.inScope(async (scope) =>
        uploadAnswer(scope, await openPharmacy(scope, pharmacyId), reportId),
      )
    })
  } finally {
    await files.release(file, () => http.inScope((scope) => keepsFile(scope, file.sha256)))
  }
}

type ReadInto = {
  name: string
  columns?: Answers | undefined
  password?: string | undefined
  again?: boolean
}

/** Reads the file in its own thread and stores the reading; what cannot be read is told with the report, and changes nothing. */
async function readInto(
  http: OwnHttp,
  pharmacyId: number,
  id: number,
  path: string,
  { name, columns, password, again }: ReadInto,
) {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(tookTooLong()), REPORT_TIME_MAX - 30_000)
  let telling: Promise<unknown> | undefined
  try {
    const options = await http.inScope(async (scope) => {
      await openPharmacy(scope, pharmacyId, 'write')
      const remembered = await rememberedColumns(scope, pharmacyId)
      return {
        ...(password === undefined ? {} : { password }),
        ...(remembered.layout === undefined ? {} : { layout: remembered.layout }),
        columns: { ...remembered.columns, ...columns },
        exponent: exponentOf(scope.tenant.currency),
      }
    })
    const reading = await readReport({ path, name }, options, stop.signal, (page, of) => {
      setProgress(id, page, of)
      telling ??= http
        .inScope((scope) => tellProgress(scope, id, pharmacyId, page, of))
        .catch(() => {})
        .finally(() => (telling = undefined))
    })
    if (reading.rows.length === 0) throw noAccounts()
    await http.inScope(
      async (scope) => {
        const pharmacy = await openPharmacy(scope, pharmacyId, 'write')
        if (columns) await rememberColumns(scope, pharmacyId, reading, columns)
        await storeReading(scope, pharmacy, id, reading)
      },
      { bulk: true },
    )
  } catch (error) {
    const refusal = error instanceof Refusal ? error : unreadable()
    if (!again) await http.inScope((scope) => fail(scope, pharmacyId, id, refusal))
    if (!(error instanceof Refusal))
      http.request.log.error({ err: error }, 'A debtor report could not be read')
    throw refusal
  } finally {
    clearTimeout(timer)
    await telling
    endProgress(id)
  }
}

const tookTooLong = () =>
  new Refusal(
    503,
    'report_takes_too_long',
    'Reading this report takes too long. Split it and send the parts.',
  )
const noAccounts = () =>
  new Refusal(
    400,
    'no_accounts',
    'No account was found in this file. Send the debtors’ age analysis, with an account on each line. Nothing was changed.',
  )
const unreadable = () =>
  new Refusal(
    500,
    'pdf_processing_error',
    'PDF processing error: this report could not be read. It was logged; nothing was changed.',
  )

async function fail(scope: Scope, pharmacyId: number, id: number, { code, detail }: Refusal) {
  await openPharmacy(scope, pharmacyId)
  await scope.db
    .updateTable('debtor_reports')
    .set({ status: 'failed', error_code: code, error_message: detail })
    .where('id', '=', id)
    .execute()
  await scope.record('debtor_report.failed', id, { pharmacy_id: pharmacyId, code })
}

// ---- columns, asked once --------------------------------------------------------------------------------------------

/** What people have said of this pharmacy's columns; of two answers about one label the later. */
async function rememberedColumns(scope: Scope, pharmacyId: number) {
  const { rows } = await sql<{ layout: string; columns: Answers }>`
    select layout, columns from debtor_layouts where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacyId}
     order by last_used_at`.execute(scope.db)
  const { rows: last } = await sql<{ layout: string }>`
    select layout from debtor_reports where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacyId} and status = 'completed'
       and layout is not null order by id desc limit 1`.execute(scope.db)
  return {
    layout: last[0]?.layout,
    columns: Object.assign({}, ...rows.map(({ columns }) => columns)) as Answers,
  }
}

async function rememberColumns(scope: Scope, pharmacyId: number, { layout }: Reading, columns: Answers) {
  await sql`
    insert into debtor_layouts (tenant_id, outlet_id, layout, columns, last_used_at)
    values (${scope.tenantId}, ${pharmacyId}, ${layout.slice(0, 200) || 'plain'}, ${JSON.stringify(columns)}, ${scope.now})
    on conflict (tenant_id, outlet_id, layout) do update
      set columns = debtor_layouts.columns || excluded.columns, last_used_at = excluded.last_used_at`.execute(
    scope.db,
  )
}

// ---- the form -------------------------------------------------------------------------------------------------------

const noFile = () =>
  new Refusal(400, 'file_missing', 'No file provided. Send the report in a field named "file".')
const invalidFile = (why: string) => new Refusal(400, 'file_invalid', `Invalid file: ${why}`)

const kinds: { ending: RegExp; mime: string; starts: (bytes: Buffer) => boolean }[] = [
  // Programs put a mark or a few lines before the header.
  { ending: /\.pdf$/i, mime: 'application/pdf', starts: (bytes) => bytes.includes('%PDF-') },
  {
    ending: /\.xls[xm]$/i,
    mime: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    starts: (bytes) => bytes.subarray(0, 2).toString('latin1') === 'PK',
  },
  { ending: /\.(?:csv|tsv|txt)$/i, mime: 'text/csv', starts: (bytes) => !bytes.includes('%PDF-') },
]

async function receive(
  { request }: OwnHttp,
  store: (source: AsyncIterable<Uint8Array>) => Promise<StoredFile>,
): Promise<Upload> {
  if (!request.isMultipart()) throw noFile()
  const fields: Record<string, string> = {}
  let file: StoredFile | undefined
  let name = ''
  const parts = request.parts({
    limits: { fileSize: REPORT_SIZE_MAX + 1, files: 3 },
  }) as AsyncIterable<Multipart>
  for await (const part of parts) {
    if (part.type === 'field') {
      if (typeof part.value === 'string' && part.value !== '') fields[part.fieldname] = part.value
    } else if (part.fieldname !== 'file' || file) part.file.resume()
    else {
      name = cleanFileName(part.filename, 'report.pdf')
      file = await store(part.file)
    }
  }
  if (!file) throw noFile()
  if (file.size === 0) throw invalidFile('it is empty.')
  const kind = kinds.find(({ ending }) => ending.test(name))
  if (!kind) throw invalidFile('send the report as PDF, as CSV or as a workbook (.xlsx).')
  if (!kind.starts(await beginning(file)))
    throw invalidFile(`${name} is not what its name says. Print the report to PDF again and send that.`)
  const read = UploadFields.safeParse(fields)
  if (!read.success) {
    const [issue] = read.error.issues
    const path = String(issue!.path[0])
    throw new Refusal(422, 'invalid_input', `${path}: ${issue!.message}`, {
      issues: [{ in: 'body', path, message: issue!.message, code: 'invalid' }],
    })
  }
  return { file, name, mime: kind.mime, ...read.data }
}

async function beginning({ path }: StoredFile): Promise<Buffer> {
  const file = await openFile(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1_024), 0, 1_024, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Multipart } from '@fastify/multipart'
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Http, OwnHttp } from '../../core/api.ts'
import { forbidden, notFound, Refusal } from '../../core/errors.ts'
import type { Files, StoredFile } from '../../core/files.ts'
import { cleanFileName } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { keepsFile } from '../imports/kept.ts'
import type { Attachment, AttachmentQuery, Subject } from './schemas.ts'
import { previewOf, SNIFFED, sniff } from './sniff.ts'
import { onSubject, requireSubject } from './subjects.ts'

export const SIZE_MAX = 25 * 1024 * 1024
/** On one subject; more are a folder, not a proof. */
const COUNT_MAX = 200

type Row = z.input<typeof Attachment> & {
  file_sha256: string
  user_id: number | null
  deleted_at: string | null
}

async function read(scope: Scope, condition: ReturnType<typeof sql>): Promise<Row[]> {
  const { tenantId } = scope
  const { rows } = await sql<Omit<Row, 'preview'>>`
    select f.id, f.subject, f.subject_id, f.file_name, f.size, f.mime, f.created_at, f.file_sha256, f.user_id, f.deleted_at,
           f.user_id is not distinct from ${scope.userId}::bigint as is_own,
           case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as user,
           coalesce(i.id, d.invoice_id, k.invoice_id) as invoice_id,
           case f.subject when 'invoice' then i.number when 'dispute' then concat_ws(' · ', di.number, r.name) when 'comment' then ki.number end as about
      from attachments f
      left join users u on u.id = f.user_id
      left join invoices i on i.tenant_id = ${tenantId} and f.subject = 'invoice' and i.id = f.subject_id
      left join disputes d on d.tenant_id = ${tenantId} and f.subject = 'dispute' and d.id = f.subject_id
      left join invoices di on di.tenant_id = ${tenantId} and di.id = d.invoice_id
      left join dispute_reasons r on r.tenant_id = ${tenantId} and r.id = d.reason_id
      left join invoice_comments k on k.tenant_id = ${tenantId} and f.subject = 'comment' and k.id = f.subject_id
      left join invoices ki on ki.tenant_id = ${tenantId} and ki.id = k.invoice_id
     where f.tenant_id = ${tenantId} and ${condition}
     order by f.created_at desc, f.id desc`.execute(scope.db)
  return rows.map((row) => ({ ...row, preview: previewOf(row.mime) }))
}

const usedBy = async (scope: Scope) => {
  const { rows } = await sql<{ used: number }>`
    select coalesce(sum(size), 0)::bigint as used
      from (select distinct on (file_sha256) size from attachments where tenant_id = ${scope.tenantId} and deleted_at is null) f`.execute(
    scope.db,
  )
  return rows[0]!.used
}

export async function listAttachments(
  scope: Scope,
  { related, ...subject }: z.output<typeof AttachmentQuery>,
  quota: number,
) {
  await requireSubject(scope, subject)
  const items = await read(
    scope,
    sql`f.deleted_at is null and ${onSubject(scope, subject, related ?? false)}`,
  )
  return { items, used: await usedBy(scope), quota }
}

/** Takes a file in: its bytes decide what it is, and a refused one leaves nothing behind. */
export async function addAttachment(http: OwnHttp, files: Files, subject: Subject, quota: number) {
  const { request } = http
  if (!request.isMultipart())
    throw new Refusal(400, 'file_missing', 'Send the file as multipart/form-data, in a field named "file".')
  // Before any byte is kept: whether it may be here at all.
  await http.inScope((scope) => requireSubject(scope, subject))
  const tenantId = http.who.actor!.tenant_id
  let stored: StoredFile | undefined
  let name = ''
  try {
    const parts = request.parts({ limits: { fileSize: SIZE_MAX + 1, files: 2 } }) as AsyncIterable<Multipart>
    for await (const part of parts) {
      if (part.type !== 'file') continue
      if (part.fieldname !== 'file' || stored) part.file.resume()
      else {
        name = cleanFileName(part.filename, 'file')
        stored = await files.store(tenantId, part.file, SIZE_MAX)
      }
    }
    if (!stored) throw new Refusal(400, 'file_missing', 'There is no file. Send it in a field named "file".')
    if (stored.size === 0) throw new Refusal(400, 'file_empty', 'The file is empty.')
    const found = sniff(name, await beginningOf(stored))
    if ('problem' in found) throw new Refusal(415, 'file_not_allowed', found.problem)
    const file = stored
    return await http.onceInScope({ ...subject, name, file: file.sha256 }, async (scope) => {
      const about = await requireSubject(scope, subject)
      await requireRoom(scope, subject, file, quota)
      const { id } = await scope.db
        .insertInto('attachments')
        .values({
          ...subject,
          file_sha256: file.sha256,
          file_name: name,
          size: file.size,
          mime: found.mime,
          user_id: scope.userId,
          created_at: scope.now,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      await scope.record(`${about.noun}.file_added`, about.id, {
        attachment_id: id,
        file_name: name,
        size: file.size,
      })
      return (await read(scope, sql`f.id = ${id}`))[0]!
    })
  } finally {
    if (stored) {
      const { sha256 } = stored
      await files.release(stored, () => http.inScope((scope) => keepsFile(scope, sha256)))
    }
  }
}

async function beginningOf({ path }: StoredFile): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED), 0, SNIFFED, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function requireRoom(scope: Scope, { subject, subject_id }: Subject, file: StoredFile, quota: number) {
  const { rows } = await sql<{ here: number; known: boolean }>`
    select count(*) filter (where subject = ${subject} and subject_id = ${subject_id})::int as here,
           coalesce(bool_or(file_sha256 = ${file.sha256}), false) as known
      from attachments where tenant_id = ${scope.tenantId} and deleted_at is null
       and (subject = ${subject} and subject_id = ${subject_id} or file_sha256 = ${file.sha256})`.execute(
    scope.db,
  )
  const { here, known } = rows[0]!
  if (here >= COUNT_MAX)
    throw new Refusal(409, 'too_many_files', `There are ${COUNT_MAX} files here already. Delete some first.`)
  if (!known && (await usedBy(scope)) + file.size > quota)
    throw new Refusal(
      507,
      'quota_used_up',
      `Your organisation has used up its ${Math.floor(quota / 1024 / 1024)} MB for files. Delete some, or ask your administrator for more.`,
    )
}

/** One file that the caller sees, because they see what it is on. */
async function requireAttachment(scope: Scope, id: number): Promise<Row> {
  const [row] = await read(scope, sql`f.id = ${id}`)
  if (!row) throw notFound('This file')
  await requireSubject(scope, row as Subject).catch((error) => {
    throw error instanceof Refusal && error.status === 404 ? notFound('This file') : error
  })
  return row
}

/**
 * The bytes. What a browser can show safely is shown where asked for, as what it was found to be and in a frame that may do
 * nothing; everything else is saved.
 */
export async function sendAttachment(http: OwnHttp, files: Files, id: number, inline: boolean) {
  const { row, tenantId } = await http.inScope(async (scope) => ({
    row: await requireAttachment(scope, id),
    tenantId: scope.tenantId,
  }))
  if (row.deleted_at) throw notFound('This file')
  const file = files.hold(tenantId, row.file_sha256, row.size)
  if (!file)
    throw new Refusal(410, 'file_gone', 'The bytes of this file are gone from the server’s data folder.')
  const bytes = createReadStream(file.path)
  bytes.once('close', () => {
    void files.release(file, () => http.inScope((scope) => keepsFile(scope, file.sha256)))
  })
  const shown = inline && row.preview !== null
  http.reply
    .header('content-type', shown || !row.mime.startsWith('text/') ? row.mime : `${row.mime}; charset=utf-8`)
    .header('content-length', row.size)
    .header('content-disposition', `${shown ? 'inline' : 'attachment'}; ${dispositionName(row.file_name)}`)
    .header('x-content-type-options', 'nosniff')
    // A sandbox would keep browsers' own viewers of PDF from starting; they run nothing of the page's origin.
    .header(
      'content-security-policy',
      row.preview === 'pdf'
        ? "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
        : "default-src 'none'; sandbox; frame-ancestors 'none'",
    )
    .header('cross-origin-resource-policy', 'same-origin')
    .header('cache-control', 'private, no-store')
  return bytes
}

/** For old clients ASCII alone, for the rest as it is written. */
function dispositionName(name: string) {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%;]/g, '_')
  const whole = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `filename="${ascii}"; filename*=UTF-8''${whole}`
}

/** By who added it, or who administers the organisation. Its bytes stay for a while, so it can be brought back. */
export async function deleteAttachment(scope: Scope, _http: Http, id: number) {
  const row = await ownAttachment(scope, id)
  if (row.deleted_at) throw notFound('This file')
  await mark(scope, row, 'file_deleted', { deleted_at: scope.now, deleted_by: scope.userId })
  return row
}

export async function restoreAttachment(scope: Scope, files: Files, id: number) {
  const row = await ownAttachment(scope, id)
  if (!row.deleted_at) return row
  const file = files.hold(scope.tenantId, row.file_sha256, row.size)
  if (!file) throw new Refusal(410, 'file_gone', 'It was deleted too long ago: its bytes are gone.')
  await files.release(file, async () => true)
  await mark(scope, row, 'file_restored', { deleted_at: null, deleted_by: null })
  return row
}

async function ownAttachment(scope: Scope, id: number) {
  const row = await requireAttachment(scope, id)
  if (row.user_id !== scope.userId && !scope.may('settings.write'))
    throw forbidden('Only who added a file can delete it, or an administrator.')
  return row
}

async function mark(
  scope: Scope,
  row: Row,
  what: string,
  set: { deleted_at: Date | null; deleted_by: number | null },
) {
  const about = await requireSubject(scope, row as Subject)
  await scope.db.updateTable('attachments').set(set).where('id', '=', row.id).execute()
  await scope.record(`${about.noun}.${what}`, about.id, { attachment_id: row.id, file_name: row.file_name })
}

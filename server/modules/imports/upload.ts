import type { Multipart } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../../core/errors.ts'
import type { StoredFile } from '../../core/files.ts'
import { cleanFileName } from '../../core/schema.ts'
import type { Upload } from './at-once.ts'
import { readMapping, requireMeanings } from './mapping.ts'
import { UploadFields } from './schemas.ts'
import type { Target, TargetName } from './target.ts'

export type Targets = Readonly<Record<TargetName, Target>>

const refused = (path: string, message: string) =>
  new Refusal(422, 'invalid_input', `${path}: ${message}`, {
    issues: [{ in: 'body', path, message, code: 'invalid' }],
  })

/**
 * Reads a form with one csv file, which goes to disk by `store` as it comes, and the fields around it. What is stored is
 * the caller's to release, also when the form is refused. `whole`: a mapping names every column that is read.
 */
export async function receiveUpload(
  request: FastifyRequest,
  store: (source: AsyncIterable<Uint8Array>) => Promise<StoredFile>,
  targets: Targets,
  maxSize: number,
  whole: boolean,
): Promise<Upload> {
  if (!request.isMultipart())
    throw new Refusal(400, 'file_missing', 'Send the file as multipart/form-data, in a field named "file".')
  const fields: Record<string, string> = {}
  let file: StoredFile | undefined
  let name = ''
  let refusal: Refusal | undefined
  const parts = request.parts({ limits: { fileSize: maxSize + 1, files: 5 } }) as AsyncIterable<Multipart>
  for await (const part of parts) {
    if (part.type === 'field') {
      if (typeof part.value === 'string' && part.value.trim() !== '')
        fields[part.fieldname] = part.value.trim()
    } else if (part.fieldname !== 'file' || file || refusal) {
      part.file.resume()
    } else {
      name = cleanFileName(part.filename, 'file.csv')
      refusal = wrongExtension(name)
      if (refusal) part.file.resume()
      else file = await store(part.file)
    }
  }
  if (refusal) throw refusal
  if (!file) throw new Refusal(400, 'file_missing', 'There is no file. Send it in a field named "file".')
  if (file.size === 0)
    throw new Refusal(400, 'file_empty', 'The file is empty. Send one with a header and rows.')

  const read = UploadFields.safeParse(fields)
  if (!read.success) {
    const [issue] = read.error.issues
    throw refused(String(issue!.path[0]), issue!.message)
  }
  const { target: wanted, month, financial_year, financialYear, department, ...rest } = read.data
  const target = targets[wanted ?? 'receivables']
  const { as_of, dry_run, mapping, status_words, date_order, decimal, sign, currency, ...said } = rest
  const given = mapping === undefined ? undefined : givenMapping(target, mapping, whole)
  return {
    target,
    form: { as_of, month, financial_year: financial_year ?? financialYear, department },
    file,
    file_name: name,
    as_of,
    dry_run,
    said: {
      ...said,
      ...(given && whole ? { wanted: given } : {}),
      answers: {
        ...(given && !whole ? { mapping: given } : {}),
        ...(date_order ? { date_order } : {}),
        ...(decimal ? { decimal } : {}),
        ...(sign ? { sign } : {}),
        ...(currency ? { currency } : {}),
        ...(status_words ? { status: givenWords(target, status_words) } : {}),
      },
    },
  }
}

const parsed = (path: string, text: string, example: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw refused(path, `Not valid JSON. Write ${example}.`)
  }
}

/** A mapping that is the whole of what is read must feed what a row needs; else it answers for single fields. */
function givenMapping(target: Target, text: string, whole: boolean) {
  const given = parsed('mapping', text, '{"invoice_number": "Header of its column", …}')
  const { mapping, errors } = readMapping(target, given, whole)
  if (errors.length > 0) throw refused('mapping', errors.join(' '))
  return mapping
}

function givenWords(target: Target, text: string) {
  const read = Words.safeParse(parsed('status_words', text, '{"Part Paid": "partial", …}'))
  if (!read.success) throw refused('status_words', 'Give each word a meaning, as text.')
  requireMeanings(target, read.data)
  return read.data
}
const Words = z.record(z.string().max(200), z.string().max(20))

const readable = /\.(?:csv|tsv|xlsx|xlsm)$/i

function wrongExtension(name: string): Refusal | undefined {
  if (readable.test(name)) return undefined
  const extension = /\.[^.]+$/.exec(name)?.[0]
  return new Refusal(
    400,
    'wrong_extension',
    /^\.(?:xls|xlsb|ods|numbers)$/i.test(extension ?? '')
      ? `${extension} workbooks are not read. Save it as .xlsx or as CSV (comma separated) and send that.`
      : `A spreadsheet is needed${extension ? `, not ${extension}` : ''}: .xlsx, or text as .csv or .tsv.`,
  )
}

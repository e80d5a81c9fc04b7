import type { Multipart } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../../core/errors.ts'
import type { StoredFile } from '../../core/files.ts'
import { forbiddenCharacter } from '../../core/schema.ts'
import type { Upload } from './imports.ts'
import { readMapping } from './mapping.ts'
import { UploadFields } from './schemas.ts'
import type { Target } from './target.ts'

const refused = (path: string, message: string) =>
  new Refusal(422, 'invalid_input', `${path}: ${message}`, {
    issues: [{ in: 'body', path, message, code: 'invalid' }],
  })

/**
 * Reads a form with one csv file, which goes to disk by `store` as it comes, and the fields around it. What is stored is
 * the caller's to release, also when the form is refused.
 */
export async function receiveUpload(
  request: FastifyRequest,
  store: (source: AsyncIterable<Uint8Array>) => Promise<StoredFile>,
  target: Target,
  maxSize: number,
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
      name = fileName(part.filename)
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
  const { mapping, date_order, decimal, ...rest } = read.data
  return {
    file,
    file_name: name,
    ...rest,
    mapping: mapping === undefined ? null : givenMapping(target, mapping),
    answers: { date_order, decimal },
  }
}

function givenMapping(target: Target, text: string) {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw refused('mapping', 'Not valid JSON. Write {"invoice_number": "Header of its column", …}.')
  }
  const { mapping, errors } = readMapping(target, given)
  if (errors.length > 0) throw refused('mapping', errors.join(' '))
  return mapping
}

/** The last part of the name as sent, without what does not belong into names. */
function fileName(sent: string) {
  const name = (sent.split(/[\\/]/).at(-1) ?? '').normalize('NFC')
  return (
    [...name]
      .filter((character) => !forbiddenCharacter(character))
      .join('')
      .slice(-255) || 'file.csv'
  )
}

function wrongExtension(name: string): Refusal | undefined {
  if (/\.csv$/i.test(name)) return undefined
  const extension = /\.[^.]+$/.exec(name)?.[0]
  return new Refusal(
    400,
    'wrong_extension',
    /^\.xls[xmb]?$/i.test(extension ?? '')
      ? 'Excel workbooks are not read yet. Save the sheet as CSV (comma separated) and send that.'
      : `A CSV file is needed${extension ? `, not ${extension}` : ''}. Its name ends with .csv.`,
  )
}

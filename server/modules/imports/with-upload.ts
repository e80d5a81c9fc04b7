import type { OwnHttp } from '../../core/api.ts'
import type { Files, StoredFile } from '../../core/files.ts'
import type { Upload } from './at-once.ts'
import { keepsFile, requireAllRows } from './kept.ts'
import { expectFile } from './reading.ts'
import { IMPORT_TIME_MAX } from './running.ts'
import { UploadForm } from './schemas.ts'
import { receiveUpload, type Targets } from './upload.ts'

/** What a route says that takes a file in. */
export const uploading = (maxSize: number) => ({
  consumes: ['multipart/form-data'],
  form: UploadForm,
  bodyLimit: maxSize + 1024 * 1024,
  timeout: IMPORT_TIME_MAX + 60_000,
})

/**
 * Takes the file of a form in for as long as the work lasts; it stays when an import has come to name it. `whole`: a mapping
 * names every column that is read.
 */
export async function withUpload<T>(
  http: OwnHttp,
  { files, targets, maxSize, whole }: { files: Files; targets: Targets; maxSize: number; whole: boolean },
  work: (upload: Upload) => Promise<T>,
): Promise<T> {
  const actor = http.who.actor!
  requireAllRows(actor)
  expectFile()
  let stored: StoredFile | undefined
  try {
    const store = async (source: AsyncIterable<Uint8Array>) => {
      stored = await files.store(actor.tenant_id, source, maxSize)
      return stored
    }
    return await work(await receiveUpload(http.request, store, targets, maxSize, whole))
  } finally {
    const file = stored
    if (file) await files.release(file, () => http.inScope((scope) => keepsFile(scope, file.sha256)))
  }
}
/** What an upload says, for repeated calls: their file by its digest. */
export const saidBy = ({ file, target, ...said }: Upload) => ({
  ...said,
  target: target.name,
  file: file.sha256,
})

import { Worker } from 'node:worker_threads'
import type { OwnHttp } from '../../core/api.ts'
import { notFound, Refusal } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import { keepsFile } from '../imports/kept.ts'
import { openPharmacy } from './pharmacies.ts'
import { requireReport } from './reports.ts'

// A page of a report as it looks on paper, drawn by what read it: places of lines fit the picture to the point.

export const PICTURE_TIME_MAX = 30_000
export type PictureJob = { path: string; name: string; page: number }
export type PictureSaid =
  | { kind: 'picture'; png: Uint8Array }
  | { kind: 'refused'; status: number; code: string; detail: string }

export async function sendPagePicture(
  http: OwnHttp,
  files: Files,
  { pharmacy_id, report_id, page }: { pharmacy_id: number; report_id: number; page: number },
) {
  const { row, tenantId } = await http.inScope(async (scope) => ({
    row: await requireReport(scope, await openPharmacy(scope, pharmacy_id), report_id),
    tenantId: scope.tenantId,
  }))
  if (row.mime !== 'application/pdf' || !row.pages.some((each) => each.page === page))
    throw notFound('This page')
  const file = files.hold(tenantId, row.file_sha256, row.file_size)
  if (!file)
    throw new Refusal(410, 'file_gone', 'The bytes of this report are gone from the server’s data folder.')
  try {
    const png = await oneAtATime(() => draw({ path: file.path, name: row.file_name, page }))
    http.reply
      .type('image/png')
      .header('content-length', png.length)
      .header('cache-control', 'private, no-store')
    return png
  } finally {
    await files.release(file, () => http.inScope((scope) => keepsFile(scope, file.sha256)))
  }
}

let last: Promise<unknown> = Promise.resolve()
/** Whoever leafs quickly asks for many pages: each takes a core for a quarter of a second, and never two at once. */
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work, work)
  last = mine.catch(() => {})
  return mine
}

function draw(job: PictureJob): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./page-picture-worker.ts', import.meta.url), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    })
    const end = (settle: () => void) => {
      clearTimeout(timer)
      void worker.terminate()
      settle()
    }
    const late = new Refusal(503, 'picture_takes_too_long', 'Drawing this page takes too long.')
    const timer = setTimeout(() => end(() => reject(late)), PICTURE_TIME_MAX - 5_000)
    worker.on('message', (said: PictureSaid) =>
      end(() =>
        said.kind === 'picture'
          ? resolve(Buffer.from(said.png))
          : reject(new Refusal(said.status, said.code, said.detail)),
      ),
    )
    worker.on('error', (error) => end(() => reject(error)))
    worker.on('exit', () => end(() => reject(new Error('The drawing thread ended without an answer.'))))
  })
}

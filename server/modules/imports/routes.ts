import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor, type OwnHttp } from '../../core/api.ts'
import type { Files, StoredFile } from '../../core/files.ts'
import { idParams, page } from '../../core/schema.ts'
import { importFile, type Upload } from './at-once.ts'
import { keepsFile, requireAllRows } from './kept.ts'
import {
  cancelImport,
  createImport,
  inOneStep,
  publishImport,
  revertImport,
  reviseImport,
} from './lifecycle.ts'
import { decideMissing, listMissing } from './missing.ts'
import { rejectedFile } from './rejected.ts'
import { getImport, listImports, listRows, listTouched } from './rows.ts'
import { IMPORT_TIME_MAX } from './running.ts'
import {
  Decided,
  Decision,
  Import,
  ImportAnswer,
  ImportQuery,
  ImportRows,
  Imports,
  MissingInvoices,
  MissingQuery,
  Revision,
  RowsQuery,
  SourceChange,
  Sources,
  TakenIn,
  Touched,
  UploadForm,
} from './schemas.ts'
import { changeSource, listSources } from './sources.ts'
import type { Target } from './target.ts'
import { receiveUpload } from './upload.ts'

/** Every import there is, from whatever door its file came. */
export function importRoutes(app: FastifyInstance, deps: ApiDeps & { files: Files; target: Target }) {
  const api = apiFor(app, deps, 'Imports')
  const { files, target } = deps
  const access = 'receivables.import'
  const maxSize = deps.config.importMaxSize
  const upload = {
    consumes: ['multipart/form-data'],
    form: UploadForm,
    bodyLimit: maxSize + 1024 * 1024,
    timeout: IMPORT_TIME_MAX + 60_000,
  }
  const step = (http: OwnHttp) => ({ http, target, files })

  api.own.post(
    '/api/import-ar-data',
    {
      access,
      family: 'tracker',
      summary: 'Import an export of receivables in one call (xlsx, csv, tsv)',
      ...upload,
      reply: ImportAnswer,
    },
    (_input, http) =>
      withUpload(http, true, ({ file, ...said }, taken) =>
        http.once({ ...said, file: file.sha256 }, () => importFile(http, target, taken)),
      ),
  )
  api.own.post(
    '/api/imports',
    {
      access,
      summary: 'Take a file in and check it: what it is, what it would change',
      ...upload,
      reply: TakenIn,
      status: 201,
    },
    (_input, http) => withUpload(http, false, (_said, taken) => createImport(step(http), taken)),
  )
  api.get(
    '/api/imports',
    { access, summary: 'List the imports, newest first', query: ImportQuery, reply: Imports },
    (scope, { query }) => listImports(scope, query),
  )
  api.get(
    '/api/imports/missing',
    {
      access,
      summary: 'Invoices that a file covers and does not name: paid or withdrawn?',
      query: MissingQuery,
      reply: MissingInvoices,
    },
    (scope, { query }) => listMissing(scope, query),
  )
  api.get(
    '/api/imports/sources',
    { access, summary: 'Where files come from, and what was decided for them', reply: Sources },
    (scope) => listSources(scope),
  )
  api.patch(
    '/api/imports/sources/:id',
    {
      access,
      summary: 'Name a source, or say what its files hold',
      params: idParams,
      body: SourceChange,
      reply: Sources,
    },
    (scope, { params, body }) => changeSource(scope, params.id, body),
  )
  api.get(
    '/api/imports/:id',
    {
      access,
      summary: 'One import: what it is, its difference, rejected rows and missing invoices',
      params: idParams,
      reply: Import,
    },
    (scope, { params }) => getImport(scope, params.id),
  )
  api.own.patch(
    '/api/imports/:id',
    {
      access,
      summary: 'Say more about a file (mapping, day, answers, corrected cells) and check it anew',
      params: idParams,
      body: Revision,
      reply: Import,
      timeout: IMPORT_TIME_MAX + 60_000,
    },
    ({ params, body }, http) => reviseImport(step(http), params.id, body),
  )
  api.get(
    '/api/imports/:id/rows',
    { access, summary: 'What became of its rows', params: idParams, query: RowsQuery, reply: ImportRows },
    (scope, { params, query }) => listRows(scope, params.id, query),
  )
  api.get(
    '/api/imports/:id/touched',
    {
      access,
      summary: 'Its invoices on which somebody has worked since',
      params: idParams,
      query: z.object(page),
      reply: Touched,
    },
    (scope, { params, query }) => listTouched(scope, params.id, query),
  )
  api.own.get(
    '/api/imports/:id/rejected',
    {
      access,
      summary: 'Its rejected rows as a file, as they were written and with the reason',
      params: idParams,
      query: z.object({ format: z.enum(['csv', 'xlsx']).default('csv') }),
    },
    ({ params, query }, http) => rejectedFile(http, params.id, query.format),
  )
  for (const [verb, summary, act] of [
    ['publish', 'Bring a checked import into the books', publishImport],
    ['cancel', 'Stop an import and discard it', cancelImport],
    ['revert', 'Take an import out of the books, as if it had never come', revertImport],
  ] as const)
    api.own.post(
      `/api/imports/:id/${verb}`,
      { access, summary, params: idParams, reply: Import, timeout: IMPORT_TIME_MAX + 60_000 },
      ({ params }, http) => http.once({ verb, id: params.id }, () => act(step(http), params.id)),
    )
  api.own.post(
    '/api/imports/:id/missing',
    {
      access,
      summary: 'Decide about invoices that it did not name; all of them when none is named',
      params: idParams,
      body: Decision,
      reply: Decided,
    },
    ({ params, body }, http) =>
      http.once({ id: params.id, ...body }, () =>
        inOneStep(step(http), params.id, (scope, watch) =>
          decideMissing(scope, target, params.id, body, watch),
        ),
      ),
  )

  /** Takes the file of a form in for as long as the work lasts; it stays when an import has come to name it. */
  async function withUpload<T>(
    http: OwnHttp,
    whole: boolean,
    work: (said: Upload, upload: Upload) => Promise<T>,
  ): Promise<T> {
    const actor = http.who.actor!
    requireAllRows(actor)
    let stored: StoredFile | undefined
    try {
      const store = async (source: AsyncIterable<Uint8Array>) => {
        stored = await files.store(actor.tenant_id, source, maxSize)
        return stored
      }
      const taken = await receiveUpload(http.request, store, target, maxSize, whole)
      return await work(taken, taken)
    } finally {
      const file = stored
      if (file) await files.release(file, () => http.inScope((scope) => keepsFile(scope, file.sha256)))
    }
  }
}

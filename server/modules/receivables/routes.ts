import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import { localFiles, type StoredFile } from '../../core/files.ts'
import { IMPORT_TIME_MAX, importFile, keepsFile, requireAllRows } from '../imports/imports.ts'
import { ImportAnswer, UploadForm } from '../imports/schemas.ts'
import { receiveUpload } from '../imports/upload.ts'
import { getAgeing } from './ageing.ts'
import { receivablesTarget } from './import/target.ts'
import { listInvoices } from './invoices.ts'
import { Ageing, AgeingQuery, InvoiceQuery, Invoices } from './schemas.ts'

export function receivableRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Receivables')
  const files = localFiles(join(deps.config.dataDir, 'files'))
  const maxSize = deps.config.importMaxSize

  api.own.post(
    '/api/import-ar-data',
    {
      access: 'receivables.import',
      family: 'tracker',
      summary: 'Import an export of receivables (CSV)',
      consumes: ['multipart/form-data'],
      form: UploadForm,
      reply: ImportAnswer,
      bodyLimit: maxSize + 1024 * 1024,
      timeout: IMPORT_TIME_MAX + 60_000,
    },
    async (_input, http) => {
      const actor = http.who.actor!
      requireAllRows(actor)
      let stored: StoredFile | undefined
      try {
        const store = async (source: AsyncIterable<Uint8Array>) => {
          stored = await files.store(actor.tenant_id, source, maxSize)
          return stored
        }
        const upload = await receiveUpload(http.request, store, receivablesTarget, maxSize)
        const { file, ...said } = upload
        return await http.once({ ...said, file: file.sha256 }, () =>
          importFile(http, receivablesTarget, upload),
        )
      } finally {
        const file = stored
        if (file) await files.release(file, () => http.inScope((scope) => keepsFile(scope, file.sha256)))
      }
    },
  )
  api.get(
    '/api/receivables/ageing',
    {
      access: 'receivables.read',
      summary: 'Who owes how much for how long, as of any day',
      query: AgeingQuery,
      reply: Ageing,
    },
    (scope, { query }) => getAgeing(scope, query),
  )
  api.get(
    '/api/receivables/invoices',
    {
      access: 'receivables.read',
      summary: 'List invoices with their balances, as of any day',
      query: InvoiceQuery,
      reply: Invoices,
    },
    (scope, { query }) => listInvoices(scope, query),
  )
}

import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import { importFile } from '../imports/at-once.ts'
import type { Targets } from '../imports/upload.ts'
import { saidBy, uploading, withUpload } from '../imports/with-upload.ts'
import { listSheet } from './customers.ts'
import * as shape from './schemas.ts'
import { uploaded } from './uploaded.ts'

/** The Outstanding Tracker, as its document writes it. */
export function outstandingRoutes(app: FastifyInstance, deps: ApiDeps & { files: Files; targets: Targets }) {
  const api = apiFor(app, deps, 'Outstanding', 'outstanding')
  const { files, targets } = deps
  const reading = { access: 'receivables.read', query: shape.SheetQuery }
  const maxSize = deps.config.importMaxSize

  api.own.post(
    '/api/upload',
    {
      access: 'receivables.import',
      summary: 'Upload the outstanding sheet of a month (Country Manager, Admin)',
      ...uploading(maxSize),
      reply: shape.Uploaded,
    },
    (_input, http) => {
      // Whoever uploads here means a sheet.
      const meant = { receivables: targets.outstanding, outstanding: targets.outstanding }
      return withUpload(http, { files, targets: meant, maxSize, whole: true }, (upload) =>
        http.once(saidBy(upload), async () => {
          const answer = await importFile(http, targets.outstanding, upload).catch(asBadRequest)
          return http.inScope((scope) => uploaded(scope, answer))
        }),
      )
    },
  )
  api.get(
    '/api/customers',
    { ...reading, summary: 'The data sheet: customers with their invoices', reply: shape.Customers },
    (scope, { query }) => listSheet(scope, query),
  )
}

/** The document knows 400 for whatever is wrong with a file. */
function asBadRequest(error: unknown): never {
  if (error instanceof Refusal && error.status === 422)
    throw new Refusal(400, error.code, error.detail, error.extra)
  throw error
}

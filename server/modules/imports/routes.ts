import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import { idParams, page } from '../../core/schema.ts'
import { getImport, listImports } from './imports.ts'
import { Import, Imports } from './schemas.ts'

/** What was imported. Each target has its own door for files; the receivables' is POST /api/import-ar-data. */
export function importRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Imports')
  const access = 'receivables.import'
  api.get(
    '/api/imports',
    { access, summary: 'List the imports, newest first', query: z.object(page), reply: Imports },
    (scope, { query }) => listImports(scope, query),
  )
  api.get(
    '/api/imports/:id',
    {
      access,
      summary: 'One import: its counts, rejected rows and missing invoices',
      params: idParams,
      reply: Import,
    },
    (scope, { params }) => getImport(scope, params.id),
  )
}

import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor, type OwnHttp } from '../../core/api.ts'
import type { Files } from '../../core/files.ts'
import { idParams, page } from '../../core/schema.ts'
import { importFile } from './at-once.ts'
import { keptImport, requireAllRows } from './kept.ts'
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
} from './schemas.ts'
import { changeSource, listSources } from './sources.ts'
import type { Target } from './target.ts'
import type { Targets } from './upload.ts'
import { saidBy, uploading, withUpload } from './with-upload.ts'

/** Every import there is, from whatever door its file came. */
export function importRoutes(app: FastifyInstance, deps: ApiDeps & { files: Files; targets: Targets }) {
  const api = apiFor(app, deps, 'Imports')
  const { files, targets } = deps
  const access = 'receivables.import'
  const maxSize = deps.config.importMaxSize
  const upload = uploading(maxSize)
  const step = (http: OwnHttp, target: Target) => ({ http, target, files })
  /** The step of an import that is there: its target is what its file was taken for. */
  const stepOf = async (http: OwnHttp, id: number) => {
    requireAllRows(http.who.actor!)
    const kept = await http.inScope((scope) => keptImport(scope, id))
    return step(http, targets[kept.target])
  }

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
      withUpload(
        http,
        { files, targets: { ...targets, outstanding: targets.receivables }, maxSize, whole: true },
        (taken) => http.once(saidBy(taken), () => importFile(http, targets.receivables, taken)),
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
    (_input, http) =>
      withUpload(http, { files, targets, maxSize, whole: false }, (taken) =>
        createImport(step(http, taken.target), taken),
      ),
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
    async ({ params, body }, http) => reviseImport(await stepOf(http, params.id), params.id, body),
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
      ({ params }, http) =>
        http.once({ verb, id: params.id }, async () => act(await stepOf(http, params.id), params.id)),
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
      http.once({ id: params.id, ...body }, async () => {
        const of = await stepOf(http, params.id)
        return inOneStep(of, params.id, (scope, watch) =>
          decideMissing(scope, of.target, params.id, body, watch),
        )
      }),
  )
}

import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import { notFound, Refusal } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import { idParams } from '../../core/schema.ts'
import { importFile } from '../imports/at-once.ts'
import type { Targets } from '../imports/upload.ts'
import { saidBy, uploading, withUpload } from '../imports/with-upload.ts'
import { EXPORT_TIME_MAX } from '../receivables/export.ts'
import { listSheet } from './customers.ts'
import { getDashboard, listTracker } from './dashboard.ts'
import { assignEngineer, setNotes, setRemark } from './edits.ts'
import { exportSheet } from './export.ts'
import { acceptProposals, listProposals } from './proposals.ts'
import * as shape from './schemas.ts'
import { listChoices } from './sheets.ts'
import { setStatus } from './status.ts'
import { listTold, markTold } from './told.ts'
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
  api.get(
    '/api/dashboard',
    { ...reading, summary: 'The dashboard of a month', reply: shape.Dashboard },
    (scope, { query }) => getDashboard(scope, query),
  )
  api.get(
    '/api/invoice-tracker',
    { ...reading, summary: 'Invoices month by month, newest first', reply: shape.InvoiceTracker },
    (scope, { query }) => listTracker(scope, query),
  )
  api.get(
    '/api/outstanding/choices',
    {
      access: 'receivables.read',
      family: 'ours',
      summary: 'Months, departments, regions and engineers to choose from',
      reply: shape.Choices,
    },
    (scope) => listChoices(scope),
  )

  api.own.get(
    '/api/outstanding/export',
    {
      access: 'receivables.read',
      family: 'ours',
      summary: 'The data sheet of a month as a file',
      query: shape.SheetExport,
      timeout: EXPORT_TIME_MAX,
    },
    ({ query }, http) => exportSheet(http, query),
  )

  const editing = { access: 'receivables.write', params: shape.CustomerParams, reply: shape.Success }
  api.put(
    '/api/customers/:id/remark',
    { ...editing, summary: 'Change the remark of a customer', body: shape.NewRemark },
    (scope, { params, body }) => setRemark(scope, params.id, body.newRemark),
  )
  api.put(
    '/api/customers/:id/notes',
    { ...editing, summary: 'Change the notes of a customer', body: shape.NewNotes },
    (scope, { params, body }) => setNotes(scope, params.id, body.newNotes),
  )
  api.put(
    '/api/customers/:id/assign-engineer',
    {
      ...editing,
      access: 'receivables.assign',
      summary: 'Give a customer to an engineer of its region',
      body: shape.NewEngineer,
    },
    (scope, { params, body }) => assignEngineer(scope, params.id, body),
  )
  const status = {
    access: 'receivables.write',
    summary: 'Take an invoice as paid, unpaid or in dispute',
    body: shape.NewStatus,
    reply: shape.Success,
  }
  api.put(
    '/api/customers/:customerId/invoices/:invoiceNumber/dispute',
    { ...status, params: shape.InvoiceParams },
    (scope, { params, body }, http) =>
      setStatus(scope, http, params.customerId, params.invoiceNumber, body.newStatus),
  )
  // Numbers such as BP/25-26/0011 come with their slashes as they are.
  api.put(
    '/api/customers/:customerId/invoices/*',
    { ...status, params: shape.SlashedParams, exact: true, hidden: true },
    (scope, { params, body }, http) => {
      const number = /^(.+)\/dispute\/?$/.exec(params['*'])?.[1]
      if (!number) throw notFound('This address')
      return setStatus(scope, http, params.customerId, number, body.newStatus)
    },
  )

  api.get(
    '/api/notifications',
    { access: 'member', summary: 'What you were told, newest first', reply: shape.ToldAll },
    (scope) => listTold(scope),
  )
  api.put(
    '/api/notifications/:id/read',
    {
      access: 'member',
      summary: 'Mark what you were told as read',
      params: idParams,
      reply: shape.Success,
    },
    (scope, { params }) => markTold(scope, params.id),
  )
  api.get(
    '/api/outstanding/engineer-proposals',
    {
      access: 'receivables.assign',
      summary: 'Engineers that the latest sheets name beside customers whom others have, or nobody',
      reply: shape.Proposals,
    },
    (scope) => listProposals(scope),
  )
  api.post(
    '/api/outstanding/engineer-proposals/accept',
    {
      access: 'receivables.assign',
      summary: 'Give customers to the engineers that the latest sheets name',
      body: shape.AcceptProposals,
      reply: shape.ProposalsAccepted,
    },
    (scope, { body }) => acceptProposals(scope, body),
  )
}

/** The document knows 400 for whatever is wrong with a file. */
function asBadRequest(error: unknown): never {
  if (error instanceof Refusal && error.status === 422)
    throw new Refusal(400, error.code, error.detail, error.extra)
  throw error
}

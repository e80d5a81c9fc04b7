import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { type Api, type ApiDeps, apiFor, type OwnHttp, sendVersion } from '../../core/api.ts'
import { idParams } from '../../core/schema.ts'
import { ageingText, sumAgeing } from './ageing.ts'
import { assignInvoice, assignInvoices, listAssignees } from './assignments.ts'
import {
  addComment,
  commentHistory,
  deleteComment,
  editComment,
  listComments,
  listMentionable,
} from './comments.ts'
import { getCustomer } from './customer.ts'
import { listCustomers } from './customers.ts'
import { EXPORT_TIME_MAX, exportAgeing, exportCustomers, exportInvoices } from './export.ts'
import { getInvoice } from './invoice.ts'
import { listInvoices } from './invoices.ts'
import {
  Ageing,
  AgeingExport,
  AgeingQuery,
  Assigned,
  AssignedInvoice,
  Assignees,
  Assignment,
  BulkAssignment,
  Comment,
  CommentHistory,
  CommentInput,
  Comments,
  CustomerDetails,
  CustomerExport,
  CustomerQuery,
  Customers,
  Found,
  InvoiceDetails,
  InvoiceExport,
  InvoiceFilters,
  InvoiceQuery,
  Invoices,
  Members,
  SearchQuery,
  Timeline,
  TimelineQuery,
} from './schemas.ts'
import { search } from './search.ts'
import { customerTimeline, invoiceTimeline } from './timeline.ts'

export function receivableRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Receivables')
  api.get(
    '/api/receivables/ageing',
    {
      access: 'receivables.read',
      summary: 'Who owes how much for how long, as of any day',
      query: AgeingQuery,
      reply: Ageing,
    },
    async (scope, { query }, { reply }) => {
      const report = await sumAgeing(scope, query)
      reply.type('application/json; charset=utf-8').serializer(() => ageingText(report))
      return report as unknown as z.output<typeof Ageing>
    },
  )
  api.get(
    '/api/receivables/search',
    {
      access: 'receivables.read',
      summary: 'Find customers by name or code and invoices by number, at most eight of each',
      query: SearchQuery,
      reply: Found,
    },
    (scope, { query }) => search(scope, query.q),
  )
  exportRoute(api, 'ageing', 'The ageing as a file (CSV or workbook)', AgeingExport, exportAgeing)
  invoiceRoutes(api)
  customerRoutes(api)
}

/** A list as a file: as long as it takes, with the filters of the list. */
function exportRoute<Q extends z.ZodType>(
  api: Api,
  list: 'ageing' | 'invoices' | 'customers',
  summary: string,
  query: Q,
  write: (http: OwnHttp, query: z.output<Q>) => Promise<Readable>,
) {
  api.own.get(
    `/api/receivables/${list}/export`,
    { access: 'receivables.read', summary, query, timeout: EXPORT_TIME_MAX },
    ({ query }, http) => write(http, query as z.output<Q>),
  )
}

function invoiceRoutes(api: Api) {
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
  exportRoute(
    api,
    'invoices',
    'Every invoice that the filters find, as a file (CSV or workbook)',
    InvoiceExport,
    exportInvoices,
  )
  api.get(
    '/api/receivables/invoices/:id',
    {
      access: 'receivables.read',
      summary: 'One invoice with its ledger and what each file said of it',
      params: idParams,
      reply: InvoiceDetails,
    },
    async (scope, { params }, http) => {
      const invoice = await getInvoice(scope, params.id)
      sendVersion(http, invoice)
      return invoice
    },
  )
  api.get(
    '/api/receivables/invoices/:id/timeline',
    {
      access: 'receivables.read',
      summary: 'What happened to an invoice, newest first',
      params: idParams,
      query: TimelineQuery,
      reply: Timeline,
    },
    (scope, { params, query }) => invoiceTimeline(scope, params.id, query),
  )
  api.get(
    '/api/receivables/invoices/:id/comments',
    { access: 'receivables.read', summary: 'Comments on an invoice', params: idParams, reply: Comments },
    (scope, { params }) => listComments(scope, { invoice_id: params.id }),
  )
  api.post(
    '/api/receivables/invoices/:id/comments',
    {
      access: 'receivables.read',
      summary: 'Comment on an invoice',
      params: idParams,
      body: CommentInput,
      reply: Comment,
      status: 201,
    },
    (scope, { params, body }) => addComment(scope, { invoice_id: params.id }, body.body),
  )
  api.get(
    '/api/receivables/invoices/:id/members',
    {
      access: 'receivables.read',
      summary: 'Colleagues who see an invoice: whom a comment there can call by @name',
      params: idParams,
      reply: Members,
    },
    (scope, { params }) => listMentionable(scope, params.id),
  )
  api.get(
    '/api/receivables/customers/:id/comments',
    { access: 'receivables.read', summary: 'Comments on a customer', params: idParams, reply: Comments },
    (scope, { params }) => listComments(scope, { customer_id: params.id }),
  )
  api.post(
    '/api/receivables/customers/:id/comments',
    {
      access: 'receivables.read',
      summary: 'Comment on a customer',
      params: idParams,
      body: CommentInput,
      reply: Comment,
      status: 201,
    },
    (scope, { params, body }) => addComment(scope, { customer_id: params.id }, body.body),
  )
  api.get(
    '/api/receivables/comments/:id/history',
    {
      access: 'receivables.read',
      summary: 'What a comment said before it was changed, newest first',
      params: idParams,
      reply: CommentHistory,
    },
    (scope, { params }) => commentHistory(scope, params.id),
  )
  api.put(
    '/api/receivables/comments/:id',
    {
      access: 'receivables.read',
      summary: "Change one's own comment",
      params: idParams,
      body: CommentInput,
      reply: Comment,
    },
    async (scope, { params, body }, http) => {
      const comment = await editComment(scope, http, params.id, body.body)
      sendVersion(http, comment)
      return comment
    },
  )
  api.delete(
    '/api/receivables/comments/:id',
    { access: 'receivables.read', summary: "Delete one's own comment", params: idParams, reply: Comment },
    (scope, { params }, http) => deleteComment(scope, http, params.id),
  )
  api.get(
    '/api/receivables/assignees',
    {
      access: 'receivables.read',
      summary: 'Who may be given invoices, with what they have open',
      reply: Assignees,
    },
    (scope) => listAssignees(scope),
  )
  api.put(
    '/api/receivables/invoices/:id/assignment',
    {
      access: 'receivables.assign',
      summary: 'Give an invoice to somebody, or to nobody',
      params: idParams,
      body: Assignment,
      reply: AssignedInvoice,
    },
    async (scope, { params, body }, http) => {
      const invoice = await assignInvoice(scope, http, params.id, body.assigned_to)
      sendVersion(http, invoice)
      return invoice
    },
  )
  api.post(
    '/api/receivables/invoices/assign',
    {
      access: 'receivables.assign',
      summary: 'Give many invoices to somebody: those named, or all that the filters find',
      query: InvoiceFilters,
      body: BulkAssignment,
      reply: Assigned,
    },
    (scope, { query, body }) => assignInvoices(scope, query, body),
  )
}

function customerRoutes(api: Api) {
  api.get(
    '/api/receivables/customers',
    {
      access: 'receivables.read',
      summary: 'Customers with what they owe, as of any day; a row per customer and currency',
      query: CustomerQuery,
      reply: Customers,
    },
    (scope, { query }) => listCustomers(scope, query),
  )
  exportRoute(
    api,
    'customers',
    'Every customer that the filters find, as a file (CSV or workbook)',
    CustomerExport,
    exportCustomers,
  )
  api.get(
    '/api/receivables/customers/:id',
    {
      access: 'receivables.read',
      summary: 'One customer: open amounts by age, their course over a year, the last files',
      params: idParams,
      reply: CustomerDetails,
    },
    async (scope, { params }, http) => {
      const customer = await getCustomer(scope, params.id)
      sendVersion(http, customer)
      return customer
    },
  )
  api.get(
    '/api/receivables/customers/:id/timeline',
    {
      access: 'receivables.read',
      summary: 'What happened to a customer and its invoices, newest first',
      params: idParams,
      query: TimelineQuery,
      reply: Timeline,
    },
    (scope, { params, query }) => customerTimeline(scope, params.id, query),
  )
}

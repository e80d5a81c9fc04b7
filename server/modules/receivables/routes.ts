import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import { getAgeing } from './ageing.ts'
import { listInvoices } from './invoices.ts'
import { Ageing, AgeingQuery, InvoiceQuery, Invoices } from './schemas.ts'

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

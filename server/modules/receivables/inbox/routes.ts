import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import { getInbox, setRootCause } from './inbox.ts'
import { Cause, CauseInput, Inbox, InboxQuery } from './schemas.ts'

export function inboxRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Receivables')
  api.get(
    '/api/receivables/inbox',
    {
      access: 'receivables.read',
      summary: 'What keeps invoices from being paid, by cause',
      query: InboxQuery,
      reply: Inbox,
    },
    (scope, { query }) => getInbox(scope, query),
  )
  api.put(
    '/api/receivables/invoices/:id/root-cause',
    {
      access: 'receivables.write',
      summary: 'Say why an invoice is not paid',
      params: idParams,
      body: CauseInput,
      reply: Cause,
    },
    async (scope, { params, body }, http) => {
      const invoice = await setRootCause(scope, http, params.id, body.root_cause)
      sendVersion(http, invoice)
      return invoice
    },
  )
}

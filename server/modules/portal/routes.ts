import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Api, type ApiDeps, apiFor } from '../../core/api.ts'
import { idParams } from '../../core/schema.ts'
import { enterByLink, listLinks, makeLink, markOpened, revokeLink } from './links.ts'
import { disputeByLink, promiseByLink, readPage, statementOf } from './page.ts'
import {
  Disputed,
  LinkInput,
  LinkMade,
  PortalDispute,
  PortalPage,
  PortalPromise,
  Promised,
  StatementLink,
  StatementLinks,
  StatementQuery,
  tokenParams,
} from './schemas.ts'
import { readStatement, type Statement } from './statement.ts'
import { statementPdf } from './statement-pdf.ts'

export function portalRoutes(app: FastifyInstance, deps: ApiDeps) {
  ours(apiFor(app, deps, 'Statements'), deps)
  theirs(apiFor(app, deps, 'Customer link'))
}

/** Drawn outside the transaction: paper takes longer than the rows. */
async function sendPdf(reply: FastifyReply, statement: Statement, now: Date) {
  const pdf = await statementPdf(statement, now)
  const name = statement.customer.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60)
  reply
    .type('application/pdf')
    .header(
      'content-disposition',
      `attachment; filename="statement-${statement.as_of}.pdf"; filename*=UTF-8''${encodeURIComponent(`statement-${name}-${statement.as_of}.pdf`)}`,
    )
  return pdf
}

function ours(api: Api, deps: ApiDeps) {
  api.own.get(
    '/api/receivables/customers/:id/statement',
    {
      access: 'receivables.read',
      summary: 'Statement of a customer as PDF: open items with their age, as of any day',
      params: idParams,
      query: StatementQuery,
    },
    async ({ params, query }, http) =>
      sendPdf(http.reply, await http.inScope((scope) => readStatement(scope, params.id, query)), deps.now()),
  )
  api.get(
    '/api/receivables/customers/:id/links',
    {
      access: 'receivables.read',
      summary: 'Links that show a customer what they owe, with when they were opened last',
      params: idParams,
      reply: StatementLinks,
    },
    (scope, { params }) => listLinks(scope, params.id),
  )
  api.post(
    '/api/receivables/customers/:id/links',
    {
      access: 'receivables.write',
      summary: 'Make a link for a customer; it is answered this once',
      params: idParams,
      body: LinkInput,
      reply: LinkMade,
      status: 201,
    },
    (scope, { params, body }) => makeLink(scope, params.id, body, deps.config.publicUrl),
  )
  api.post(
    '/api/receivables/statement-links/:id/revoke',
    {
      access: 'receivables.write',
      summary: 'Revoke a link; whoever holds it sees nothing any more',
      params: idParams,
      reply: StatementLink,
    },
    (scope, { params }) => revokeLink(scope, params.id),
  )
}

/** What the holder of a link may do, without an account; limited as sign-in doors are. */
function theirs(api: Api) {
  const door = { access: 'public', door: true, params: tokenParams } as const
  api.open.get(
    '/api/portal/:token',
    { ...door, summary: 'What a customer owes, by their link', reply: PortalPage },
    async (system, { params }) => {
      const { scope, link } = await enterByLink(system, params.token)
      return readPage(scope, link)
    },
  )
  api.open.post(
    '/api/portal/:token/opened',
    { ...door, summary: 'Somebody looks at the page of a link', status: 204 },
    async (system, { params }) => {
      const { scope, link } = await enterByLink(system, params.token)
      await markOpened(scope, link)
    },
  )
  api.own.get(
    '/api/portal/:token/statement',
    { ...door, summary: 'The statement of a link as PDF' },
    async ({ params }, http) => {
      const { statement, now } = await http.asSystem(async (system) => {
        const { scope, link } = await enterByLink(system, params.token)
        return { statement: await statementOf(scope, link), now: scope.now }
      })
      return sendPdf(http.reply, statement, now)
    },
  )
  api.open.post(
    '/api/portal/:token/promises',
    {
      ...door,
      summary: 'Promise to pay, as the customer',
      body: PortalPromise,
      reply: Promised,
      status: 201,
    },
    async (system, { params, body }) => {
      const { scope, link } = await enterByLink(system, params.token)
      return promiseByLink(scope, link, body)
    },
  )
  api.open.post(
    '/api/portal/:token/disputes',
    {
      ...door,
      summary: 'Dispute an invoice, as the customer',
      body: PortalDispute,
      reply: Disputed,
      status: 201,
    },
    async (system, { params, body }) => {
      const { scope, link } = await enterByLink(system, params.token)
      return disputeByLink(scope, link, body)
    },
  )
}

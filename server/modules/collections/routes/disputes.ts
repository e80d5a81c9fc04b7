import type { FastifyInstance } from 'fastify'
import { type Api, type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import { EXPORT_TIME_MAX } from '../../receivables/export.ts'
import { InvoiceFilters } from '../../receivables/schemas.ts'
import {
  assignDispute,
  changeDispute,
  closeDispute,
  commentOnDispute,
  getDispute,
  listDisputeComments,
  moveDispute,
  openDispute,
  reopenDispute,
} from '../disputes/dispute.ts'
import { exportDisputes, listDisputes, openDisputes, undoOpened } from '../disputes/disputes.ts'
import { createReason, listReasons, orderReasons, updateReason } from '../disputes/reasons.ts'
import { disputeReport } from '../disputes/report.ts'
import {
  DisputeChange,
  DisputeComment,
  DisputeCommentInput,
  DisputeComments,
  DisputeDetails,
  DisputeExport,
  DisputeInput,
  DisputeQuery,
  DisputeReport,
  Disputes,
  DisputesInput,
  MoveInput,
  Opened,
  OpenedUndone,
  OwnerInput,
  Reason,
  ReasonInput,
  ReasonOrder,
  Reasons,
  ReopenInput,
  ReportQuery,
  ResolveInput,
  UndoOpened,
  WithdrawInput,
} from '../disputes/schemas.ts'

const root = '/api/receivables/disputes'
const read = 'receivables.read'
const write = 'receivables.write'

export function disputeRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Disputes')
  lists(api)
  acts(api)
  reasons(api)
}

function lists(api: Api) {
  api.get(
    root,
    {
      access: read,
      summary: 'List disputes, and what files state to be disputed',
      query: DisputeQuery,
      reply: Disputes,
    },
    (scope, { query }) => listDisputes(scope, query),
  )
  api.own.get(
    `${root}/export`,
    {
      access: read,
      summary: 'Every dispute that the filters find, as a file (CSV or workbook)',
      query: DisputeExport,
      timeout: EXPORT_TIME_MAX,
    },
    ({ query }, http) => exportDisputes(http, query),
  )
  api.get(
    `${root}/report`,
    {
      access: read,
      summary: 'Disputes by reason in money and count, and how long they took',
      query: ReportQuery,
      reply: DisputeReport,
    },
    (scope, { query }) => disputeReport(scope, query),
  )
  api.get(
    `${root}/:id`,
    { access: read, summary: 'One dispute with its intervals', params: idParams, reply: DisputeDetails },
    async (scope, { params }, http) => {
      const dispute = await getDispute(scope, params.id)
      sendVersion(http, dispute)
      return dispute
    },
  )
  api.get(
    `${root}/:id/comments`,
    { access: read, summary: 'Comments on a dispute', params: idParams, reply: DisputeComments },
    (scope, { params }) => listDisputeComments(scope, params.id),
  )
  api.post(
    `${root}/:id/comments`,
    {
      access: read,
      summary: 'Comment on a dispute',
      params: idParams,
      body: DisputeCommentInput,
      reply: DisputeComment,
      status: 201,
    },
    (scope, { params, body }) => commentOnDispute(scope, params.id, body.body),
  )
}

function acts(api: Api) {
  api.post(
    root,
    {
      access: write,
      summary: 'Open a dispute on an invoice, an amount or a line of it',
      body: DisputeInput,
      reply: DisputeDetails,
      status: 201,
    },
    (scope, { body }) => openDispute(scope, body),
  )
  api.post(
    `${root}/bulk`,
    {
      access: write,
      summary: 'Open a dispute on many invoices: those named, or all that the filters find',
      query: InvoiceFilters,
      body: DisputesInput,
      reply: Opened,
    },
    (scope, { query, body }) => openDisputes(scope, query, body),
  )
  api.post(
    `${root}/bulk/undo`,
    {
      access: write,
      summary: 'Take back disputes that one has just opened and nobody has worked',
      body: UndoOpened,
      reply: OpenedUndone,
    },
    (scope, { body }) => undoOpened(scope, body),
  )
  api.put(
    `${root}/:id`,
    {
      access: write,
      summary: 'Change what a dispute is about: reason, amount, line, note, end of the clock',
      params: idParams,
      body: DisputeChange,
      reply: DisputeDetails,
    },
    async (scope, { params, body }, http) => {
      const dispute = await changeDispute(scope, http, params.id, body)
      sendVersion(http, dispute)
      return dispute
    },
  )
  api.post(
    `${root}/:id/take`,
    { access: write, summary: 'Take a dispute as its owner', params: idParams, reply: DisputeDetails },
    (scope, { params }, http) => assignDispute(scope, http, params.id, scope.userId),
  )
  api.put(
    `${root}/:id/owner`,
    {
      access: write,
      summary: 'Give a dispute to who clears it, or to nobody',
      params: idParams,
      body: OwnerInput,
      reply: DisputeDetails,
    },
    async (scope, { params, body }, http) => {
      const dispute = await assignDispute(scope, http, params.id, body.owner_id)
      sendVersion(http, dispute)
      return dispute
    },
  )
  api.post(
    `${root}/:id/move`,
    {
      access: write,
      summary: 'Move an open dispute: new, in review, waiting for the customer',
      params: idParams,
      body: MoveInput,
      reply: DisputeDetails,
    },
    (scope, { params, body }, http) => moveDispute(scope, http, params.id, body),
  )
  api.post(
    `${root}/:id/resolve`,
    {
      access: write,
      summary: 'Resolve a dispute: accepted, rejected, or a corrected document was sent',
      params: idParams,
      body: ResolveInput,
      reply: DisputeDetails,
    },
    (scope, { params, body }, http) => closeDispute(scope, http, params.id, { state: 'resolved', ...body }),
  )
  api.post(
    `${root}/:id/withdraw`,
    {
      access: write,
      summary: 'Withdraw a dispute: the customer no longer disputes, or never did',
      params: idParams,
      body: WithdrawInput,
      reply: DisputeDetails,
    },
    (scope, { params, body }, http) => closeDispute(scope, http, params.id, { state: 'withdrawn', ...body }),
  )
  api.post(
    `${root}/:id/reopen`,
    {
      access: write,
      summary: 'Reopen a dispute that was resolved or withdrawn',
      params: idParams,
      body: ReopenInput,
      reply: DisputeDetails,
    },
    (scope, { params, body }, http) => reopenDispute(scope, http, params.id, body.note),
  )
}

function reasons(api: Api) {
  api.get(
    '/api/receivables/dispute-reasons',
    { access: read, summary: 'Reasons of disputes, as a tree in order', reply: Reasons },
    (scope) => listReasons(scope),
  )
  api.post(
    '/api/receivables/dispute-reasons',
    { access: 'settings.write', summary: 'Add a reason', body: ReasonInput, reply: Reason, status: 201 },
    (scope, { body }) => createReason(scope, body),
  )
  api.put(
    '/api/receivables/dispute-reasons/:id',
    {
      access: 'settings.write',
      summary: 'Change a reason',
      params: idParams,
      body: ReasonInput,
      reply: Reason,
    },
    async (scope, { params, body }, http) => {
      const reason = await updateReason(scope, http, params.id, body)
      sendVersion(http, reason)
      return reason
    },
  )
  api.post(
    '/api/receivables/dispute-reasons/order',
    { access: 'settings.write', summary: 'Put reasons into an order', body: ReasonOrder, reply: Reasons },
    (scope, { body }) => orderReasons(scope, body),
  )
}

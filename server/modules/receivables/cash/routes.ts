import type { FastifyInstance } from 'fastify'
import { type Api, type ApiDeps, apiFor } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import { EXPORT_TIME_MAX } from '../export.ts'
import { reverseAllocation } from './allocations.ts'
import { allocateCredit, listCredits } from './credits.ts'
import { exportPayments } from './export.ts'
import { keepMine } from './keep-mine.ts'
import { allocatePayment, getPayment, listPayments, recordPayment, reversePayment } from './payments.ts'
import { proposeRemittance } from './remittances.ts'
import * as shape from './schemas.ts'
import { getWriteOffPolicy, setWriteOffPolicy } from './write-off-policy.ts'
import {
  approveWriteOff,
  listWriteOffs,
  rejectWriteOff,
  requestWriteOff,
  reverseWriteOff,
} from './write-offs.ts'

/** Money that came in, and what it settles. */
export function cashRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Payments')
  api.get(
    '/api/receivables/payments',
    {
      access: 'receivables.read',
      summary: 'Payments with what is left of each',
      query: shape.PaymentQuery,
      reply: shape.Payments,
    },
    (scope, { query }) => listPayments(scope, query),
  )
  api.post(
    '/api/receivables/payments',
    {
      access: 'receivables.settle',
      summary: 'Record a payment and what it settles',
      body: shape.PaymentInput,
      reply: shape.PaymentDetails,
      status: 201,
    },
    (scope, { body }) => recordPayment(scope, body),
  )
  api.get(
    '/api/receivables/payments/:id',
    {
      access: 'receivables.read',
      summary: 'One payment with what it settles',
      params: idParams,
      reply: shape.PaymentDetails,
    },
    (scope, { params }) => getPayment(scope, params.id),
  )
  api.post(
    '/api/receivables/payments/:id/reverse',
    {
      access: 'receivables.settle',
      summary: 'Take a payment back with all that it settles',
      params: idParams,
      body: shape.ReverseInput,
      reply: shape.PaymentDetails,
    },
    (scope, { params, body }) => reversePayment(scope, params.id, body),
  )
  api.post(
    '/api/receivables/payments/:id/allocate',
    {
      access: 'receivables.settle',
      summary: 'Settle more with what is left of a payment',
      params: idParams,
      body: shape.AllocateInput,
      reply: shape.PaymentDetails,
    },
    (scope, { params, body }) => allocatePayment(scope, params.id, body),
  )
  api.put(
    '/api/receivables/invoices/:id/kept-mine',
    {
      access: 'receivables.settle',
      summary: 'Keep what was recorded on an invoice though the last file says otherwise, or ask again',
      params: idParams,
      body: shape.KeepMine,
      reply: shape.KeptMine,
    },
    (scope, { params, body }) => keepMine(scope, params.id, body.kept),
  )
  api.post(
    '/api/receivables/allocations/:id/reverse',
    {
      access: 'receivables.settle',
      summary: 'Take one allocation back: the invoice is open again, the money unapplied',
      params: idParams,
      reply: shape.ReversedAllocation,
    },
    (scope, { params }) => reverseAllocation(scope, params.id),
  )
  api.own.get(
    '/api/receivables/payments/export',
    {
      access: 'receivables.read',
      summary: 'Every payment that the filters find, as a file (CSV or workbook)',
      query: shape.PaymentExport,
      timeout: EXPORT_TIME_MAX,
    },
    ({ query }, http) => exportPayments(http, query),
  )
  api.post(
    '/api/receivables/remittances/propose',
    {
      access: 'receivables.settle',
      summary: 'What a pasted remittance pays, proposed with reasons; nothing is booked',
      body: shape.RemittanceInput,
      reply: shape.RemittanceProposal,
    },
    (scope, { body }) => proposeRemittance(scope, body),
  )
  creditRoutes(api)
  writeOffRoutes(api)
}

function creditRoutes(api: Api) {
  api.get(
    '/api/receivables/credits',
    {
      access: 'receivables.read',
      summary: 'What is unapplied: credits and payments, by customer',
      query: shape.CreditQuery,
      reply: shape.Credits,
    },
    (scope, { query }) => listCredits(scope, query),
  )
  api.post(
    '/api/receivables/credits/:id/allocate',
    {
      access: 'receivables.settle',
      summary: 'Set a credit off against invoices',
      params: idParams,
      body: shape.AllocateInput,
      reply: shape.Credit,
    },
    (scope, { params, body }) => allocateCredit(scope, params.id, body),
  )
}

function writeOffRoutes(api: Api) {
  api.get(
    '/api/receivables/write-offs',
    {
      access: 'receivables.read',
      summary: 'Write-offs, those that wait for approval first',
      query: shape.WriteOffQuery,
      reply: shape.WriteOffs,
    },
    (scope, { query }) => listWriteOffs(scope, query),
  )
  api.post(
    '/api/receivables/write-offs',
    {
      access: 'receivables.settle',
      summary: 'Ask for a write-off; within the own limit it is approved at once',
      body: shape.WriteOffInput,
      reply: shape.WriteOff,
      status: 201,
    },
    (scope, { body }) => requestWriteOff(scope, body),
  )
  api.post(
    '/api/receivables/write-offs/:id/approve',
    {
      access: 'receivables.write_off_approve',
      summary: 'Approve a write-off that somebody else asked for',
      params: idParams,
      body: shape.WriteOffDecision,
      reply: shape.WriteOff,
    },
    (scope, { params, body }) => approveWriteOff(scope, params.id, body.note),
  )
  api.post(
    '/api/receivables/write-offs/:id/reject',
    {
      access: ['receivables.write_off_approve', 'receivables.settle'],
      summary: 'Turn a write-off down, or withdraw the own request',
      params: idParams,
      body: shape.WriteOffDecision,
      reply: shape.WriteOff,
    },
    (scope, { params, body }) => rejectWriteOff(scope, params.id, body.note),
  )
  api.post(
    '/api/receivables/write-offs/:id/reverse',
    {
      access: 'receivables.settle',
      summary: 'Take a write-off back: the amount is owed again',
      params: idParams,
      reply: shape.WriteOff,
    },
    (scope, { params }) => reverseWriteOff(scope, params.id),
  )
  api.get(
    '/api/receivables/write-offs/policy',
    { access: 'receivables.read', summary: 'Who may write off how much alone', reply: shape.WriteOffPolicy },
    (scope) => getWriteOffPolicy(scope),
  )
  api.put(
    '/api/receivables/write-offs/policy',
    {
      access: 'settings.write',
      summary: 'Set who may write off how much alone',
      body: shape.WriteOffPolicyInput,
      reply: shape.WriteOffPolicy,
    },
    (scope, { body }) => setWriteOffPolicy(scope, body),
  )
}

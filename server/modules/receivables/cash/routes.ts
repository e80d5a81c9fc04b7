import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import { reverseAllocation } from './allocations.ts'
import { allocatePayment, getPayment, listPayments, recordPayment, reversePayment } from './payments.ts'
import * as shape from './schemas.ts'

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
    async (scope, { params }, http) => {
      const payment = await getPayment(scope, params.id)
      sendVersion(http, payment)
      return payment
    },
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
}

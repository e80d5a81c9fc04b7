import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import { EXPORT_TIME_MAX } from '../../receivables/export.ts'
import { exportPromises } from '../promises/export.ts'
import { makePromise, undoPromise, withdrawPromise } from '../promises/make.ts'
import { getPromise } from '../promises/promise.ts'
import { listPromises } from '../promises/promises.ts'
import { promiseRates } from '../promises/rates.ts'
import {
  NewPromise,
  PromiseDay,
  PromiseDetails,
  PromiseExport,
  PromiseQuery,
  PromiseRates,
  Promises,
  RateQuery,
  Withdrawal,
} from '../promises/schemas.ts'

export function promiseRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Promises to pay')
  api.get(
    '/api/receivables/promises',
    {
      access: 'receivables.read',
      summary: 'Promises to pay with what came of them, as of any day',
      query: PromiseQuery,
      reply: Promises,
    },
    (scope, { query }) => listPromises(scope, query),
  )
  api.own.get(
    '/api/receivables/promises/export',
    {
      access: 'receivables.read',
      summary: 'Every promise that the filters find, as a file (CSV or workbook)',
      query: PromiseExport,
      timeout: EXPORT_TIME_MAX,
    },
    ({ query }, http) => exportPromises(http, query),
  )
  api.get(
    '/api/receivables/promises/rates',
    {
      access: 'receivables.read',
      summary: 'How many promises were kept, by customer or by who took them; by count and by amount',
      query: RateQuery,
      reply: PromiseRates,
    },
    (scope, { query }) => promiseRates(scope, query),
  )
  api.post(
    '/api/receivables/promises',
    {
      access: 'receivables.write',
      summary: 'Take a promise to pay; it supersedes the active ones about its invoices',
      body: NewPromise,
      reply: PromiseDetails,
      status: 201,
    },
    (scope, { body }) => makePromise(scope, body),
  )
  api.get(
    '/api/receivables/promises/:id',
    {
      access: 'receivables.read',
      summary: 'One promise with its arithmetic: which payments count',
      params: idParams,
      query: PromiseDay,
      reply: PromiseDetails,
    },
    async (scope, { params, query }, http) => {
      const promise = await getPromise(scope, params.id, query)
      sendVersion(http, promise)
      return promise
    },
  )
  api.post(
    '/api/receivables/promises/:id/withdraw',
    {
      access: 'receivables.write',
      summary: 'Withdraw a promise that is still open; it counts neither as kept nor as broken',
      params: idParams,
      body: Withdrawal,
      reply: PromiseDetails,
    },
    (scope, { params, body }) => withdrawPromise(scope, params.id, body.reason),
  )
  api.post(
    '/api/receivables/promises/:id/undo',
    {
      access: 'receivables.write',
      summary: 'Undo the last step about a promise within a day: its making, or its withdrawal',
      params: idParams,
      reply: PromiseDetails,
    },
    (scope, { params }) => undoPromise(scope, params.id),
  )
}

import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { getForecast, getPredictionQuality } from '../prediction/predictions.ts'
import { Forecast, ForecastQuery, PredictionQuality } from '../prediction/schemas.ts'
import { pauseCustomer, resumeCustomer } from '../worklist/pauses.ts'
import {
  customerParams,
  Pause,
  PauseInput,
  WeightsChange,
  WeightsView,
  Worklist,
  WorklistQuery,
} from '../worklist/schemas.ts'
import { changeWeights, getWeights } from '../worklist/weights.ts'
import { getWorklist } from '../worklist/worklist.ts'

export function worklistRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Collections')
  api.get(
    '/api/receivables/worklist',
    {
      access: 'receivables.read',
      summary: 'Whom to call next, and why, with the points of each reason',
      query: WorklistQuery,
      reply: Worklist,
    },
    (scope, { query }) => getWorklist(scope, query),
  )
  api.put(
    '/api/receivables/worklist/:customer_id/pause',
    {
      access: 'receivables.write',
      summary: 'Put a customer off for oneself: snooze until a day, or skip for today',
      params: customerParams,
      body: PauseInput,
      reply: Pause,
    },
    (scope, { params, body }) => pauseCustomer(scope, params.customer_id, body),
  )
  api.delete(
    '/api/receivables/worklist/:customer_id/pause',
    {
      access: 'receivables.write',
      summary: 'Take a customer up again that was put off',
      params: customerParams,
      status: 204,
    },
    (scope, { params }) => resumeCustomer(scope, params.customer_id),
  )
  api.get(
    '/api/receivables/worklist/weights',
    { access: 'receivables.read', summary: 'How many points each reason gives at most', reply: WeightsView },
    async (scope, _input, http) => {
      const found = await getWeights(scope)
      sendVersion(http, found)
      return found
    },
  )
  api.put(
    '/api/receivables/worklist/weights',
    {
      access: 'receivables.assign',
      summary: 'Change how many points reasons give',
      body: WeightsChange,
      reply: WeightsView,
    },
    async (scope, { body }, http) => {
      const found = await changeWeights(scope, http, body)
      sendVersion(http, found)
      return found
    },
  )
  api.get(
    '/api/receivables/forecast',
    {
      access: 'receivables.read',
      summary: 'Cash expected by week, with what the forecast would have said of the past',
      query: ForecastQuery,
      reply: Forecast,
    },
    (scope, { query }) => getForecast(scope, query),
  )
  api.get(
    '/api/receivables/predictions/quality',
    {
      access: 'receivables.read',
      summary: 'How well late payment is predicted, tested on invoices that were not known',
      reply: PredictionQuality,
    },
    (scope) => getPredictionQuality(scope),
  )
}

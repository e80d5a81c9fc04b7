import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import { getDebtors } from './debtors.ts'
import { getMetrics, getSeries } from './metrics.ts'
import { getAtRisk, getRollRates } from './roll-rates.ts'
import {
  AtRisk,
  Debtors,
  DebtorsQuery,
  Metrics,
  RollRates,
  Series,
  SeriesQuery,
  ViewQuery,
} from './schemas.ts'
import { viewOf } from './view.ts'

export function insightRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Insights')
  const access = 'reports.director'
  api.get(
    '/api/receivables/insights/metrics',
    {
      access,
      summary: 'DSO, collection effectiveness and the other figures of a day and a period',
      query: ViewQuery,
      reply: Metrics,
    },
    async (scope, { query }) => getMetrics(scope, await viewOf(scope, query)),
  )
  api.get(
    '/api/receivables/insights/series',
    { access, summary: 'The figures month by month', query: SeriesQuery, reply: Series },
    async (scope, { query }) => getSeries(scope, await viewOf(scope, query), query.months),
  )
  api.get(
    '/api/receivables/insights/roll-rates',
    {
      access,
      summary: 'What became of each age bucket by a later day, followed by invoice',
      query: ViewQuery,
      reply: RollRates,
    },
    async (scope, { query }) => getRollRates(scope, await viewOf(scope, query)),
  )
  api.get(
    '/api/receivables/insights/at-risk',
    {
      access,
      summary: 'Of each month’s billing, what was unpaid 90 days past due',
      query: SeriesQuery,
      reply: AtRisk,
    },
    async (scope, { query }) => getAtRisk(scope, await viewOf(scope, query), query.months),
  )
  api.get(
    '/api/receivables/insights/debtors',
    {
      access,
      summary: 'Who owes most, and how concentrated the receivables are',
      query: DebtorsQuery,
      reply: Debtors,
    },
    async (scope, { query }) => getDebtors(scope, await viewOf(scope, query), query.count),
  )
}

import { createReadStream } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { type Api, type ApiDeps, apiFor, type OwnHttp, sendVersion } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import { idParams, ok } from '../../core/schema.ts'
import { writeSheet } from '../../core/sheets.ts'
import { getDebtors } from './debtors.ts'
import { getMetrics, getSeries } from './metrics.ts'
import { drawPack, packContent } from './pack.ts'
import { packFiles } from './pack-files.ts'
import { getCollectors, getTeam } from './people.ts'
import { getPromisesKept } from './promises.ts'
import { deleteRate, importRates, listRates, putRate } from './rates.ts'
import { getAtRisk, getRollRates } from './roll-rates.ts'
import {
  addSchedule,
  askForPack,
  changeSchedule,
  listPacks,
  listReaders,
  listSchedules,
  requirePack,
  requireWhole,
} from './schedules.ts'
import * as shape from './schemas.ts'
import { tableOf } from './tables.ts'
import { viewOf } from './view.ts'
import { explainChange, listMoves } from './why.ts'

export function insightRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Insights')
  const access = 'reports.director'
  api.get(
    '/api/receivables/insights/metrics',
    {
      access,
      summary: 'DSO, collection effectiveness and the other figures of a day and a period',
      query: shape.ViewQuery,
      reply: shape.Metrics,
    },
    async (scope, { query }) => getMetrics(scope, await viewOf(scope, query)),
  )
  api.get(
    '/api/receivables/insights/series',
    { access, summary: 'The figures month by month', query: shape.SeriesQuery, reply: shape.Series },
    async (scope, { query }) => getSeries(scope, await viewOf(scope, query), query.months),
  )
  api.get(
    '/api/receivables/insights/roll-rates',
    {
      access,
      summary: 'What became of each age bucket by a later day, followed by invoice',
      query: shape.ViewQuery,
      reply: shape.RollRates,
    },
    async (scope, { query }) => getRollRates(scope, await viewOf(scope, query)),
  )
  api.get(
    '/api/receivables/insights/at-risk',
    {
      access,
      summary: 'Of each month’s billing, what was unpaid 90 days past due',
      query: shape.SeriesQuery,
      reply: shape.AtRisk,
    },
    async (scope, { query }) => getAtRisk(scope, await viewOf(scope, query), query.months),
  )
  api.get(
    '/api/receivables/insights/debtors',
    {
      access,
      summary: 'Who owes most, and how concentrated the receivables are',
      query: shape.DebtorsQuery,
      reply: shape.Debtors,
    },
    async (scope, { query }) => getDebtors(scope, await viewOf(scope, query), query.count),
  )
  api.get(
    '/api/receivables/insights/why',
    {
      access: 'receivables.read',
      summary: 'Why a figure changed between two days, or between what was known of a day then and now',
      query: shape.WhyQuery,
      reply: shape.Why,
    },
    (scope, { query }) => explainChange(scope, query),
  )
  api.get(
    '/api/receivables/insights/why/rows',
    {
      access: 'receivables.read',
      summary: 'The entries behind one part of a change',
      query: shape.WhyRowsQuery,
      reply: shape.WhyRows,
    },
    (scope, { query }) => listMoves(scope, query),
  )
  api.get(
    '/api/receivables/insights/promises',
    {
      access,
      summary: 'How many promises to pay were kept, by count and by money',
      query: shape.ViewQuery,
      reply: shape.PromisesKept,
    },
    async (scope, { query }) => getPromisesKept(scope, await viewOf(scope, query)),
  )
  api.get(
    '/api/receivables/insights/team',
    {
      access: ['receivables.assign', access],
      summary: 'Who has how much to do, and what nobody has',
      query: shape.ViewQuery,
      reply: shape.Team,
    },
    async (scope, { query }) => getTeam(scope, await viewOf(scope, query)),
  )
  api.get(
    '/api/receivables/insights/collectors',
    {
      access: ['receivables.assign', access],
      summary: 'What came of contacts, beside customers whom nobody contacted',
      query: shape.ViewQuery,
      reply: shape.Collectors,
    },
    async (scope, { query }) => getCollectors(scope, await viewOf(scope, query)),
  )
  // Of what one sees oneself: a collector's or engineer's own invoices, a manager's region.
  api.get(
    '/api/receivables/insights/mine',
    {
      access: 'receivables.read',
      summary: 'The figures of the invoices that one sees, and what came of one’s own contacts',
      query: shape.ViewQuery,
      reply: shape.Mine,
    },
    async (scope, { query }) => {
      const view = await viewOf(scope, query)
      return {
        metrics: await getMetrics(scope, view),
        contacts: await getCollectors(scope, view, scope.userId),
      }
    },
  )
  rateRoutes(api)
  packRoutes(api, deps)
}

const READ_TIME_MAX = 10 * 60_000

function packRoutes(api: Api, deps: ApiDeps) {
  const access = 'reports.director'
  api.own.get(
    '/api/receivables/insights/pack',
    {
      access,
      summary: 'The director’s dashboard on paper (PDF)',
      query: shape.ViewQuery,
      timeout: READ_TIME_MAX,
    },
    async ({ query }, http) => {
      const content = await http.inScope(async (scope) => {
        requireWhole(scope)
        return packContent(scope, await viewOf(scope, query))
      })
      sendFile(http, 'application/pdf', `receivables-${content.view.as_of}.pdf`)
      return drawPack(content)
    },
  )
  api.own.get(
    '/api/receivables/insights/export',
    {
      access,
      summary: 'One table of the dashboard as a file (CSV or workbook)',
      query: shape.TableExport,
      timeout: READ_TIME_MAX,
    },
    ({ query }, http) => exportTable(http, query),
  )
  api.own.get(
    '/api/receivables/insights/team/export',
    {
      access: ['receivables.assign', access],
      summary: 'The team’s work, or what came of contacts, as a file',
      query: shape.TeamExport,
      timeout: READ_TIME_MAX,
    },
    ({ query }, http) => exportTable(http, query),
  )
  api.get(
    '/api/receivables/insights/schedules',
    { access, summary: 'Packs that are made by schedule', reply: shape.Schedules },
    (scope) => listSchedules(scope),
  )
  api.get(
    '/api/receivables/insights/readers',
    { access, summary: 'Members to whom a pack may go', reply: shape.Readers },
    (scope) => listReaders(scope),
  )
  api.post(
    '/api/receivables/insights/schedules',
    {
      access,
      summary: 'Have a pack made every day, week or month',
      body: shape.ScheduleInput,
      reply: shape.Schedule,
      status: 201,
    },
    (scope, { body }) => addSchedule(scope, body),
  )
  api.put(
    '/api/receivables/insights/schedules/:id',
    {
      access,
      summary: 'Change a schedule, or let it rest',
      params: idParams,
      body: shape.ScheduleChanges,
      reply: shape.Schedule,
    },
    async (scope, { params, body }, http) => {
      const schedule = await changeSchedule(scope, http, params.id, body)
      sendVersion(http, schedule)
      return schedule
    },
  )
  api.post(
    '/api/receivables/insights/schedules/:id/run',
    {
      access,
      summary: 'Have a schedule’s pack made now, of today',
      params: idParams,
      reply: ok,
      status: 202,
    },
    (scope, { params }) => askForPack(scope, params.id),
  )
  api.get(
    '/api/receivables/insights/packs',
    {
      access,
      summary: 'Packs that were made, newest first, and to whom they go',
      query: shape.PackQuery,
      reply: shape.Packs,
    },
    (scope, { query }) => listPacks(scope, query),
  )
  api.own.get(
    '/api/receivables/insights/packs/:id/file',
    { access, summary: 'A pack as it was made (PDF)', params: idParams },
    async ({ params }, http) => {
      const pack = await http.inScope((scope) => requirePack(scope, params.id))
      const file = packFiles(deps).hold(http.who.actor!.tenant_id, pack.file_sha256, pack.file_size)
      if (!file)
        throw new Refusal(410, 'file_gone', 'The file of this pack is not kept any more. Make it again.')
      sendFile(http, 'application/pdf', pack.file_name)
      const stream = createReadStream(file.path)
      stream.once('close', () => void packFiles(deps).release(file, async () => true))
      return stream
    },
  )
}

const sendFile = ({ reply }: OwnHttp, type: string, name: string) =>
  reply.type(type).header('content-disposition', `attachment; filename="${name}"`)

function rateRoutes(api: Api) {
  api.get(
    '/api/receivables/insights/rates',
    {
      access: ['receivables.read', 'settings.read'],
      summary: 'Rates between currencies, newest first',
      query: shape.RateQuery,
      reply: shape.Rates,
    },
    (scope, { query }) => listRates(scope, query),
  )
  api.post(
    '/api/receivables/insights/rates',
    {
      access: 'settings.write',
      summary: 'Say what a currency is worth from a day on',
      body: shape.RateInput,
      reply: shape.RatesSet,
    },
    (scope, { body }) => putRate(scope, body),
  )
  api.post(
    '/api/receivables/insights/rates/import',
    {
      access: 'settings.write',
      summary: 'Many rates at once, as lines of currency, day, rate',
      body: shape.RatesPasted,
      reply: shape.RatesSet,
    },
    (scope, { body }) => importRates(scope, body),
  )
  api.delete(
    '/api/receivables/insights/rates/:currency/:day',
    { access: 'settings.write', summary: 'Remove a rate', params: shape.RateKey, reply: shape.Rate },
    (scope, { params }) => deleteRate(scope, params),
  )
}

async function exportTable(http: OwnHttp, { table, format, ...query }: z.output<typeof shape.TableExport>) {
  const { columns, rows, name } = await http.inScope(async (scope) =>
    tableOf(scope, await viewOf(scope, query), table),
  )
  sendFile(
    http,
    format === 'csv'
      ? 'text/csv; charset=utf-8'
      : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    `${name.replace('_', '-')}.${format}`,
  )
  return writeSheet(format, columns, rows, { sheet: name })
}

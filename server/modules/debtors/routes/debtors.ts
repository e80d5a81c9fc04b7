import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor, expectVersion, sendVersion } from '../../../core/api.ts'
import type { Files } from '../../../core/files.ts'
import { pageOf } from '../../../core/schema.ts'
import { changeContact, debtorPage, requireDebtor } from '../debtor.ts'
import { listDebtors, statistics } from '../debtors.ts'
import { DOWNLOAD_TIME_MAX, downloadPdf, downloadSheet } from '../downloads.ts'
import { openPharmacy } from '../pharmacies.ts'
import * as reports from '../reports.ts'
import * as shape from '../schemas.ts'
import { answerColumns, REPORT_SIZE_MAX, REPORT_TIME_MAX, uploadReport } from '../upload.ts'

const root = '/pharmacies/:pharmacy_id/debtors'

/** The debtors of a pharmacy, as its document describes them, and the reports that they come from. */
export function debtorRoutes(app: FastifyInstance, deps: ApiDeps & { files: Files }) {
  const api = apiFor(app, deps, 'Debtors', 'debtors')
  const { files } = deps
  const params = shape.PharmacyParams

  api.own.post(
    `${root}/upload`,
    {
      access: 'debtors.write',
      summary: 'Upload a debtor report: PDF, CSV or workbook',
      params,
      consumes: ['multipart/form-data'],
      form: shape.UploadForm,
      bodyLimit: REPORT_SIZE_MAX + 1024 * 1024,
      timeout: REPORT_TIME_MAX,
      reply: shape.UploadAnswer,
    },
    ({ params }, http) => uploadReport(http, files, params.pharmacy_id),
  )
  api.get(
    root,
    {
      access: 'debtors.read',
      summary: 'Debtors of the current report, a page of those that the filters find',
      params,
      query: shape.DebtorQuery,
      reply: shape.DebtorList,
    },
    async (scope, { params, query }) =>
      listDebtors(scope, await openPharmacy(scope, params.pharmacy_id), query),
  )
  api.get(
    `${root}/statistics`,
    {
      access: 'debtors.read',
      summary: 'Sums by age, medical-aid accounts left out; over what the filters find',
      params,
      query: shape.StatisticsQuery,
      reply: shape.Statistics,
    },
    async (scope, { params, query }) =>
      statistics(scope, await openPharmacy(scope, params.pharmacy_id), query),
  )

  // ---- downloads ----------------------------------------------------------------------------------------------------
  for (const format of ['csv', 'xlsx'] as const)
    api.own.post(
      `${root}/download-${format}`,
      {
        access: 'debtors.read',
        summary: format === 'csv' ? 'Debtors as CSV' : 'Debtors as a workbook',
        params,
        body: shape.DownloadBody,
        idempotent: false,
        timeout: DOWNLOAD_TIME_MAX,
      },
      ({ params, body }, http) => downloadSheet(http, format, params.pharmacy_id, body ?? {}),
    )
  api.own.post(
    `${root}/download-pdf`,
    {
      access: 'debtors.read',
      summary: 'Debtors as a PDF report',
      params,
      body: shape.DownloadBody,
      idempotent: false,
      timeout: DOWNLOAD_TIME_MAX,
    },
    ({ params, body }, http) => downloadPdf(http, params.pharmacy_id, body ?? {}),
  )

  // ---- reports ------------------------------------------------------------------------------------------------------
  const reading = { access: 'debtors.read', params: shape.ReportParams } as const
  const deciding = { access: 'debtors.write', params: shape.ReportParams } as const
  api.get(
    `${root}/reports`,
    { access: 'debtors.read', summary: 'Reports, newest first', params, reply: z.array(shape.Report) },
    async (scope, { params }) => reports.listReports(scope, await openPharmacy(scope, params.pharmacy_id)),
  )
  api.get(
    `${root}/reports/:report_id`,
    { ...reading, summary: 'One report: its totals against the printed ones', reply: shape.ReportDetails },
    async (scope, { params }) =>
      reports.reportDetails(scope, await openPharmacy(scope, params.pharmacy_id), params.report_id),
  )
  api.get(
    `${root}/reports/:report_id/debtors`,
    {
      ...reading,
      summary: 'Debtors as this report says, whichever is current',
      query: shape.DebtorQuery,
      reply: shape.DebtorList,
    },
    async (scope, { params, query }) => {
      const pharmacy = await openPharmacy(scope, params.pharmacy_id)
      await reports.requireReport(scope, pharmacy, params.report_id)
      return listDebtors(scope, pharmacy, query, params.report_id)
    },
  )
  api.get(
    `${root}/reports/:report_id/statistics`,
    {
      ...reading,
      summary: 'Sums by age of this report',
      query: shape.StatisticsQuery,
      reply: shape.Statistics,
    },
    async (scope, { params, query }) => {
      const pharmacy = await openPharmacy(scope, params.pharmacy_id)
      await reports.requireReport(scope, pharmacy, params.report_id)
      return statistics(scope, pharmacy, query, params.report_id)
    },
  )
  api.get(
    `${root}/reports/:report_id/lines`,
    {
      ...reading,
      summary: 'Lines of the document, where they stand and what became of each',
      query: shape.LineQuery,
      reply: pageOf(shape.ReportLine),
    },
    async (scope, { params, query }) =>
      reports.listLines(scope, await openPharmacy(scope, params.pharmacy_id), params.report_id, query),
  )
  api.get(
    `${root}/reports/:report_id/changes`,
    {
      ...reading,
      summary: 'Who is new, settled or moved against the report before, or another one',
      query: shape.ChangeQuery,
      reply: pageOf(shape.Change),
    },
    async (scope, { params, query }) =>
      reports.changesOf(scope, await openPharmacy(scope, params.pharmacy_id), params.report_id, query),
  )
  api.own.get(
    `${root}/reports/:report_id/file`,
    { ...reading, summary: 'The file as it was sent', timeout: DOWNLOAD_TIME_MAX },
    ({ params }, http) =>
      reports.sendReportFile(
        http,
        files,
        (scope) => openPharmacy(scope, params.pharmacy_id),
        params.report_id,
      ),
  )
  const decisions = [
    ['accept', 'Accept a report that waits for review: it is the list from now on', reports.acceptReport],
    ['reject', 'Leave a report that waits for review out of the list', reports.rejectReport],
    ['restore', 'Make an earlier report the list again', reports.restoreReport],
  ] as const
  for (const [word, summary, act] of decisions)
    api.post(
      `${root}/reports/:report_id/${word}`,
      { ...deciding, summary, reply: shape.Report },
      async (scope, { params }) =>
        act(scope, await openPharmacy(scope, params.pharmacy_id, 'write'), params.report_id),
    )
  api.own.post(
    `${root}/reports/:report_id/columns`,
    {
      ...deciding,
      summary:
        'Say what columns of a report mean: it is read again, and the next one of its layout asks no more',
      body: shape.AnswersBody,
      idempotent: false,
      timeout: REPORT_TIME_MAX,
      reply: shape.UploadAnswer,
    },
    ({ params, body }, http) => answerColumns(http, files, params.pharmacy_id, params.report_id, body),
  )

  // ---- one debtor ---------------------------------------------------------------------------------------------------
  api.get(
    `${root}/:debtor_id`,
    {
      access: 'debtors.read',
      summary: 'One debtor, with their balance in every report',
      params: shape.DebtorParams,
      reply: shape.DebtorPage,
    },
    async (scope, { params }, http) => {
      const page = await debtorPage(scope, await openPharmacy(scope, params.pharmacy_id), params.debtor_id)
      sendVersion(http, page)
      return page
    },
  )
  api.patch(
    `${root}/:debtor_id`,
    {
      access: 'debtors.write',
      summary: 'Write a debtor’s e-mail or phone by hand: it wins over the next report',
      params: shape.DebtorParams,
      body: shape.ContactChanges,
      reply: shape.DebtorPage,
    },
    async (scope, { params, body }, http) => {
      const pharmacy = await openPharmacy(scope, params.pharmacy_id, 'write')
      const before = await requireDebtor(scope, pharmacy, params.debtor_id, { toEdit: true })
      expectVersion(http, before)
      await changeContact(scope, pharmacy, before, body)
      const page = await debtorPage(scope, pharmacy, params.debtor_id)
      sendVersion(http, page)
      return page
    },
  )
}

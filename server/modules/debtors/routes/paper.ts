import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../../core/api.ts'
import type { Files } from '../../../core/files.ts'
import { DOWNLOAD_TIME_MAX } from '../downloads.ts'
import { downloadLetters } from '../letters.ts'
import { PICTURE_TIME_MAX, sendPagePicture } from '../page-picture.ts'
import * as shape from '../schemas.ts'

const root = '/pharmacies/:pharmacy_id/debtors'

/** What is on paper: pages of reports as pictures, and letters to those whom no message reaches. */
export function paperRoutes(app: FastifyInstance, deps: ApiDeps & { files: Files }) {
  const api = apiFor(app, deps, 'Debtors', 'debtors')
  api.own.get(
    `${root}/reports/:report_id/pages/:page`,
    {
      access: 'debtors.read',
      summary: 'A page of the report as a picture',
      params: shape.ReportPageParams,
      timeout: PICTURE_TIME_MAX,
    },
    ({ params }, http) => sendPagePicture(http, deps.files, params),
  )
  api.own.post(
    `${root}/letters`,
    {
      access: 'debtors.read',
      summary: 'Letters to debtors as a PDF, a page for each who owes something',
      params: shape.PharmacyParams,
      body: shape.DownloadBody,
      idempotent: false,
      timeout: DOWNLOAD_TIME_MAX,
    },
    ({ params, body }, http) => downloadLetters(http, params.pharmacy_id, body ?? {}),
  )
}

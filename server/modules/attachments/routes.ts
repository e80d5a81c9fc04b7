import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import type { Files } from '../../core/files.ts'
import { idParams } from '../../core/schema.ts'
import {
  addAttachment,
  deleteAttachment,
  listAttachments,
  restoreAttachment,
  SIZE_MAX,
  sendAttachment,
} from './attachments.ts'
import { Attachment, AttachmentQuery, Attachments, ContentQuery, Subject, UploadForm } from './schemas.ts'

const root = '/api/receivables/attachments'
const UPLOAD_TIME_MAX = 5 * 60_000

export function attachmentRoutes(app: FastifyInstance, deps: ApiDeps & { files: Files }) {
  const api = apiFor(app, deps, 'Attachments')
  const { files, config } = deps
  api.get(
    root,
    {
      access: 'receivables.read',
      summary: 'Files on an invoice, dispute, promise, comment or customer',
      query: AttachmentQuery,
      reply: Attachments,
    },
    (scope, { query }) => listAttachments(scope, query, config.attachmentQuota),
  )
  api.own.post(
    root,
    {
      access: 'receivables.write',
      summary: 'Add a file: PDF, image, mail, office document, CSV or text',
      query: Subject,
      consumes: ['multipart/form-data'],
      form: UploadForm,
      bodyLimit: SIZE_MAX + 1024 * 1024,
      timeout: UPLOAD_TIME_MAX,
      reply: Attachment,
      status: 201,
    },
    ({ query }, http) => addAttachment(http, files, query, config.attachmentQuota),
  )
  api.own.get(
    `${root}/:id/content`,
    {
      access: 'receivables.read',
      summary: 'The bytes of a file, to be saved or, where that is safe, shown',
      params: idParams,
      query: ContentQuery,
      timeout: UPLOAD_TIME_MAX,
    },
    ({ params, query }, http) => sendAttachment(http, files, params.id, query.inline ?? false),
  )
  api.delete(
    `${root}/:id`,
    { access: 'receivables.write', summary: "Delete one's own file", params: idParams, reply: Attachment },
    (scope, { params }, http) => deleteAttachment(scope, http, params.id),
  )
  api.post(
    `${root}/:id/restore`,
    {
      access: 'receivables.write',
      summary: 'Bring back a file that was deleted',
      params: idParams,
      reply: Attachment,
    },
    (scope, { params }) => restoreAttachment(scope, files, params.id),
  )
}

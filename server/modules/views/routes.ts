import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor, sendVersion } from '../../core/api.ts'
import { idParams } from '../../core/schema.ts'
import { View, ViewChange, ViewInput, ViewOrder, ViewQuery, Views } from './schemas.ts'
import { changeView, deleteView, listViews, orderViews, restoreView, saveView } from './views.ts'

export function viewRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Saved views')
  api.get(
    '/api/views',
    {
      access: 'member',
      summary: "One's own views of a page, and the shared ones",
      query: ViewQuery,
      reply: Views,
    },
    (scope, { query }) => listViews(scope, query.path),
  )
  api.post(
    '/api/views',
    {
      access: 'member',
      summary: 'Save a view of a page under a name',
      body: ViewInput,
      reply: View,
      status: 201,
    },
    (scope, { body }) => saveView(scope, body),
  )
  api.put(
    '/api/views/order',
    { access: 'member', summary: "Put one's own views of a page in order", body: ViewOrder, reply: Views },
    (scope, { body }) => orderViews(scope, body.path, body.view_ids),
  )
  api.put(
    '/api/views/:id',
    {
      access: 'member',
      summary: "Rename, share or replace one's own view",
      params: idParams,
      body: ViewChange,
      reply: View,
    },
    async (scope, { params, body }, http) => {
      const view = await changeView(scope, http, params.id, body)
      sendVersion(http, view)
      return view
    },
  )
  api.delete(
    '/api/views/:id',
    { access: 'member', summary: "Delete one's own view", params: idParams, reply: View },
    (scope, { params }) => deleteView(scope, params.id),
  )
  api.post(
    '/api/views/:id/restore',
    { access: 'member', summary: "Take the deletion of one's own view back", params: idParams, reply: View },
    (scope, { params }) => restoreView(scope, params.id),
  )
}

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { z } from 'zod'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import { date, id, likeText, page, paged, pageOf } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'

const Query = z.object({
  search: z.string().trim().max(200).optional(),
  kind: z.string().trim().max(60).optional(),
  subject: z.string().trim().max(60).optional(),
  subject_id: id.optional(),
  user_id: id.optional(),
  from: date.optional(),
  to: date.optional(),
  ...page,
})
const Entry = z.object({
  id: z.number(),
  kind: z.string(),
  subject: z.string(),
  subject_id: z.number().nullable(),
  data: z.record(z.string(), z.unknown()),
  user: z.object({ id: z.number(), full_name: z.string() }).nullable(),
  at: z.string(),
  request_id: z.string().nullable(),
})

/** What happened in the organisation, newest first. Days are business days of its time zone. */
async function listEvents(scope: Scope, query: z.infer<typeof Query>) {
  const zone = scope.tenant.timezone
  const conditions = [sql`e.tenant_id = ${scope.tenantId}`]
  // Events of invoices tell their amounts: only to who may see every invoice.
  if (!scope.may('receivables.read') || scope.actor.row_access !== 'all')
    conditions.push(sql`e.subject <> all(array['invoice', 'customer', 'import'])`)
  if (query.kind)
    conditions.push(query.kind.includes('.') ? sql`e.kind = ${query.kind}` : sql`e.subject = ${query.kind}`)
  if (query.subject) conditions.push(sql`e.subject = ${query.subject}`)
  if (query.subject_id) conditions.push(sql`e.subject_id = ${query.subject_id}`)
  if (query.user_id) conditions.push(sql`e.user_id = ${query.user_id}`)
  if (query.from) conditions.push(sql`e.at >= (${query.from}::date)::timestamp at time zone ${zone}`)
  if (query.to) conditions.push(sql`e.at < (${query.to}::date + 1)::timestamp at time zone ${zone}`)
  if (query.search) {
    const like = likeText(query.search)
    conditions.push(sql`(e.kind ilike ${like} or e.data::text ilike ${like} or e.request_id = ${query.search}
      or exists (select from users u where u.id = e.user_id and (u.full_name ilike ${like} or u.username ilike ${like})))`)
  }
  const where = sql.join(conditions, sql` and `)
  const [rows, count] = await Promise.all([
    sql<z.infer<typeof Entry>>`
      select e.id, e.kind, e.subject, e.subject_id, e.data, e.at, e.request_id,
             (select json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) from users u where u.id = e.user_id) as user
        from events e where ${where}
       order by e.id desc limit ${query.page_size} offset ${(query.page - 1) * query.page_size}`.execute(
      scope.db,
    ),
    sql<{ n: number }>`select count(*)::int as n from events e where ${where}`.execute(scope.db),
  ])
  return paged(rows.rows, count.rows[0]!.n, query)
}

/** The audit trail is the event log, read. */
export function auditRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Audit')
  api.get(
    '/api/admin/audit',
    { access: 'audit.read', summary: 'The audit trail, newest first', query: Query, reply: pageOf(Entry) },
    (scope, { query }) => listEvents(scope, query),
  )
  api.get(
    '/api/admin/audit/kinds',
    {
      access: 'audit.read',
      summary: 'Kinds of events that occur',
      reply: z.object({ items: z.array(z.string()) }),
    },
    async (scope) => {
      const { rows } = await sql<{
        kind: string
      }>`select distinct kind from events where tenant_id = ${scope.tenantId} order by kind`.execute(scope.db)
      return { items: rows.map((row) => row.kind) }
    },
  )
}

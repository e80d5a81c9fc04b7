import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { apiFor } from '../../core/api.ts'
import { randomToken, sha256 } from '../../core/crypto.ts'
import { closeCodes, type SocketDeps, socketRoute } from './sockets.ts'

const TICKET_SECONDS = 30

/**
 * Which permission lets somebody hear of a kind, or of all kinds of a subject; what is not named here concerns
 * those alone who read the audit trail.
 */
const heardWith: Record<string, string> = {
  // The books have changed, for everybody who reads them; how a file fares is the business of those who import.
  'import.published': 'receivables.read',
  import: 'receivables.import',
  invoice: 'receivables.read',
  promise: 'receivables.read',
  dunning_message: 'receivables.dun',
  dunning_policy: 'receivables.dun',
  dunning_block: 'receivables.read',
  customer: 'receivables.read',
  absence: 'receivables.assign',
  debtor: 'debtors.read',
  debtor_report: 'debtors.read',
  pharmacy: 'debtors.read',
  assignment_rule: 'receivables.assign',
  user: 'users.read',
  invitation: 'users.read',
  join_request: 'users.read',
  role: 'roles.read',
  region: 'settings.read',
  department: 'settings.read',
  outlet: 'settings.read',
  organisation: 'settings.read',
  demo: 'settings.read',
}

export function realtimeRoutes(app: FastifyInstance, deps: SocketDeps) {
  const api = apiFor(app, deps, 'Realtime')
  api.open.post(
    '/api/realtime/ticket',
    {
      access: 'signed-in',
      session: true,
      idempotent: false,
      summary: 'Draw a ticket that opens one socket within 30 seconds',
      reply: z.object({ ticket: z.string() }),
    },
    async (system, _input, { who }) => {
      const ticket = randomToken()
      await system.db
        .insertInto('realtime_tickets')
        .values({
          ticket_hash: sha256(ticket),
          session_id: who!.session_id!,
          expires_at: new Date(system.now.getTime() + TICKET_SECONDS * 1000),
        })
        .execute()
      return { ticket }
    },
  )

  /** Everything that happens in the organisation, as far as the listener may know of it. */
  socketRoute(app, deps, '/ws/events', null, (connection) => {
    connection.send({ type: 'ready' })
    connection.listen((notice) => {
      // What somebody is told concerns them alone.
      if (notice.subject === 'notification') {
        const { kind, subject, subject_id, user_id } = notice
        if (user_id === connection.who.user_id)
          connection.send({ type: 'event', id: null, kind, subject, subject_id })
        return
      }
      const permission = heardWith[notice.kind] ?? heardWith[notice.subject] ?? 'audit.read'
      if (!connection.who.actor.permissions.has(permission)) return
      const { tenant_id: _, ...rest } = notice
      connection.send({ type: notice.id === null ? 'progress' : 'event', ...rest })
    })
  })

  // FinSentry's sockets. Captured invoices and batches come with the payables module: until then no id exists, and
  // whoever may not see payables is told so.
  socketRoute(app, deps, '/ws/invoices/:id', 'payables.read', (connection) =>
    connection.close(closeCodes.notFound, 'No such invoice'),
  )
  socketRoute(app, deps, '/ws/batches/:id', 'payables.read', (connection) =>
    connection.close(closeCodes.notFound, 'No such batch'),
  )
  socketRoute(app, deps, '/ws/chat', 'payables.read', (connection) =>
    connection.close(closeCodes.notFound, 'No such batch'),
  )
  socketRoute(app, deps, '/ws/dashboard/metrics', 'payables.read', (connection) => {
    connection.listen((notice) => {
      if (notice.subject !== 'captured_invoice' && notice.subject !== 'batch') return
      const { tenant_id: _, ...rest } = notice
      connection.send({ type: 'event', ...rest })
    })
  })
}

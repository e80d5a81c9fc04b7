import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { ApiDeps } from '../../core/api.ts'
import { sha256 } from '../../core/crypto.ts'
import { Refusal } from '../../core/errors.ts'
import { fromOurPages } from '../../core/origin.ts'
import { asSystem } from '../../core/scope.ts'
import type { Who } from '../../core/who.ts'
import type { Identifier } from '../identity/identify.ts'
import type { Hub, Notice } from './hub.ts'

/**
 * How a socket is closed, told by number: 4401 sign in, 4403 not allowed, 4404 not there, 4408 too slow, 4429 too many,
 * 1013 when nobody can be known right now.
 */
export const closeCodes = {
  signIn: 4401,
  notAllowed: 4403,
  notFound: 4404,
  tooSlow: 4408,
  tooMany: 4429,
  /** Of RFC 6455's registry: try again later. */
  unavailable: 1013,
} as const

const FIRST_FRAME_MS = 10_000
const RECHECK_MS = 10_000
const PER_USER_MAX = 20
const BUFFERED_MAX = 1024 * 1024
export const FRAME_MAX = 64 * 1024

export type SocketDeps = ApiDeps & { identify: Identifier; hub: Hub }
/** An authenticated socket. `send` drops a reader who does not keep up rather than pile its frames up in memory. */
export type Connection = {
  /** As of the latest check: roles that were taken away since then still count, for ten seconds at most. */
  who: Who & { actor: NonNullable<Who['actor']> }
  request: FastifyRequest
  send(frame: unknown): void
  close(code: number, reason: string): void
  onFrame(listener: (frame: unknown) => void): void
  /** Hears the organisation's notices until the socket closes. */
  listen(listener: (notice: Notice) => void): void
}

const openPerUser = new Map<number, number>()

/** Tokens travel as a subprotocol (`bearer, <token>`), in the query (redacted in logs), or in the first frame `{token}`. */
function offered(request: FastifyRequest): string | undefined {
  const { token } = request.query as { token?: unknown }
  if (typeof token === 'string') return token
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim())
  const at = protocols.findIndex((each) => /^(bearer|access_token|token)$/i.test(each))
  return at >= 0 ? protocols[at + 1] : undefined
}

function firstFrame(socket: WebSocket): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), FIRST_FRAME_MS)
    socket.once('message', (data) => {
      clearTimeout(timer)
      const frame = parseFrame(String(data)) as { token?: unknown } | undefined
      resolve(typeof frame?.token === 'string' ? frame.token : undefined)
    })
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}

export function parseFrame(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A ticket opens one socket, within half a minute, for the session that drew it. */
async function takeTicket(deps: SocketDeps, ticket: string): Promise<number | undefined> {
  return asSystem(
    deps.database,
    'realtime ticket',
    async (system) => {
      const row = await system.db
        .deleteFrom('realtime_tickets')
        .where('ticket_hash', '=', sha256(ticket))
        .returning(['session_id', 'expires_at'])
        .executeTakeFirst()
      return row && new Date(row.expires_at) > system.now ? row.session_id : undefined
    },
    { now: deps.now() },
  )
}

async function whoIs(
  deps: SocketDeps,
  request: FastifyRequest,
  socket: WebSocket,
): Promise<(() => Promise<Who>) | undefined> {
  const { ticket } = request.query as { ticket?: unknown }
  if (typeof ticket === 'string') {
    const session = await takeTicket(deps, ticket)
    return session === undefined ? undefined : () => deps.identify.session(session)
  }
  const token = offered(request) ?? (await firstFrame(socket))
  return token === undefined ? undefined : () => deps.identify.token(token)
}

const hasEnded = (error: unknown) => error instanceof Refusal && error.status === 401

/** One path of the socket family: signs in, checks the permission, keeps checking, and hands over a connection. */
export function socketRoute(
  app: FastifyInstance,
  deps: SocketDeps,
  path: string,
  permission: string | null,
  onOpen: (connection: Connection) => void | Promise<void>,
) {
  app.route({
    method: 'GET',
    url: path,
    websocket: true,
    config: { access: 'public', family: 'ours', door: false, summary: `Socket ${path}` },
    schema: { hide: true },
    handler: async (socket: WebSocket, request: FastifyRequest) => {
      const close = (code: number, reason: string) => socket.close(code, reason)
      socket.on('error', () => {})
      if (!fromOurPages(request, deps.config))
        return close(closeCodes.notAllowed, 'This page may not open sockets here')
      let identified: (() => Promise<Who>) | undefined
      let who: Who | undefined
      try {
        identified = await whoIs(deps, request, socket)
        who = await identified?.()
      } catch (error) {
        if (!hasEnded(error)) return close(closeCodes.unavailable, 'Try again shortly')
      }
      if (!identified || !who) return close(closeCodes.signIn, 'Sign in')
      const check = identified
      const allowed = (person: Who) =>
        person.actor && !person.pending && (!permission || person.actor.permissions.has(permission))
      if (!allowed(who)) return close(closeCodes.notAllowed, 'Not allowed')
      // Whoever left meanwhile has closed already, and will not do so again.
      if (socket.readyState !== socket.OPEN) return
      const userId = who.user_id
      const tenantId = who.actor!.tenant_id
      const open = openPerUser.get(userId) ?? 0
      if (open >= PER_USER_MAX) return close(closeCodes.tooMany, 'Too many sockets')
      openPerUser.set(userId, open + 1)

      const ends: (() => void)[] = []
      const recheck = setInterval(async () => {
        try {
          const now = await check()
          if (!allowed(now)) return close(closeCodes.notAllowed, 'Not allowed any more')
          if (now.actor!.tenant_id !== tenantId)
            return close(closeCodes.notAllowed, 'The session is in another organisation now')
          connection.who = now as Connection['who']
        } catch (error) {
          // A database that is away says nothing about the session: the next check will.
          if (hasEnded(error)) close(closeCodes.signIn, 'The session has ended')
        }
      }, RECHECK_MS)
      socket.on('close', () => {
        clearInterval(recheck)
        const left = (openPerUser.get(userId) ?? 1) - 1
        if (left > 0) openPerUser.set(userId, left)
        else openPerUser.delete(userId)
        for (const end of ends) end()
      })
      const connection: Connection = {
        who: who as Connection['who'],
        request,
        close,
        send(frame) {
          if (socket.readyState !== socket.OPEN) return
          if (socket.bufferedAmount > BUFFERED_MAX) return close(closeCodes.tooSlow, 'Too slow')
          socket.send(JSON.stringify(frame))
        },
        onFrame(listener) {
          socket.on('message', (data) => listener(parseFrame(String(data)) ?? String(data)))
        },
        listen(listener) {
          ends.push(deps.hub.subscribe(tenantId, listener))
        },
      }
      await onOpen(connection)
    },
  })
}

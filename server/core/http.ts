import { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import { hasZodFastifySchemaValidationErrors } from '@fastify/type-provider-zod'
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { networkOf } from './address.ts'
import { authorize, type RouteConfig } from './api.ts'
import type { Config } from './config.ts'
import { familyOf, type Issue, invalidStatus, Refusal, sendRefusal } from './errors.ts'
import { forbiddenCharacter } from './schema.ts'
import type { Identify } from './who.ts'

/** Deeper than any body of ours; a body of brackets alone would otherwise use up the stack. */
const DEPTH_MAX = 32

/** A body of which nothing comes for so long is given up, and so is one that takes longer than this in all. */
const BODY_IDLE_MS = 30_000
const BODY_TIME_MAX = 120_000

/** Cuts a body that stands still, or that takes longer than its route may. */
function watchBody({ raw, headers, routeOptions }: FastifyRequest) {
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
  // An injected call, as tests make it, has no wire that could stand still.
  const { socket } = raw
  if (!(socket instanceof Socket)) return
  let looks = Math.ceil((routeOptions.config.timeout ?? BODY_TIME_MAX) / BODY_IDLE_MS)
  let read = socket.bytesRead
  const timer = setInterval(() => {
    if (raw.complete) return clearInterval(timer)
    const now = socket.bytesRead
    if (--looks <= 0 || now === read) {
      clearInterval(timer)
      socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => socket.destroy())
    }
    read = now
  }, BODY_IDLE_MS)
  timer.unref()
  raw.once('close', () => clearInterval(timer))
}

/** Where text hides a character it may not hold, or undefined. Walks what JSON, forms and query strings can hold. */
function findForbidden(
  value: unknown,
  path: string,
  depth = 0,
): { path: string; character: string } | undefined {
  if (typeof value === 'string') {
    const character = forbiddenCharacter(value)
    return character ? { path, character } : undefined
  }
  if (!value || typeof value !== 'object') return undefined
  if (depth > DEPTH_MAX) throw new Refusal(400, 'too_deep', 'The body is nested too deeply.')
  for (const [key, inner] of Object.entries(value)) {
    const found = findForbidden(key, path) ?? findForbidden(inner, path ? `${path}.${key}` : key, depth + 1)
    if (found) return found
  }
  return undefined
}

/** Everything between the socket and a route: limits, headers, who is calling, checked input, one way to fail. */
export async function plugHttp(app: FastifyInstance, config: Config, identify: Identify) {
  // What a foreign page can send without asking first (text/plain) is no kind of body here.
  app.removeContentTypeParser('text/plain')
  app.decorateRequest('who', null)
  app.decorateRequest('refused', null)

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
      },
    },
    // Only meaningful behind TLS; a plain-HTTP loopback must not be pinned to HTTPS.
    hsts: false,
    referrerPolicy: { policy: 'no-referrer' },
  })
  await app.register(cors, {
    origin: [...config.frontendOrigins],
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['ETag', 'Retry-After', 'X-Request-Id', 'X-Process-Time', 'Content-Disposition'],
    maxAge: 600,
  })
  await app.register(cookie)
  await app.register(formbody, { bodyLimit: 64 * 1024 })
  await app.register(multipart, {
    limits: { files: 50, fields: 40, fieldSize: 256 * 1024, headerPairs: 100 },
  })

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    watchBody(request)
    const route = request.routeOptions.config as Partial<RouteConfig>
    if (!route.access) return
    try {
      request.who = await identify(request)
    } catch (error) {
      // Guessed tokens are counted by the rate limit before they are refused.
      if (!(error instanceof Refusal)) throw error
      request.refused = error
    }
  })

  const { requests, period } = config.rateLimit
  await app.register(rateLimit, {
    global: true,
    // Route hooks run after the server's: the caller is known by now, and not refused yet.
    hook: 'onRequest',
    timeWindow: (period ?? 60) * 1000,
    max: (request) => {
      if (requests) return requests
      const route = request.routeOptions.config as Partial<RouteConfig>
      return request.who && !route.door ? 1200 : 100
    },
    keyGenerator: (request) => {
      const route = request.routeOptions.config as Partial<RouteConfig>
      if (request.who && !route.door) return `user ${request.who.user_id}`
      return `${route.door ? 'door' : 'address'} ${networkOf(request.ip)}`
    },
    allowList: (request) => {
      const route = request.routeOptions.config as Partial<RouteConfig>
      return !route.access || route.unlimited === true
    },
    errorResponseBuilder: (_request, { after, ttl }) =>
      new Refusal(429, 'rate_limited', `Too many requests. Try again in ${after}.`, {
        headers: { 'retry-after': String(Math.ceil(ttl / 1000)) },
      }),
  })
  app.addHook('preParsing', async (request) => {
    const route = request.routeOptions.config as Partial<RouteConfig>
    if (route.access) authorize(request.who, request.refused, { ...route, access: route.access })
  })
  app.addHook('preValidation', async (request) => {
    for (const where of ['params', 'query', 'body'] as const) {
      const found = findForbidden(request[where], '')
      if (!found) continue
      const message = `The character ${found.character} is not allowed in text. Remove it and try again.`
      throw new Refusal(invalidStatus(familyOf(request)), 'forbidden_character', message, {
        issues: [
          { in: where === 'params' ? 'path' : where, path: found.path, message, code: 'forbidden_character' },
        ],
      })
    }
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-process-time', (reply.elapsedTime / 1000).toFixed(4))
    // Tokens, keys and links are in some answers, the organisation's own figures in most: no cache keeps any.
    if (
      !reply.hasHeader('cache-control') &&
      /^\/(?:api|auth|pharmacies|users|admin)(?:[/?]|$)/.test(request.url)
    )
      reply.header('cache-control', 'no-store')
  })

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = asRefusal(error, familyOf(request))
    if (refusal.status >= 500) request.log.error({ err: error }, 'request failed')
    return sendRefusal(request, reply, refusal)
  })
}

/** Where a schema sits, told by the name Fastify gives the part it validated. */
const parts: Record<string, Issue['in']> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
}

/** Turns whatever was thrown into a refusal; what nobody foresaw is a 500 without detail, logged with its id. */
export function asRefusal(
  error: FastifyError & { syscall?: string },
  family: ReturnType<typeof familyOf>,
): Refusal {
  if (error instanceof Refusal) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = parts[error.validationContext ?? 'body'] ?? 'body'
    const issues: Issue[] = error.validation.map((issue) => ({
      in: where,
      path: issue.instancePath.split('/').filter(Boolean).join('.'),
      message: issue.message ?? 'Not valid.',
      code: issue.keyword ?? 'invalid',
    }))
    const first = issues[0]
    const detail = first ? `${first.path || where}: ${first.message}` : 'The input is not valid.'
    return new Refusal(invalidStatus(family), 'invalid_input', detail, { issues })
  }
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refusal(415, 'unsupported_media_type', 'Send this as application/json.')
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
    case 'FST_REQ_FILE_TOO_LARGE':
      return new Refusal(413, 'too_large', 'The request is larger than this server takes.')
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Refusal(400, 'invalid_json', 'The body is not valid JSON.')
    case '23505':
      return new Refusal(409, 'already_exists', 'This exists already.')
    case '23503':
      return new Refusal(
        409,
        'still_in_use',
        'Something else refers to this, or it refers to something that is gone.',
      )
    case '22P02':
    case '22003':
    case '22007':
    case '22008':
    case '22021':
    case '23514':
      return new Refusal(
        invalidStatus(family),
        'invalid_input',
        'A value is out of range or not of its kind.',
      )
    case '40001':
    case '40P01':
      return new Refusal(503, 'busy', 'Somebody changed the same at the same moment. Try again.', {
        headers: { 'retry-after': '1' },
      })
    case '57014':
      return new Refusal(
        503,
        'took_too_long',
        'The database took too long. Try again, or ask for less at once.',
        {
          headers: { 'retry-after': '5' },
        },
      )
    case 'FST_ERR_HANDLER_TIMEOUT':
      return new Refusal(503, 'took_too_long', 'This took too long. Try again, or ask for less at once.', {
        headers: { 'retry-after': '5' },
      })
    case '53100':
      return new Refusal(507, 'disk_full', 'The disk is full: nothing was saved. Tell your administrator.')
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'EPIPE':
    case '57P01':
    case '57P02':
    case '57P03':
    case '53300':
      return new Refusal(
        503,
        'database_unavailable',
        'The database cannot be reached right now. Try again shortly.',
        {
          headers: { 'retry-after': '5' },
        },
      )
  }
  if (
    error.syscall === 'connect' ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    )
  ) {
    return new Refusal(
      503,
      'database_unavailable',
      'The database cannot be reached right now. Try again shortly.',
      {
        headers: { 'retry-after': '5' },
      },
    )
  }
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500) {
    return new Refusal(error.statusCode, (error.code ?? 'bad_request').toLowerCase(), error.message)
  }
  return new Refusal(
    500,
    'internal_error',
    'Something went wrong on our side. It was logged with the request id.',
  )
}

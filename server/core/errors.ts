import type { FastifyReply, FastifyRequest } from 'fastify'

/** One thing wrong with one input: where it is (path into body, query or params) and what to do about it. */
export type Issue = { in: 'body' | 'query' | 'path' | 'headers'; path: string; message: string; code: string }

export type RefusalExtra = {
  issues?: Issue[]
  headers?: Record<string, string>
  /** Further keys of the answer, such as the current version at 412 or the questions an import must ask. */
  body?: Record<string, unknown>
  /** What was written before this refusal stays: counters of failed sign-ins, a session ended for misuse. */
  keep?: boolean
  /** The Django clients read some refusals from a key of their own. */
  drfKey?: 'detail' | 'error' | 'non_field_errors'
}

/**
 * The one way to say no. Thrown anywhere, rendered once, in the shape the calling family of clients reads.
 * `code` is stable and machine-readable; `detail` is a sentence that says what, where and what to do.
 */
export class Refusal extends Error {
  status: number
  code: string
  detail: string
  extra: RefusalExtra
  constructor(status: number, code: string, detail: string, extra: RefusalExtra = {}) {
    super(detail)
    this.name = 'Refusal'
    this.status = status
    this.code = code
    this.detail = detail
    this.extra = extra
  }
}

export const notFound = (what = 'This') =>
  new Refusal(404, 'not_found', `${what} was not found, or is not yours to see.`)

export const forbidden = (
  detail = 'Your roles do not allow this. Ask an administrator of your organisation.',
) => new Refusal(403, 'forbidden', detail)

/** A refusal that names one field, as forms and the Django clients want it. */
export const invalidField = (path: string, message: string, code = 'invalid', status = 422) =>
  new Refusal(status, code, message, { issues: [{ in: 'body', path, message, code }] })

/**
 * Families of clients, by the document their system is described in; they differ only in the shape of an error.
 * `ours` RFC 9457, `tracker` AR Tracker, `finsentry`, `debtors` FastAPI's, `outstanding` Express's, `posightful` Django's.
 */
export type Family = 'ours' | 'tracker' | 'finsentry' | 'debtors' | 'outstanding' | 'posightful'

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timed out',
  409: 'Conflict',
  412: 'Changed by someone else',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid input',
  429: 'Too many requests',
  500: 'Something went wrong',
  503: 'Not available right now',
  507: 'Out of space',
}

/** FastAPI answers a validation error with a list; its clients walk `loc`. */
const fastApiDetail = (issues: Issue[]) =>
  issues.map((issue) => ({
    type: issue.code,
    loc: [issue.in, ...issue.path.split('.').filter(Boolean)],
    msg: issue.message,
  }))

function djangoBody(refusal: Refusal): Record<string, unknown> {
  const { issues, drfKey, body } = refusal.extra
  if (!issues?.length)
    return {
      [drfKey ?? 'detail']: drfKey === 'non_field_errors' ? [refusal.detail] : refusal.detail,
      ...body,
    }
  const fields: Record<string, string[]> = {}
  for (const issue of issues) {
    const key = issue.path || 'non_field_errors'
    const messages = fields[key] ?? []
    messages.push(issue.message)
    fields[key] = messages
  }
  return fields
}

export function errorBody(refusal: Refusal, family: Family, requestId: string): Record<string, unknown> {
  if (family === 'posightful') return djangoBody(refusal)
  const { status, code, detail, extra } = refusal
  const problem = {
    type: `urn:duebook:${code}`,
    title: titles[status] ?? 'Error',
    status,
    code,
    detail: detail as unknown,
    ...(extra.issues
      ? { errors: extra.issues.map(({ path, message, code }) => ({ path, message, code })) }
      : {}),
    ...extra.body,
    request_id: requestId,
  }
  if (family === 'outstanding') return { error: detail, ...problem }
  if (family === 'finsentry' && status === 401) return { error: detail, ...problem }
  if (family !== 'ours' && extra.issues && status === 422) {
    return { ...problem, detail: fastApiDetail(extra.issues), message: detail }
  }
  return problem
}

/** Statuses at which a family reports invalid input: Django and Express say 400, FastAPI and ours 422. */
export const invalidStatus = (family: Family) =>
  family === 'posightful' || family === 'outstanding' ? 400 : 422

export const familyOf = (request: FastifyRequest): Family => {
  const configured = (
    request.routeOptions.config as { family?: Family | ((request: FastifyRequest) => Family) }
  ).family
  if (configured) return typeof configured === 'function' ? configured(request) : configured
  // No route matched: the shape of the path still tells which client asked.
  return /^\/auth\/.*\/($|\?)/.test(request.url) ? 'posightful' : 'ours'
}

export function sendRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal) {
  const family = familyOf(request)
  reply.status(refusal.status).headers(refusal.extra.headers ?? {})
  if (refusal.status === 401 && !refusal.extra.headers?.['www-authenticate'])
    reply.header('www-authenticate', 'Bearer')
  return reply
    .type(family === 'ours' ? 'application/problem+json' : 'application/json')
    .serializer(JSON.stringify)
    .send(errorBody(refusal, family, request.id))
}

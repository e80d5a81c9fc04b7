import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Config } from './config.ts'
import type { Keyring } from './crypto.ts'
import type { Database, Db } from './database.ts'
import { type Family, forbidden, Refusal } from './errors.ts'
import { asSystem, inScope, type Scope, type SystemScope } from './scope.ts'
import type { Who } from './who.ts'

/** What every route needs from the server; `now` is the clock, which tests may set. */
export type ApiDeps = { database: Database; keys: Keyring; config: Config; now: () => Date }

/**
 * `public` asks nothing; `signed-in` a session, with or without an organisation; `member` an organisation;
 * anything else is a permission (a list: any of them).
 */
export type Access = 'public' | 'signed-in' | 'member' | (string & {}) | readonly string[]

type Input<P, Q, B> = {
  params: P extends z.ZodType ? z.output<P> : undefined
  query: Q extends z.ZodType ? z.output<Q> : undefined
  body: B extends z.ZodType ? z.output<B> : undefined
}
export type Http = { request: FastifyRequest; reply: FastifyReply; who: Who | null }
/** For handlers that open their own scopes: long imports, and calls to the outside world between two scopes. */
export type OwnHttp = Omit<Http, 'who'> & {
  /** The caller; only on routes that anybody may call can it be missing. */
  who: Who
  inScope<T>(work: (scope: Scope) => Promise<T>, options?: { bulk?: boolean }): Promise<T>
  asSystem<T>(work: (scope: SystemScope) => Promise<T>): Promise<T>
  /**
   * Answers a repeated Idempotency-Key with the first answer, for work that is safe to repeat by itself but too long for one
   * transaction with its key. `said` is what the call says, such as the digest of its file: the same key with other words is 409.
   */
  once<T>(said: unknown, work: () => Promise<T>): Promise<T>
  /** The same for work that is one transaction: the key is claimed in it, so that the work happens once. */
  onceInScope<T>(said: unknown, work: (scope: Scope) => Promise<T>): Promise<T>
}

export type Spec<P, Q, B, R> = {
  access: Access
  summary: string
  params?: P
  query?: Q
  body?: B
  /** Shape of the success answer; `status` says which, 200 unless given. */
  reply?: R
  status?: number
  /** Whose clients read the errors; a function where two systems share one path. */
  family?: Family | ((request: FastifyRequest) => Family)
  /** Bodies other than JSON: sign-in forms, uploads. */
  consumes?: string[]
  /** What an upload's form holds, for the document alone: the handler reads and checks it itself. */
  form?: z.ZodType
  /** False where a repeated call must not answer the first one's words, such as signing in with cookies. */
  idempotent?: boolean
  /** Keeps the slash at the end of the path significant (POST /auth/login and /auth/login/ are two systems' doors). */
  exact?: boolean
  hidden?: boolean
  /** Asks for a sign-in: an API key, which stands for its owner's work but not for the owner, is refused. */
  session?: boolean
  /** Counts as a sign-in door for the limit on anonymous calls, whoever calls. */
  door?: boolean
  bodyLimit?: number
  /** Longest the handler may take, ms. */
  timeout?: number
}

type Reply<R> = R extends z.ZodType ? z.input<R> : unknown
type Handler<S, P, Q, B, R> = (scope: S, input: Input<P, Q, B>, http: Http) => Promise<Reply<R>>
type OwnHandler<P, Q, B, R> = (input: Input<P, Q, B>, http: OwnHttp) => Promise<Reply<R>>
type Z = z.ZodType | undefined

type Verb<S> = <
  P extends Z = undefined,
  Q extends Z = undefined,
  B extends Z = undefined,
  R extends Z = undefined,
>(
  path: string,
  spec: Spec<P, Q, B, R>,
  handler: Handler<S, P, Q, B, R>,
) => void
type OwnVerb = <
  P extends Z = undefined,
  Q extends Z = undefined,
  B extends Z = undefined,
  R extends Z = undefined,
>(
  path: string,
  spec: Spec<P, Q, B, R>,
  handler: OwnHandler<P, Q, B, R>,
) => void
type Verbs<V> = { get: V; post: V; put: V; patch: V; delete: V }

export type Api = Verbs<Verb<Scope>> & {
  /** Routes before or outside an organisation: the handler gets the second door, global tables only. */
  open: Verbs<Verb<SystemScope>>
  /** Routes whose handler opens scopes itself. */
  own: Verbs<OwnVerb>
  app: FastifyInstance
}

export type RouteConfig = {
  access: Access
  family: Family | ((request: FastifyRequest) => Family)
  door: boolean
  session?: boolean
  /** Pages, their files and health checks are not counted by the rate limit. */
  unlimited?: boolean
  /** Longest that the route may take, its body included, ms. */
  timeout?: number
  form?: z.ZodType
  summary: string
}

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<RouteConfig> {}
}

const verbs = ['get', 'post', 'put', 'patch', 'delete'] as const

/** The routes of one module: path, access, schemas and one call each. */
export function apiFor(app: FastifyInstance, deps: ApiDeps, tag: string, family: Family = 'ours'): Api {
  type AnySpec = Spec<Z, Z, Z, Z>
  type Run = (input: Input<Z, Z, Z>, http: Http) => Promise<unknown>

  function add(method: HTTPMethods, path: string, spec: AnySpec, run: Run) {
    const config: RouteConfig = {
      access: spec.access,
      family: spec.family ?? family,
      door: spec.door ?? false,
      session: spec.session ?? false,
      ...(spec.timeout ? { timeout: spec.timeout } : {}),
      ...(spec.form ? { form: spec.form } : {}),
      summary: spec.summary,
    }
    const status = spec.status ?? 200
    const options = (url: string, hide: boolean) => ({
      method,
      url,
      config,
      ...(spec.bodyLimit ? { bodyLimit: spec.bodyLimit } : {}),
      ...(spec.timeout ? { handlerTimeout: spec.timeout } : {}),
      schema: {
        hide,
        tags: [tag],
        summary: spec.summary,
        ...(spec.consumes ? { consumes: spec.consumes } : {}),
        ...(spec.access === 'public' ? { security: [] } : {}),
        ...(spec.params ? { params: spec.params } : {}),
        ...(spec.query ? { querystring: spec.query } : {}),
        ...(spec.body ? { body: spec.body } : {}),
        ...(spec.reply ? { response: { [status]: spec.reply } } : {}),
      },
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        reply.status(status)
        const input = { params: request.params, query: request.query, body: request.body } as Input<Z, Z, Z>
        const body = await run(input, { request, reply, who: request.who })
        return status === 204 || body === undefined ? reply.send() : body
      },
    })
    app.route(options(path, spec.hidden ?? false))
    // Clients of five systems write the slash at the end or leave it out; both are answered, without a redirect.
    const twin = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
    if (!spec.exact) app.route(options(twin, true))
  }

  const scoped =
    (spec: AnySpec, handler: Handler<Scope, Z, Z, Z, Z>): Run =>
    (input, http) => {
      const { actor, tenant } = http.who!
      const run = () =>
        inScope(
          deps.database,
          actor!,
          tenant!,
          (scope) => once(deps, scope.db, spec, saidBy(http, input), http, () => handler(scope, input, http)),
          { now: deps.now(), requestId: http.request.id },
        )
      return coalesce(spec, http, run)
    }
  const open =
    (spec: AnySpec, handler: Handler<SystemScope, Z, Z, Z, Z>): Run =>
    (input, http) => {
      const run = () =>
        asSystem(
          deps.database,
          spec.summary,
          (scope) => once(deps, scope.db, spec, saidBy(http, input), http, () => handler(scope, input, http)),
          { now: deps.now(), requestId: http.request.id },
        )
      return coalesce(spec, http, run)
    }
  const own =
    (spec: AnySpec, handler: OwnHandler<Z, Z, Z, Z>): Run =>
    (input, http) =>
      handler(input, {
        request: http.request,
        reply: http.reply,
        who: http.who!,
        inScope: (work, options) =>
          inScope(deps.database, http.who!.actor!, http.who!.tenant!, work, {
            now: deps.now(),
            requestId: http.request.id,
            ...options,
          }),
        once: (said, work) => onceOwn(deps, spec, said, http, work),
        onceInScope: <T>(said: unknown, work: (scope: Scope) => Promise<T>) =>
          coalesce(spec, http, () =>
            inScope(
              deps.database,
              http.who!.actor!,
              http.who!.tenant!,
              (scope) =>
                once(deps, scope.db, spec, [http.request.routeOptions.url, said], http, () => work(scope)),
              { now: deps.now(), requestId: http.request.id },
            ),
          ) as Promise<T>,
        asSystem: (work) =>
          asSystem(deps.database, spec.summary, work, { now: deps.now(), requestId: http.request.id }),
      })

  const build = <V>(wrap: (spec: AnySpec, handler: never) => Run) =>
    Object.fromEntries(
      verbs.map((verb) => [
        verb,
        (path: string, spec: AnySpec, handler: never) =>
          add(verb.toUpperCase() as HTTPMethods, path, spec, wrap(spec, handler)),
      ]),
    ) as Verbs<V>
  return {
    ...build<Verb<Scope>>(scoped),
    open: build<Verb<SystemScope>>(open),
    own: build<OwnVerb>(own),
    app,
  }
}

/** Refuses the call unless its caller has what the route names. Runs before bodies are read. */
export function authorize(
  who: Who | null,
  refused: Error | null,
  { access, session }: Pick<RouteConfig, 'access' | 'session'>,
) {
  if (access === 'public') return
  if (refused) throw refused
  if (!who)
    throw new Refusal(
      401,
      'not_signed_in',
      'Sign in first: send an access token, an API key or the session cookie.',
    )
  if (session && !who.session_id) throw forbidden('An API key cannot do this. Sign in.')
  if (access === 'signed-in') return
  if (who.pending) {
    throw new Refusal(
      403,
      'second_factor_enrolment_required',
      'Your role asks for a second factor. Set it up in your profile, then continue.',
    )
  }
  if (!who.actor || !who.tenant) {
    throw new Refusal(
      403,
      'no_organisation',
      who.is_superuser
        ? 'You are in no organisation now. Enter one, then repeat this.'
        : 'You are not in an organisation yet. Join one, or wait until you are let in.',
    )
  }
  if (access === 'member') return
  const wanted = typeof access === 'string' ? [access] : access
  if (!wanted.some((permission) => who.actor!.permissions.has(permission))) {
    throw forbidden(`Your roles do not allow this: it needs ${wanted.join(' or ')}.`)
  }
}

// ---- Idempotency-Key ------------------------------------------------------------------------------------------------

const leaders = new Map<string, Promise<unknown>>()

const keyOf = (spec: Spec<Z, Z, Z, Z>, { request }: Http): string | undefined => {
  if (request.method !== 'POST' || spec.idempotent === false) return undefined
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Refusal(
      400,
      'idempotency_key_invalid',
      'Idempotency-Key takes 1 to 255 printable characters without spaces.',
    )
  }
  return key
}
const ownerOf = ({ request, who }: Http) =>
  who ? `${who.actor?.tenant_id ?? 0}/${who.user_id}/${who.api_key_id ?? ''}` : `anonymous/${request.ip}`

/** What a call says: the same key with other words is 409. */
const saidBy = ({ request }: Http, { query, body }: Input<Z, Z, Z>) => [
  request.method,
  request.url.split('?')[0]?.replace(/\/$/, ''),
  query ?? null,
  body ?? null,
]

/** Duplicates that arrive while the first is at work wait here, not on a database connection each. */
async function coalesce<T>(spec: Spec<Z, Z, Z, Z>, http: Http, run: () => Promise<T>): Promise<T> {
  const key = keyOf(spec, http)
  if (!key) return run()
  const slot = `${ownerOf(http)} ${key}`
  while (leaders.has(slot)) await leaders.get(slot)!.catch(() => {})
  const work = run()
  leaders.set(slot, work)
  try {
    return await work
  } finally {
    leaders.delete(slot)
  }
}

/**
 * One effect per key. The key is claimed in the transaction of the effect: a failure frees it, a success stores the answer,
 * and a duplicate on another server waits on the claim's row until this one has committed.
 */
async function once(
  deps: ApiDeps,
  db: Db,
  spec: Spec<Z, Z, Z, Z>,
  said: unknown,
  http: Http,
  run: () => Promise<unknown>,
): Promise<unknown> {
  const key = keyOf(spec, http)
  if (!key) return run()
  const owner = ownerOf(http)
  const { reply } = http
  // Keyed: the body may hold a password, which a plain digest would let a reader of the table guess.
  const fingerprint = deps.keys.mac('idempotency', JSON.stringify(said)).toString('base64url')
  const context = `idempotency ${owner} ${key}`
  const claimed = await sql`
    insert into idempotency_keys (owner, key, fingerprint) values (${owner}, ${key}, ${fingerprint})
    on conflict do nothing returning key`.execute(db)
  if (claimed.rows.length > 0) {
    const body = await run().catch(async (error) => {
      // Such a refusal is committed, with the attempt it counts; the key is free all the same.
      if (error instanceof Refusal && error.extra.keep)
        await sql`delete from idempotency_keys where owner = ${owner} and key = ${key}`.execute(db)
      throw error
    })
    const answer = body === undefined ? null : deps.keys.seal(JSON.stringify(body), context)
    await sql`update idempotency_keys set status = ${reply.statusCode}, answer = ${answer} where owner = ${owner} and key = ${key}`.execute(
      db,
    )
    return body
  }
  const first = await db
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'status', 'answer'])
    .where('owner', '=', owner)
    .where('key', '=', key)
    .executeTakeFirst()
  if (!first || first.status === null) {
    throw new Refusal(
      409,
      'idempotency_key_in_use',
      'A call with this Idempotency-Key is still at work. Try again shortly.',
    )
  }
  if (first.fingerprint !== fingerprint) {
    throw reused()
  }
  reply.status(first.status).header('idempotency-replayed', 'true')
  return first.answer === null ? undefined : JSON.parse(deps.keys.open(first.answer, context))
}

const reused = () =>
  new Refusal(
    409,
    'idempotency_key_reused',
    'This Idempotency-Key was used for another request. Take a new key.',
  )

/** `once` for a handler that opens scopes itself: the key is claimed before, and its answer kept after. */
async function onceOwn<T>(
  deps: ApiDeps,
  spec: Spec<Z, Z, Z, Z>,
  said: unknown,
  http: Http,
  work: () => Promise<T>,
): Promise<T> {
  const key = keyOf(spec, http)
  if (!key) return work()
  const owner = ownerOf(http)
  const context = `idempotency ${owner} ${key}`
  const fingerprint = deps.keys
    .mac('idempotency', JSON.stringify([http.request.routeOptions.url, said]))
    .toString('base64url')
  const inSystem = <R>(step: (db: Db) => Promise<R>) =>
    asSystem(deps.database, spec.summary, ({ db }) => step(db), { now: deps.now() })
  const first = await inSystem(async (db) => {
    await sql`insert into idempotency_keys (owner, key, fingerprint) values (${owner}, ${key}, ${fingerprint}) on conflict do nothing`.execute(
      db,
    )
    return db
      .selectFrom('idempotency_keys')
      .select(['fingerprint', 'status', 'answer'])
      .where('owner', '=', owner)
      .where('key', '=', key)
      .executeTakeFirstOrThrow()
  })
  if (first.fingerprint !== fingerprint) throw reused()
  if (first.answer !== null) {
    http.reply.status(first.status!).header('idempotency-replayed', 'true')
    return JSON.parse(deps.keys.open(first.answer, context)) as T
  }
  try {
    const body = await work()
    await inSystem((db) =>
      sql`update idempotency_keys set status = ${http.reply.statusCode}, answer = ${deps.keys.seal(JSON.stringify(body), context)}
           where owner = ${owner} and key = ${key}`.execute(db),
    )
    return body
  } catch (error) {
    // What failed may be tried again, with the same key and other words.
    await inSystem((db) =>
      sql`delete from idempotency_keys where owner = ${owner} and key = ${key} and answer is null`.execute(
        db,
      ),
    )
    throw error
  }
}

// ---- versions -------------------------------------------------------------------------------------------------------

export const sendVersion = (http: Http, row: { version: number }) =>
  http.reply.header('etag', `"${row.version}"`)

/** With If-Match the edit happens only on the version the caller has seen; 412 carries the current one. */
export function expectVersion<T extends { version: number }>(http: Http, current: T) {
  const seen = http.request.headers['if-match']
  if (
    seen === undefined ||
    seen === '*' ||
    seen.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${current.version}"`)
  )
    return
  throw new Refusal(
    412,
    'changed_meanwhile',
    'Somebody changed this since you opened it. Look at the current version and repeat your change.',
    {
      headers: { etag: `"${current.version}"` },
      body: { current },
    },
  )
}

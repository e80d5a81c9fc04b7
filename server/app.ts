import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import staticFiles from '@fastify/static'
import { serializerCompiler, validatorCompiler } from '@fastify/type-provider-zod'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import metrics from 'fastify-metrics'
import type { ApiDeps, RouteConfig } from './core/api.ts'
import type { Config } from './core/config.ts'
import { keyring } from './core/crypto.ts'
import type { Database } from './core/database.ts'
import { notFound, sendRefusal } from './core/errors.ts'
import { localFiles } from './core/files.ts'
import { healthRoutes } from './core/health.ts'
import { plugHttp } from './core/http.ts'
import type { Job, Jobs } from './core/jobs.ts'
import { plugDocs, plugOpenApi } from './core/openapi.ts'
import { keepRegistry } from './core/registry.ts'
import { attachmentRoutes } from './modules/attachments/routes.ts'
import { auditRoutes } from './modules/audit/routes.ts'
import { dunningJobs } from './modules/collections/dunning/outgoing.ts'
import { predictionJobs } from './modules/collections/prediction/jobs.ts'
import { promiseJobs } from './modules/collections/promises/announce.ts'
import { attemptsRoutes } from './modules/collections/routes/attempts.ts'
import { contactsRoutes } from './modules/collections/routes/contacts.ts'
import { disputeRoutes } from './modules/collections/routes/disputes.ts'
import { dunningRoutes } from './modules/collections/routes/dunning.ts'
import { promiseRoutes } from './modules/collections/routes/promises.ts'
import { tasksRoutes } from './modules/collections/routes/tasks.ts'
import { worklistRoutes } from './modules/collections/routes/worklist.ts'
import { communicationJobs } from './modules/communications/jobs.ts'
import { publicCommunicationRoutes } from './modules/communications/public-routes.ts'
import { communicationRoutes } from './modules/communications/routes.ts'
import { stopSending } from './modules/communications/sending.ts'
import { wordingRoutes } from './modules/communications/templates/routes.ts'
import { reminderJobs } from './modules/debtors/reminders/jobs.ts'
import { reminderRoutes } from './modules/debtors/reminders/routes.ts'
import { debtorRoutes } from './modules/debtors/routes/debtors.ts'
import { paperRoutes } from './modules/debtors/routes/paper.ts'
import { pharmacyPeopleRoutes } from './modules/debtors/routes/people.ts'
import { pharmacyRoutes } from './modules/debtors/routes/pharmacies.ts'
import { identifier } from './modules/identity/identify.ts'
import { identityJobs } from './modules/identity/jobs.ts'
import { adminRoutes } from './modules/identity/routes/admin.ts'
import { doorRoutes } from './modules/identity/routes/doors.ts'
import { posightfulRoutes } from './modules/identity/routes/posightful.ts'
import { profileRoutes } from './modules/identity/routes/profile.ts'
import { userRoutes } from './modules/identity/routes/users.ts'
import { webRoutes } from './modules/identity/routes/web.ts'
import { importJobs } from './modules/imports/jobs.ts'
import { importRoutes } from './modules/imports/routes.ts'
import { IMPORT_TIME_MAX } from './modules/imports/running.ts'
import { insightJobs } from './modules/insights/jobs.ts'
import { insightRoutes } from './modules/insights/routes.ts'
import { notificationRoutes } from './modules/notifications/routes.ts'
import { outstandingTarget } from './modules/outstanding/import/target.ts'
import { outstandingRoutes } from './modules/outstanding/routes.ts'
import { portalRoutes } from './modules/portal/routes.ts'
import { openHub } from './modules/realtime/hub.ts'
import { realtimeRoutes } from './modules/realtime/routes.ts'
import { FRAME_MAX } from './modules/realtime/sockets.ts'
import { cashRoutes } from './modules/receivables/cash/routes.ts'
import { receivablesTarget } from './modules/receivables/import/target.ts'
import { inboxRoutes } from './modules/receivables/inbox/routes.ts'
import { receivablesJobs } from './modules/receivables/jobs.ts'
import { receivableRoutes } from './modules/receivables/routes.ts'
import { teamRoutes } from './modules/receivables/team/routes.ts'
import { tenancyRoutes } from './modules/tenancy/routes.ts'
import { viewRoutes } from './modules/views/routes.ts'

export type AppDeps = {
  config: Config
  database: Database
  secretKey: string
  log: FastifyBaseLogger
  /** The clock; tests set it. */
  now?: () => Date
}

export const version = '0.1.0'

/** What follows from the books of an organisation, worked out after an import was published, undone or decided about, or money was recorded by hand. */
const books_changed: Job = async (deps, payload, log) => {
  await promiseJobs.tasks.promise_verdicts!(deps, payload, log)
  await predictionJobs.tasks.refresh_predictions!(deps, payload, log)
}

/** Background work of all modules. */
const everyJob: Jobs[] = [
  identityJobs,
  importJobs,
  receivablesJobs,
  insightJobs,
  predictionJobs,
  promiseJobs,
  communicationJobs,
  reminderJobs,
  dunningJobs,
]
export const jobs: Jobs = {
  tasks: Object.assign({ books_changed }, ...everyJob.map(({ tasks }) => tasks)),
  cron: everyJob.flatMap(({ cron }) => cron),
}

/**
 * The pharmacy clients' addresses have no /api in front, and some are those of our pages too. With /api they are answered as well, for
 * our pages and for older ones; a browser that navigates to one gets the page.
 */
function addressOf(url: string, method = 'GET', headers: IncomingHttpHeaders): string {
  if (/^\/api\/pharmacies(?:[/?]|$)/.test(url)) return url.slice('/api'.length)
  const navigates =
    method === 'GET' &&
    headers['sec-fetch-mode'] !== 'cors' &&
    (headers.accept ?? '').includes('text/html') &&
    headers.authorization === undefined &&
    headers['x-api-key'] === undefined
  return navigates && /^\/(?:pharmacies|users|admin)(?:[/?]|$)/.test(url) ? '/' : url
}

/** The whole server on one page: a function of its dependencies, listening to nothing until it is told to. */
export async function buildApp({
  config,
  database,
  secretKey,
  log,
  now = () => new Date(),
}: AppDeps): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    trustProxy: config.trustProxy === false ? false : [...config.trustProxy],
    bodyLimit: 1024 * 1024,
    // For the largest upload over a slow line; other bodies are cut sooner, by core/http.ts.
    requestTimeout: IMPORT_TIME_MAX + 60_000,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    handlerTimeout: 60_000,
    rewriteUrl: ({ url = '/', method, headers }) => addressOf(url, method, headers),
    routerOptions: { maxParamLength: 300, caseSensitive: true, ignoreTrailingSlash: false },
    return503OnClosing: true,
    forceCloseConnections: 'idle',
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  keepRegistry(app)

  const keys = keyring(secretKey)
  const deps: ApiDeps = { database, keys, config, now }
  const identify = identifier(database, deps, now)
  const hub = openHub(database.app, log)
  app.addHook('onClose', () => hub.close())
  app.addHook('onClose', () => stopSending(database))

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.config
    if (!route.access) return
    // The query may carry a token or a password, so only the path is logged; of a path that carries one, its pattern.
    const secret = (request.params as { token?: string } | undefined)?.token
    request.log.info(
      {
        method: request.method,
        path: secret ? request.routeOptions.url : request.url.split('?')[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        user_id: request.who?.user_id,
        tenant_id: request.who?.tenant?.id,
      },
      'request',
    )
  })

  await plugHttp(app, config, identify.request)
  await plugOpenApi(app, version)
  await app.register(metrics.default, {
    endpoint: null,
    // The list of metrics belongs to the process: a second app in it begins anew.
    clearRegisterOnInit: true,
    routeMetrics: { enabled: { histogram: true, summary: false } },
  })
  await app.register(websocket, {
    options: { maxPayload: FRAME_MAX, handleProtocols: (protocols) => [...protocols][0] ?? false },
  })

  doorRoutes(app, deps)
  posightfulRoutes(app, deps)
  userRoutes(app, deps)
  webRoutes(app, deps)
  profileRoutes(app, deps)
  adminRoutes(app, deps)
  tenancyRoutes(app, deps)
  auditRoutes(app, deps)
  realtimeRoutes(app, { ...deps, identify, hub })
  const files = localFiles(join(config.dataDir, 'files'))
  const targets = { receivables: receivablesTarget, outstanding: outstandingTarget }
  importRoutes(app, { ...deps, files, targets })
  outstandingRoutes(app, { ...deps, files, targets })
  receivableRoutes(app, deps)
  teamRoutes(app, deps)
  inboxRoutes(app, deps)
  insightRoutes(app, deps)
  contactsRoutes(app, deps)
  attemptsRoutes(app, deps)
  tasksRoutes(app, deps)
  notificationRoutes(app, deps)
  promiseRoutes(app, deps)
  dunningRoutes(app, deps)
  disputeRoutes(app, deps)
  attachmentRoutes(app, { ...deps, files })
  worklistRoutes(app, deps)
  cashRoutes(app, deps)
  wordingRoutes(app, deps)
  reminderRoutes(app, deps)
  portalRoutes(app, deps)
  viewRoutes(app, deps)
  debtorRoutes(app, { ...deps, files })
  paperRoutes(app, { ...deps, files })
  pharmacyRoutes(app, deps)
  communicationRoutes(app, deps)
  await publicCommunicationRoutes(app, deps)
  pharmacyPeopleRoutes(app, deps)
  healthRoutes(app, deps)
  const measured: RouteConfig = {
    access: 'public',
    family: 'ours',
    door: false,
    unlimited: true,
    summary: 'Prometheus metrics',
  }
  app.get('/metrics', { config: measured, schema: { hide: true } }, async (_request, reply) =>
    reply.type(app.metrics.client.register.contentType).send(await app.metrics.client.register.metrics()),
  )
  await plugDocs(app)
  await plugWeb(app)
  return app
}

/** The web app: its files, and its page for every address that no route answers and a browser navigates to. */
async function plugWeb(app: FastifyInstance) {
  const root = join(import.meta.dirname, '../web/dist')
  const page: RouteConfig = {
    access: 'public',
    family: 'ours',
    door: false,
    unlimited: true,
    summary: 'Web app',
  }
  await app.register(staticFiles, {
    root,
    serve: false,
    setHeaders: (reply, path) => {
      // Names of assets carry a hash of their content; the page itself is asked for anew each time.
      reply.header(
        'cache-control',
        path.includes('/assets/')
          ? 'public, max-age=31536000, immutable'
          : reply.request.url.startsWith('/p/')
            ? 'no-store'
            : 'no-cache',
      )
    },
  })
  app.get('/assets/*', { config: page, schema: { hide: true } }, (request, reply) =>
    reply.sendFile(`assets/${(request.params as { '*': string })['*']}`),
  )

  app.setNotFoundHandler(async (request, reply) => {
    const reads = request.method === 'GET' || request.method === 'HEAD'
    // Whoever asks for the address itself wants the page, whatever their program says it accepts.
    const isHome = /^\/(?:$|\?)/.test(request.url)
    const wantsPage = reads && (isHome || (request.headers.accept ?? '').includes('text/html'))
    // A page behind a customer's link is nobody's to keep or to list.
    if (request.url.startsWith('/p/')) reply.header('x-robots-tag', 'noindex, nofollow')
    const isApi = /^\/(api|auth|ws|openapi\.json|metrics|healthz|readyz)(\/|$|\?)/.test(request.url)
    if (!wantsPage || isApi) return sendRefusal(request, reply, notFound('This address'))
    if (!existsSync(join(root, 'index.html')))
      return reply.status(503).type('text/plain').send('The web app is being built. Reload in a moment.')
    return reply.sendFile('index.html')
  })
}

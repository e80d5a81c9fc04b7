import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform } from '@fastify/type-provider-zod'
import type { FastifyInstance } from 'fastify'
import type { RouteConfig } from './api.ts'

const mark = new URL('../../web/icon.svg', import.meta.url)

const quiet: RouteConfig = {
  access: 'public',
  family: 'ours',
  door: false,
  unlimited: true,
  summary: 'Documentation',
}

/** The description of every route, written from the schemas, and its two viewers. Registered before the routes. */
export async function plugOpenApi(app: FastifyInstance, version: string) {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Duebook',
        version,
        description:
          'The book of everything that is due. Sign in at any of the doors, then send the access token as `Authorization: Bearer`; or make an API key in your profile. POSTs that create or send take an `Idempotency-Key`; edits of shared records take `If-Match`.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          api_key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
      security: [{ bearer: [] }, { api_key: [] }],
    },
    transform: (about) => {
      const { form } = about.route.config ?? {}
      return jsonSchemaTransform(form ? { ...about, schema: { ...about.schema, body: form } } : about)
    },
    transformObject: (document) => withRefusals('openapiObject' in document ? document.openapiObject : {}),
  })
}

/** Every operation may be refused, in the shape that its family of clients reads; described once. */
function withRefusals<T extends { paths?: object; components?: object }>(document: T): T {
  const refusal = {
    description:
      'Refused: 400 or 422 invalid input, 401 not signed in, 403 not allowed, 404 not found, 409 conflict, 412 changed meanwhile, 429 too many requests. The clients of the AR Tracker, FinSentry and Debtor Management read `detail`, those of the Outstanding Tracker `error`, those of POSightful a list of messages per field.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  const text = { type: 'string' }
  const problem = {
    type: 'object',
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      code: { type: 'string', description: 'Stable, for programs' },
      detail: { description: 'A sentence that says what, where and what to do' },
      errors: {
        type: 'array',
        items: { type: 'object', properties: { path: text, message: text, code: text } },
      },
      request_id: text,
    },
  }
  const paths = document.paths as
    | Record<string, Record<string, { responses?: Record<string, unknown> }>>
    | undefined
  for (const operation of Object.values(paths ?? {}).flatMap((operations) => Object.values(operations))) {
    operation.responses = { ...operation.responses, default: refusal }
  }
  const components = document.components as { schemas?: Record<string, unknown> } | undefined
  return { ...document, components: { ...components, schemas: { ...components?.schemas, Problem: problem } } }
}

/** Swagger UI at /docs and /swagger/, ReDoc at /redoc; all their files come from this server. */
export async function plugDocs(app: FastifyInstance) {
  const document = () => app.swagger()
  app.get('/openapi.json', { config: quiet, schema: { hide: true } }, async (_request, reply) =>
    reply.serializer(JSON.stringify).type('application/json').send(document()),
  )

  for (const routePrefix of ['/docs', '/swagger']) {
    await app.register(async (inner) => {
      inner.addHook('onRoute', (route) => {
        route.config = { ...quiet, ...(route.config ?? {}) }
      })
      await inner.register(swaggerUi, {
        routePrefix,
        indexPrefix: '',
        logo: { type: 'image/svg+xml', content: await readFile(mark), href: '/', target: '_self' },
        uiConfig: { persistAuthorization: false, docExpansion: 'none' },
      })
    })
  }

  const bundle = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js')
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Duebook API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>body{margin:0}</style></head>
<body><redoc spec-url="/openapi.json" disable-search="false"></redoc><script src="/redoc/redoc.js"></script></body></html>`
  for (const path of ['/redoc', '/redoc/']) {
    app.get(path, { config: quiet, schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(page),
    )
  }
  let script: Promise<Buffer> | undefined
  app.get('/redoc/redoc.js', { config: quiet, schema: { hide: true } }, async (_request, reply) => {
    script ??= readFile(bundle)
    return reply
      .type('text/javascript')
      .header('cache-control', 'public, max-age=86400')
      .send(await script)
  })
}

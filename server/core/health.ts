import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { schemaVersion } from '../../db/migrate.ts'
import { type ApiDeps, apiFor } from './api.ts'
import { Refusal } from './errors.ts'

/** Liveness, readiness, and the map of the API. */
export function healthRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Health')
  const Alive = z.object({ status: z.string() })
  for (const path of ['/healthz', '/health', '/api/health']) {
    app.get(
      path,
      {
        config: {
          access: 'public',
          family: 'ours',
          door: false,
          unlimited: true,
          summary: 'The process is alive',
        },
        schema: {
          hide: path !== '/healthz',
          tags: ['Health'],
          summary: 'The process is alive',
          security: [],
          response: { 200: Alive },
        },
      },
      async () => ({ status: 'healthy' }),
    )
  }
  api.open.get(
    '/readyz',
    {
      access: 'public',
      summary: 'Database reachable and migrated to the version this code needs',
      reply: z.object({ status: z.string(), schema_version: z.number() }),
    },
    async (system) => {
      const result = await system.client.query<{ version: number }>(
        'select max(version)::int as version from schema_migrations',
      )
      const found = result.rows[0]?.version ?? 0
      if (found !== schemaVersion())
        throw new Refusal(
          503,
          'schema_version',
          `The database is at version ${found}; this server needs ${schemaVersion()}.`,
        )
      return { status: 'ready', schema_version: found }
    },
  )
  api.open.get(
    '/api',
    {
      access: 'public',
      summary: 'Map of the API',
      reply: z.object({
        name: z.string(),
        links: z.record(z.string(), z.string()),
        paths: z.array(z.string()),
      }),
    },
    async () => ({
      name: 'Duebook',
      links: { openapi: '/openapi.json', docs: '/docs', redoc: '/redoc', administration: '/admin' },
      paths: Object.keys(app.swagger().paths ?? {}).sort(),
    }),
  )
}

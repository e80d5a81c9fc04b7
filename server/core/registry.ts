import type { FastifyInstance, RouteOptions } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route as it was registered, documented or hidden, in order. */
    registry: readonly RouteOptions[]
  }
}

/**
 * Keeps the list of all routes, which the tests walk. A route that does not name its access would be open to everybody,
 * so it stops the start. Called before anything registers routes.
 */
export function keepRegistry(app: FastifyInstance) {
  const registry: RouteOptions[] = []
  app.decorate('registry', registry)
  app.addHook('onRoute', (route) => {
    registry.push(route)
  })
  app.addHook('onReady', async () => {
    // OPTIONS answers what a browser asks before a call: cors registers it, and it does nothing.
    const unnamed = registry.filter((route) => route.method !== 'OPTIONS' && !route.config?.access)
    if (unnamed.length > 0) {
      const list = unnamed.map((route) => `${route.method} ${route.url}`).join(', ')
      throw new Error(`These routes do not say who may call them (config.access): ${list}`)
    }
  })
}

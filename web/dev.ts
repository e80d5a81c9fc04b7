import { env } from 'node:process'
import { createServer } from 'vite'
import { viteConfig } from './vite-config.ts'

// The page with hot reload on 5173, everything else from the running server (npm start).
const api = env.API_URL ?? `http://localhost:${env.PORT ?? 8000}`
// Patterns, not prefixes: /api alone would catch the page's own api.ts.
const proxied = ['^/(api|auth|docs|redoc|swagger)(/|$)', '^/(openapi\\.json|healthz|readyz|metrics)$']

const server = await createServer({
  ...viteConfig(),
  server: {
    port: 5173,
    proxy: {
      ...Object.fromEntries(proxied.map((path) => [path, { target: api }])),
      '^/ws/': { target: api, ws: true },
    },
  },
})
await server.listen()
server.printUrls()
console.log(`API: ${api}`)

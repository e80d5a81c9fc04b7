import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** Puts scheme.js, under a hashed name, first into the head; Vite itself bundles only module scripts. */
export function schemePlugin(folder: string): Plugin {
  const read = () => readFileSync(`${folder}/scheme.js`, 'utf8')
  const source = read()
  const fileName = `assets/scheme-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.js`
  return {
    name: 'duebook:scheme',
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: `/${fileName}` }, injectTo: 'head-prepend' }],
    generateBundle() {
      this.emitFile({ type: 'asset', fileName, source })
    },
    configureServer(server) {
      server.middlewares.use(`/${fileName}`, (_request, response) => {
        response.setHeader('content-type', 'text/javascript')
        response.end(read())
      })
    },
  }
}

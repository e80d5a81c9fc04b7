import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'vite'
import { type Catalogue, compileCatalogue } from './compile-messages.ts'

/**
 * Catalogues are plain TypeScript objects of ICU text; the browser gets them compiled, so that neither an ICU
 * parser nor `eval` is shipped. `?pseudo` gives the pseudo-locale of the same file.
 */
export function messagesPlugin(): Plugin {
  return {
    name: 'duebook:messages',
    enforce: 'pre',
    async load(id) {
      const [path, query] = id.split('?')
      if (!path || !/\/web\/locales\/[\w-]+\/[\w-]+\.ts$/.test(path)) return null
      this.addWatchFile(path)
      // The content is part of the address, so that a changed file is read again by a running dev server.
      const stamp = (await readFile(path, 'utf8')).length + Date.now()
      const module = (await import(`${pathToFileURL(path)}?t=${stamp}`)) as { default: Catalogue }
      const pseudo = new URLSearchParams(query).has('pseudo')
      return {
        code: `export default ${JSON.stringify(compileCatalogue(module.default, pseudo))}`,
        moduleType: 'js',
      }
    },
  }
}

import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import type { InlineConfig } from 'vite'
import { messagesPlugin } from './messages-plugin.ts'
import { schemePlugin } from './scheme-plugin.ts'

export const webFolder = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '')

/** Shared by the build and the dev server. No configuration file: both commands pass this object. */
export function viteConfig(): InlineConfig {
  return {
    root: webFolder,
    configFile: false,
    envDir: false,
    publicDir: false,
    plugins: [messagesPlugin(), schemePlugin(webFolder), react()],
    css: { modules: { localsConvention: 'camelCaseOnly' } },
    build: {
      outDir: `${webFolder}/dist`,
      emptyOutDir: true,
      manifest: true,
      // The browsers that have Web Locks, :has() and OKLCH; keeps the output free of down-levelled code.
      target: 'es2023',
      cssCodeSplit: true,
      modulePreload: { polyfill: false },
      // Inlined assets would be data: URLs, which script-src 'self' refuses for scripts and which defeat caching.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // budget.ts measures, in gzipped bytes.
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: {
        output: {
          // Without groups the libraries fall into some fifty small files, 12 KB larger when compressed one by one.
          codeSplitting: {
            groups: [{ name: 'first', tags: ['$initial'], test: /^(?!.*\/web\/(main\.tsx|index\.html))/ }],
          },
        },
      },
    },
  }
}

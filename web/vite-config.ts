import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import type { InlineConfig } from 'vite'
import { messagesPlugin } from './messages-plugin.ts'

export const webFolder = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '')

/** Shared by the build and the dev server. No configuration file: both commands pass this object. */
export function viteConfig(): InlineConfig {
  return {
    root: webFolder,
    configFile: false,
    envDir: false,
    publicDir: `${webFolder}/public`,
    plugins: [messagesPlugin(), react()],
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
    },
  }
}

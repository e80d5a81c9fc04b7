import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{server,db,web,tests}/**/*.test.{ts,tsx}'],
    exclude: ['tests/e2e/**', '**/node_modules/**'],
    globalSetup: 'tests/global-setup.ts',
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})

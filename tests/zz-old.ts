import { spawnSync } from 'node:child_process'
import { startOlderPostgres } from './older-postgres.ts'
const server = (await startOlderPostgres())!
try {
  const r = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: server.url, TEST_LOG: 'silent' } })
  process.exitCode = r.status ?? 1
} finally { server.stop() }

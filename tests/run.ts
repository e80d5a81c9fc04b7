import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startOlderPostgres } from './older-postgres.ts'
import { prove } from './prove.ts'

// npm test: every stage, with what it takes; the last line is `N passed, N failed`.
// npm test -- unit e2e    runs the named stages only.

type Counts = { passed: number; failed: number }

const root = resolve(import.meta.dirname, '..')
const modules = join(root, 'node_modules')
const scratch = mkdtempSync(join(tmpdir(), 'duebook-run-'))

const stages: Record<string, () => Promise<Counts>> = {
  types: () => check([join(modules, 'typescript/bin/tsc'), '-p', '.']),
  lint: () => check([join(modules, '@biomejs/biome/bin/biome'), 'check', '--colors=off']),
  web: () => check(['web/build.ts']),
  unit: () => vitest('vitest.config.ts'),
  oldest: onOldestPostgres,
  e2e: () => vitest('vitest.e2e.config.ts'),
  proofs: () => prove({ sample: true }),
}

const named = process.argv.slice(2)
const unknown = named.filter((name) => !(name in stages))
if (unknown.length > 0) {
  console.error(`There is no stage ${unknown.join(', ')}; there are ${Object.keys(stages).join(', ')}.`)
  process.exit(1)
}

const total: Counts = { passed: 0, failed: 0 }
const summary: string[] = []
for (const [name, run] of Object.entries(stages)) {
  if (named.length > 0 && !named.includes(name)) continue
  console.log(`\n== ${name}`)
  const began = performance.now()
  const { passed, failed } = await run().catch((error: unknown) => {
    console.error(error)
    return { passed: 0, failed: 1 }
  })
  total.passed += passed
  total.failed += failed
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  summary.push(
    `  ${name.padEnd(8)}${failed ? 'FAILED' : 'ok'}   ${passed} passed, ${failed} failed   ${seconds} s`,
  )
  console.log(summary.at(-1)!.trim())
}
rmSync(scratch, { recursive: true, force: true })
console.log(`\n${summary.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0

/** One program that is right or wrong as a whole. */
async function check(args: string[]): Promise<Counts> {
  return (await node(args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

async function vitest(
  config: string,
  files: string[] = [],
  env: Record<string, string> = {},
): Promise<Counts> {
  const report = join(scratch, `${config}.json`)
  rmSync(report, { force: true })
  const options = [`--config=${config}`, '--passWithNoTests', '--reporter=default', '--reporter=json']
  const code = await node(
    [join(modules, 'vitest/vitest.mjs'), 'run', ...files, ...options, `--outputFile.json=${report}`],
    env,
  )
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
    // A file that cannot be loaded, or an error outside all tests, fails the run without a failed test.
    return { passed: numPassedTests, failed: numFailedTests || (code === 0 ? 0 : 1) }
  } catch {
    return { passed: 0, failed: code === 0 ? 0 : 1 }
  }
}

/** What speaks SQL runs on the oldest supported PostgreSQL too, where the machine has one (Debian's is). */
async function onOldestPostgres(): Promise<Counts> {
  const server = await startOlderPostgres()
  if (!server) {
    console.log('No PostgreSQL from 15 to 17 on this machine: left out.')
    return { passed: 0, failed: 0 }
  }
  try {
    console.log(`PostgreSQL ${server.version}`)
    const files = ['tests/contract', 'tests/structure', 'tests/isolation', 'server/modules', 'db/']
    return await vitest('vitest.config.ts', files, { TEST_DATABASE_URL: server.url })
  } finally {
    server.stop()
  }
}

function node(args: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, NODE_ENV: undefined, ...env },
    })
    child.once('error', fail)
    child.once('close', (code) => done(code ?? 1))
  })
}

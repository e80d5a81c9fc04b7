import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type ServerProcess, startServer, temporaryFolder } from './server-process.ts'

// The product as people run it: npm, signals, kills, second starts.

const root = resolve(import.meta.dirname, '..')
const folder = temporaryFolder('lifecycle')
afterAll(folder.remove)
let count = 0

type Case = { data: string; env: Record<string, string> }

function freshCase(): Case {
  count += 1
  const data = join(folder.path, String(count))
  return { data, env: { DATA_DIR: data, DEMO: 'off' } }
}

/** A case whose database exists already: a copy of one made once, which spares each test two seconds. */
function usedCase(): Case {
  const one = freshCase()
  spawnSync('cp', ['-a', used, one.data]) // with owners: root's PostgreSQL is another account
  return one
}
const used = join(folder.path, 'used')
beforeAll(async () => {
  const server = startServer({ DATA_DIR: used, DEMO: 'off' })
  await server.ready
  await server.stop()
})

/** Starts it, and sees to its end whatever the test finds. */
function start(
  env: Record<string, string>,
  command?: string[],
  options?: { detached: boolean },
): ServerProcess {
  const server = startServer(env, command, options)
  onTestFinished(async () => {
    server.child.kill('SIGKILL')
    await sleep(50)
    spawnSync('sh', [
      '-c',
      'kill -QUIT $(head -n 1 "$1/postgres/postmaster.pid")',
      'sh',
      env.DATA_DIR ?? '/nowhere',
    ])
  })
  return server
}

const postgresRuns = ({ data }: Case) => existsSync(join(data, 'postgres/postmaster.pid'))
const answers = async (url: string) => {
  try {
    return (await fetch(`${url}/readyz`)).status
  } catch {
    return 'down'
  }
}
const allGone = (one: Case, url: string) =>
  expect
    .poll(async () => [postgresRuns(one), await answers(url)], { timeout: 8_000 })
    .toEqual([false, 'down'])

test('starts, says where and how long it took, serves, and ends on SIGTERM with PostgreSQL', async () => {
  const one = freshCase()
  const server = start(one.env)
  const url = await server.ready
  expect(server.output()).toMatch(/Duebook is ready in \d+\.\d s/)
  expect(await answers(url)).toBe(200)
  const began = performance.now()
  expect(await server.stop()).toBe(0)
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(postgresRuns(one)).toBe(false)
})

test('a second start on the same data is refused in one clear line, and harms nothing', async () => {
  const one = usedCase()
  const server = start(one.env)
  const url = await server.ready
  const second = start(one.env)
  expect(await second.ended).toBe(1)
  expect(second.output().trim()).toBe(
    `Duebook is already running on ${one.data} (process ${server.child.pid}). Stop it first, or set DATA_DIR and PORT to others.`,
  )
  expect(await answers(url)).toBe(200)
  expect(await server.stop()).toBe(0)
})

test('a restart takes over at once, while the old server is still closing', async () => {
  const one = usedCase()
  const old = start(one.env)
  await old.ready
  const stopped = old.stop()
  const next = start(one.env)
  expect(await answers(await next.ready)).toBe(200)
  expect(await stopped).toBe(0)
  expect(await next.stop()).toBe(0)
})

test('after kill -9 the next start takes over, with the same secret', async () => {
  const one = usedCase()
  const killed = start(one.env)
  await killed.ready
  const secret = readFileSync(join(one.data, 'secret.key'), 'utf8')
  killed.child.kill('SIGKILL')
  await killed.ended
  expect(postgresRuns(one)).toBe(true)
  const next = start(one.env)
  expect(await answers(await next.ready)).toBe(200)
  expect(readFileSync(join(one.data, 'secret.key'), 'utf8')).toBe(secret)
  expect(await next.stop()).toBe(0)
  expect(postgresRuns(one)).toBe(false)
})

test.each(['SIGTERM', 'SIGKILL'] as const)('%s to npm ends the server and PostgreSQL', async (signal) => {
  const one = usedCase()
  const npm = start(one.env, ['npm', 'start', '--silent'], { detached: true })
  const url = await npm.ready
  npm.child.kill(signal)
  await allGone(one, url)
})

test('Ctrl-C in a terminal, which reaches npm and all below, ends in order', async () => {
  const one = usedCase()
  const npm = start(one.env, ['npm', 'start', '--silent'], { detached: true })
  const url = await npm.ready
  process.kill(-npm.child.pid!, 'SIGINT')
  await npm.ended
  await allGone(one, url)
  expect(npm.output()).not.toMatch(/error/i)
})

const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((path) => !path.includes('node_modules'))
  .map((path) => join(path, 'node'))
  .find((path) => /^v2[0-3]\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? ''))

test.runIf(oldNode).each(['SIGTERM', 'SIGKILL'] as const)(
  'on an older Node, %s to the starter ends all',
  async (signal) => {
    const one = usedCase()
    const starter = start(one.env, [oldNode!, join(root, 'start.mjs'), 'server/main.ts'])
    const url = await starter.ready
    starter.child.kill(signal)
    expect(await starter.ended).toBe(signal === 'SIGTERM' ? 0 : 'SIGKILL')
    await allGone(one, url)
  },
)

test('started without npm it outlives the shell that started it', async () => {
  const one = usedCase()
  const script = `"$0" "$1" server/main.ts & echo "pid $!"; sleep 60`
  const shell = start(one.env, ['sh', '-c', script, process.execPath, join(root, 'start.mjs')], {
    detached: true,
  })
  const url = await shell.ready
  const pid = Number(/pid (\d+)/.exec(shell.output())?.[1])
  shell.child.kill('SIGKILL')
  await sleep(1_500)
  expect(await answers(url)).toBe(200)
  process.kill(pid, 'SIGTERM')
  await allGone(one, url)
})

test.each([50, 400, 900])('SIGTERM %i ms into the first start leaves nothing running', async (delay) => {
  const one = freshCase()
  const server = start(one.env)
  await sleep(delay)
  await server.stop()
  await expect.poll(() => postgresRuns(one), { timeout: 5_000 }).toBe(false)
  const next = start(one.env)
  await next.ready
  expect(await next.stop()).toBe(0)
})

test('a port in use is told, and PostgreSQL ends', async () => {
  const one = usedCase()
  const other = createServer()
  const port = await new Promise<number>((done) => {
    other.listen(0, '127.0.0.1', () => done((other.address() as { port: number }).port))
  })
  onTestFinished(() => void other.close())
  const server = start({ ...one.env, PORT: String(port) })
  expect(await server.ended).toBe(1)
  expect(server.output()).toContain(`Port ${port} on 127.0.0.1 is in use by another program.`)
  expect(postgresRuns(one)).toBe(false)
})

test('wrong settings are told together, and nothing is touched', async () => {
  const one = freshCase()
  const server = start({ ...one.env, PORT: 'http', SECRET_KEY: 'hush', TRUST_PROXY: 'true' })
  expect(await server.ended).toBe(1)
  expect(server.output()).toContain('3 mistakes')
  expect(server.output()).not.toContain('hush')
  expect(server.output()).not.toMatch(/^\s+at /m)
  expect(existsSync(one.data)).toBe(false)
})

test('a data folder that cannot be used is told', async () => {
  const server = start({ DATA_DIR: '/dev/null/data' })
  expect(await server.ended).toBe(1)
  expect(server.output()).toMatch(/^The data folder \/dev\/null\/data cannot be used \(ENOTDIR\)/m)
})

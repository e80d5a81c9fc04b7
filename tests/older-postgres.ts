import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from './server-process.ts'

/**
 * A temporary cluster of the machine's oldest supported PostgreSQL below ours, on a free loopback port. Undefined when there is none. Debian and Ubuntu: apt-get install postgresql.
 */
export async function startOlderPostgres(): Promise<
  { url: string; version: string; stop: () => void } | undefined
> {
  const installed = '/usr/lib/postgresql'
  const version = (existsSync(installed) ? readdirSync(installed) : [])
    .filter((one) => Number(one) >= 15 && Number(one) < 18 && existsSync(join(installed, one, 'bin/initdb')))
    .sort((a, b) => Number(a) - Number(b))[0]
  if (!version) return undefined

  const folder = temporaryFolder('older-postgres')
  const account = process.getuid?.() === 0 ? accountOf('postgres') : undefined
  const place = join(folder.path, 'cluster')
  const passwordFile = join(place, 'password')
  const data = join(place, 'data')
  mkdirSync(place)
  writeFileSync(passwordFile, 'test')
  if (account) for (const path of [place, passwordFile]) chownSync(path, account.uid, account.gid)
  const run = (program: string, ...args: string[]) => {
    const { status, stderr, error } = spawnSync(join(installed, version, 'bin', program), args, {
      ...account,
      cwd: place,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', program === 'pg_ctl' ? 'ignore' : 'pipe'], // a server started by pg_ctl would hold the pipe
    })
    if (status !== 0) throw new Error(`${program} of PostgreSQL ${version}: ${error?.message ?? stderr}`)
  }
  const port = await freePort()
  run(
    'initdb',
    '-D',
    data,
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
  )
  const settings = `-p ${port} -k ${place} -c fsync=off -c full_page_writes=off -c max_connections=200`
  run('pg_ctl', '-D', data, '-o', settings, '-l', join(place, 'log'), '-w', 'start')
  return {
    url: `postgresql://postgres:test@127.0.0.1:${port}/postgres`,
    version,
    stop() {
      run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop')
      folder.remove()
    },
  }
}

function accountOf(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Proof } from '../prove.ts'
import { callServer as call, enterNewOrganisation, keptBy } from '../server-calls.ts'
import { type ServerProcess, startServer, temporaryFolder } from '../server-process.ts'

// Four clients write without pause while the server, PostgreSQL or both are killed with SIGKILL. What was answered
// stays, what was not answered is repeated with its Idempotency-Key and happens once, and each write has its one event.

const WRITERS = 4

export default {
  name: 'blackout',
  claim:
    'kill -9 of server and PostgreSQL loses nothing that was answered and doubles nothing that is repeated',
  full: 40,
  sample: 3,
  async run({ trials, random, note }) {
    const folder = temporaryFolder('blackout')
    const env = keptBy(join(folder.path, 'data'))
    const expected = new Set<string>()
    const recoveries: number[] = []
    let uncertain = 0
    let server: ServerProcess = startServer(env)
    try {
      let url = await server.ready
      const token = await enterNewOrganisation(url, 'blackout')

      for (let trial = 1; trial <= trials; trial += 1) {
        const open: { name: string; key: string }[] = []
        let writing = true
        let written = 0
        const writer = async () => {
          while (writing) {
            written += 1
            const name = `d ${trial} ${written}`
            const key = randomUUID()
            if (await create(url, token, name, key)) expected.add(name)
            else {
              open.push({ name, key })
              await sleep(20)
            }
          }
        }
        const writers = Promise.all(Array.from({ length: WRITERS }, writer))
        writers.catch(() => {}) // awaited below
        await sleep(100 + random() * 500)

        const target = (['server', 'postgres', 'both'] as const)[Math.floor(random() * 3)]!
        const began = performance.now()
        if (target !== 'server') process.kill(postmaster(env.DATA_DIR), 'SIGKILL')
        if (target !== 'postgres') {
          server.child.kill('SIGKILL')
          await server.ended
          server = startServer(env)
          url = await server.ready
        }
        while ((await status(`${url}/readyz`)) !== 200) {
          if (performance.now() - began > 30_000)
            throw new Error(`Not ready 30 s after the kill of ${target}`)
          await sleep(20)
        }
        recoveries.push(performance.now() - began)
        writing = false
        await writers

        uncertain += open.length
        for (const { name, key } of open) {
          if (!(await create(url, token, name, key))) throw new Error(`Repeating "${name}" was not answered`)
          expected.add(name)
        }
        await compare(url, token, expected)
        if (trial % 10 === 0) note(`${trial} kills`)
      }
      recoveries.sort((a, b) => a - b)
      const ms = (share: number) => Math.round(recoveries[Math.floor((recoveries.length - 1) * share)]!)
      return `${expected.size} writes, ${uncertain} unanswered and repeated, 0 lost, 0 doubled; ready again after ${ms(0.5)} ms median, ${ms(1)} ms worst`
    } catch (error) {
      note(`the server's last words:\n${server.output().split('\n').slice(-12).join('\n')}`)
      throw error
    } finally {
      await server.stop()
      folder.remove()
    }
  },
} satisfies Proof

/** True when it was answered 201; false when the outcome is not known. Anything else contradicts the claim. */
async function create(url: string, token: string, name: string, key: string): Promise<boolean> {
  let answer: Response
  try {
    answer = await fetch(`${url}/api/admin/departments`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'idempotency-key': key,
      },
      body: JSON.stringify({ name }),
      signal: AbortSignal.timeout(10_000),
    })
    if (answer.status === 201) {
      const row = (await answer.json()) as { name: string }
      if (row.name !== name) throw new Error(`Asked for "${name}" and got "${row.name}"`)
      return true
    }
  } catch (error) {
    if (error instanceof TypeError) return false // the connection broke
    if ((error as Error).name === 'TimeoutError') throw new Error('A request hung for 10 s')
    throw error
  }
  if (answer.status === 503) return false
  throw new Error(`Creating "${name}": ${answer.status} ${await answer.text()}`)
}

/** Every expected row once, no other, and one event each. */
async function compare(url: string, token: string, expected: Set<string>): Promise<void> {
  const { items } = (await call(url, 'GET', '/api/admin/departments', undefined, token)) as {
    items: { name: string }[]
  }
  const names = items.map((item) => item.name)
  const lost = [...expected].filter((name) => !names.includes(name))
  const surplus = names.filter((name, index) => !expected.has(name) || names.indexOf(name) !== index)
  if (lost.length > 0) throw new Error(`Lost although answered: ${lost.join(', ')}`)
  if (surplus.length > 0) throw new Error(`Doubled or never asked for: ${surplus.join(', ')}`)
  const { total } = await call(
    url,
    'GET',
    '/api/admin/audit?kind=department.created&page_size=1',
    undefined,
    token,
  )
  if (total !== expected.size) throw new Error(`${expected.size} rows and ${total} events`)
}

async function status(url: string): Promise<number> {
  try {
    return (await fetch(url)).status
  } catch {
    return 0
  }
}

const postmaster = (data: string) =>
  Number.parseInt(readFileSync(join(data, 'postgres/postmaster.pid'), 'utf8'), 10)

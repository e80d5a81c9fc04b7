import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Proof } from '../prove.ts'
import { startServer, temporaryFolder } from '../server-process.ts'

// From `git clone` to a demo with sign-ins, with an empty npm cache and the Node of the machine; needs the network.
// Every second trial blocks install scripts and closes the folder to all but its owner.

const root = resolve(import.meta.dirname, '../..')
const COLD_LIMIT_S = 60
const WARM_LIMIT_S = 3

export default {
  name: 'cold-start',
  claim: `a bare clone serves its demo within ${COLD_LIMIT_S} s, and again within ${WARM_LIMIT_S} s`,
  full: 2,
  sample: 0,
  async run({ trials, note }) {
    const cold: number[] = []
    const warm: number[] = []
    for (let trial = 1; trial <= trials; trial += 1) {
      const folder = temporaryFolder('cold')
      try {
        const hardened = trial % 2 === 0
        if (hardened) chmodSync(folder.path, 0o700)
        const clone = join(folder.path, 'clone')
        const env = {
          // Without our own node_modules, as a newcomer's shell has it.
          PATH: (process.env.PATH ?? '')
            .split(delimiter)
            .filter((path) => !path.includes('node_modules'))
            .join(delimiter),
          npm_config_cache: join(folder.path, 'cache'),
          ...(hardened ? { npm_config_ignore_scripts: 'true' } : {}),
        }
        const began = performance.now()
        const { status, stderr } = spawnSync('git', ['clone', '--quiet', root, clone], { encoding: 'utf8' })
        if (status !== 0) throw new Error(stderr)
        cold.push(await startAndVisit(clone, env, began))
        for (let again = 0; again < 3; again += 1)
          warm.push(await startAndVisit(clone, env, performance.now()))
        note(
          `${hardened ? 'hardened' : 'plain'}: ${cold.at(-1)!.toFixed(1)} s cold, ${warm.at(-1)!.toFixed(1)} s warm`,
        )
      } finally {
        folder.remove()
      }
    }
    const worst = (values: number[]) => Math.max(...values).toFixed(1)
    if (Math.max(...cold) > COLD_LIMIT_S) throw new Error(`${worst(cold)} s cold`)
    if (Math.max(...warm) > WARM_LIMIT_S) throw new Error(`${worst(warm)} s warm`)
    return `worst ${worst(cold)} s cold, ${worst(warm)} s warm`
  },
} satisfies Proof

/** Seconds from `began` until a demo person is signed in. */
async function startAndVisit(clone: string, env: Record<string, string>, began: number): Promise<number> {
  const server = startServer(env, ['npm', 'start', '--silent'], { cwd: clone, detached: true })
  try {
    const url = await server.ready
    const page = await fetch(url, { headers: { accept: 'text/html' } })
    if (!page.ok || !(await page.text()).includes('<div id="root"'))
      throw new Error(`The page answers ${page.status}`)
    const { demo } = (await (await fetch(`${url}/api/session/options`)).json()) as {
      demo: { identifier: string; password: string }[]
    }
    const { identifier, password } = demo[0]!
    const session = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ identifier, password }),
    })
    if (!session.ok) throw new Error(`Signing in answers ${session.status} ${await session.text()}`)
    return (performance.now() - began) / 1000
  } finally {
    await server.stop()
    await untilDown(server.child.pid!)
  }
}

/** npm ends before what it started does. */
async function untilDown(group: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      process.kill(-group, 0)
    } catch {
      return
    }
    await new Promise((done) => setTimeout(done, 100))
  }
}

import { fork } from 'node:child_process'
import type { Measured } from './run.ts'

const ROUNDS = 3
const SECONDS = 5
const CONNECTIONS = 16

/**
 * A page of 100 invoices: sign-in check, rate limit, headers, row-level security, schemas and log line included, against a
 * bare Fastify + pg handler that runs the same two statements on two pooled connections, as a role that bypasses
 * row-level security, without hooks or schemas. Server and load share the machine's cores, as the limit does.
 */
export async function listPage(): Promise<Measured[]> {
  const servers = fork(new URL('./list-page-server.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  try {
    const { ours, bare, authorization } = await new Promise<{
      ours: string
      bare: string
      authorization: string
    }>((ready, fail) => {
      servers.once('message', ready as never)
      servers.once('exit', (code) => fail(new Error(`The servers to measure ended with ${code}`)))
    })
    const rates = { ours: [] as number[], bare: [] as number[] }
    await rate(ours, authorization, 2)
    await rate(bare, authorization, 2)
    for (let round = 1; round <= ROUNDS; round += 1) {
      rates.bare.push(await rate(bare, authorization, SECONDS))
      rates.ours.push(await rate(ours, authorization, SECONDS))
      console.log(
        `  round ${round}: ours ${rates.ours.at(-1)!.toFixed(0)}/s, bare ${rates.bare.at(-1)!.toFixed(0)}/s`,
      )
    }
    const ratios = rates.ours.map((each, round) => each / rates.bare[round]!)
    const ratio = median(ratios)
    return [
      {
        what: 'page of 100 invoices',
        ours: `${median(rates.ours).toFixed(0)} requests/s`,
        limit: `${median(rates.bare).toFixed(0)} requests/s bare`,
        ratio,
        wanted: '≥ 0.75',
        ok: ratio >= 0.75,
      },
    ]
  } finally {
    servers.send('stop')
    await new Promise((done) => servers.once('exit', done))
  }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function rate(url: string, authorization: string, seconds: number): Promise<number> {
  const { default: autocannon } = await import('autocannon')
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    headers: { authorization },
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} bad answers, ${result.errors} errors`)
  return result.requests.total / result.duration
}

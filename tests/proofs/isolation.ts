import { testApp } from '../app.ts'
import { startTestServer } from '../database.ts'
import { type Probe, probesOf, rowSecurity, runProbes, tenantFilter, twoOrganisations } from '../isolation.ts'
import type { Proof } from '../prove.ts'

const proof: Proof = {
  name: 'isolation',
  claim:
    'tenants never mix: behind both walls, behind row-level security alone, behind the tenant filter alone',
  full: 20_000,
  // npm test runs its own sample in tests/isolation.test.ts.
  sample: 0,
  async run({ trials, seed, random, note }) {
    const { server, stop } = await startTestServer()
    const test = await testApp({}, {}, server)
    const world = await twoOrganisations(test, random)
    const shuffled = (probes: Probe[]) =>
      probes
        .map((probe) => ({ probe, at: random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ probe }) => probe)
        .slice(0, Math.ceil(trials / 3))
    let count = 0
    const walls = async (name: string, probes: Probe[], reading = false) => {
      const { wrong } = await runProbes(world, probes, { reading })
      count += probes.length
      note(`${name}: ${probes.length} probes, ${wrong.length} wrong`)
      if (wrong.length > 0) throw new Error(`seed ${seed}, ${name}:\n${wrong.slice(0, 20).join('\n')}`)
    }
    try {
      await walls('both walls', shuffled(probesOf(world)))
      tenantFilter(world, false)
      const [reads, writes] = [
        probesOf(world).filter(({ route }) => route.method === 'GET'),
        probesOf(world).filter(({ route }) => route.method !== 'GET'),
      ]
      await walls('row-level security alone, reading', shuffled(reads))
      await walls('row-level security alone, writing', shuffled(writes), true)
      tenantFilter(world, true)
      await rowSecurity(world, false)
      await walls('tenant filter alone', shuffled(probesOf(world)))
      return `${count} probes, 0 rows of another tenant read, changed or told from missing ones`
    } finally {
      await world.owner.end()
      await test.close()
      await stop()
    }
  },
}
export default proof

import { withApp } from '../app.ts'
import { type Probe, probesOf, rowSecurity, runProbes, tenantFilter, twoOrganisations } from '../isolation.ts'
import type { Proof } from '../prove.ts'

const proof: Proof = {
  name: 'isolation',
  claim:
    'tenants never mix: behind both walls, behind row-level security alone, behind the tenant filter alone',
  full: 30_000,
  // npm test runs its own sample in tests/isolation.test.ts.
  sample: 0,
  run: ({ trials, seed, random, note }) =>
    withApp(async (test) => {
      const world = await twoOrganisations(test, random)
      const shuffled = (keep: (probe: Probe) => boolean = () => true) =>
        probesOf(world)
          .filter(keep)
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
        await walls('both walls', shuffled())
        tenantFilter(world, false)
        await walls(
          'row-level security alone, reading',
          shuffled(({ route }) => route.method === 'GET'),
        )
        // Rows are not stamped with their tenant now, so the database refuses them.
        await walls(
          'row-level security alone, writing',
          shuffled(({ route }) => route.method !== 'GET'),
          true,
        )
        tenantFilter(world, true)
        await rowSecurity(world, false)
        await walls('tenant filter alone', shuffled())
        return `${count} different probes, no row of another tenant read, changed or told from a missing one`
      } finally {
        await world.owner.end()
      }
    }),
}
export default proof

import { withApp } from '../app.ts'
import { twoOrganisations } from '../isolation.ts'
import type { Proof } from '../prove.ts'
import { burst, creating } from '../repeated.ts'

const proof: Proof = {
  name: 'one-effect',
  claim: 'fifty parallel duplicates of a call that creates or sends have one effect and one answer',
  full: 320,
  // npm test sends one burst of each in tests/security/repeated.test.ts.
  sample: 0,
  run: ({ trials, random }) =>
    withApp(async (test) => {
      const world = await twoOrganisations(test, random)
      try {
        for (let n = 0; n < trials; n += 1) await burst(world, creating[n % creating.length]!, `key-${n}`)
        return `${trials * 50} calls over ${creating.length} routes, ${trials} effects`
      } finally {
        await world.owner.end()
      }
    }),
}
export default proof

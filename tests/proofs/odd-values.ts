import { withApp } from '../app.ts'
import {
  apiRoutes,
  canary,
  canaryDigits,
  digest,
  type Filled,
  fieldsOf,
  request,
  twoOrganisations,
  withValue,
} from '../isolation.ts'
import { oddValues } from '../odd-values.ts'
import type { Proof } from '../prove.ts'

const proof: Proof = {
  name: 'odd-values',
  claim:
    'no value of any field, and no two of them together, is answered with a 500 or with another tenant’s data',
  full: 25_000,
  sample: 300,
  run: ({ trials, seed, random }) =>
    withApp(async (test) => {
      const world = await twoOrganisations(test, random)
      const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!
      const routes = apiRoutes(test).filter((route) => fieldsOf(route).length > 0)
      const before = await digest(world)
      const statuses = new Map<number, number>()
      try {
        for (let n = 0; n < trials; n += 1) {
          const route = pick(routes)
          const caller = world.callers.find(({ id }) => id === 'tenant_admin')!
          let filled = await request(world, { route, caller, reference: null, kind: 'own' }, 'own')
          const said: string[] = []
          for (let times = random() < 0.7 ? 1 : 2; times > 0; times -= 1) {
            const field = pick(fieldsOf(route))
            const value = pick(oddValues(field))
            said.push(`${field.part} ${field.path} = ${JSON.stringify(value)?.slice(0, 60)}`)
            filled = { ...filled, ...withValue(route, filled, field, value) } as Filled
          }
          const { ids: _, params: __, search: ___, ...options } = filled
          const raw = await test.app.inject(options)
          statuses.set(raw.statusCode, (statuses.get(raw.statusCode) ?? 0) + 1)
          const leaked = [canary, canaryDigits].some((each) => raw.body.includes(each))
          if (raw.statusCode >= 500 || leaked)
            throw new Error(
              `seed ${seed}: ${route.id}, ${said.join(', ')}: ${raw.statusCode} ${raw.body.slice(0, 300)}`,
            )
          if (route.method !== 'GET' && !route.access.some((each) => each.includes('.'))) caller.stale = true
        }
        const after = await digest(world)
        const changed = Object.keys(after).filter((table) => after[table] !== before[table])
        if (changed.length > 0) throw new Error(`seed ${seed}: tenant B's ${changed.join(', ')} changed`)
        const told = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`)
        return told.join(', ')
      } finally {
        await world.owner.end()
      }
    }),
}
export default proof

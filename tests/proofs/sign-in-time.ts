import { withApp } from '../app.ts'
import { call } from '../call.ts'
import { organisation, person } from '../given.ts'
import type { Proof } from '../prove.ts'

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!

const proof: Proof = {
  name: 'sign-in-time',
  claim: 'an unknown name takes the time of a wrong password: the medians differ by less than 5 ms',
  full: 200,
  // npm test compares roughly in tests/security/guessing.test.ts; close measuring wants a quiet machine.
  sample: 0,
  run: ({ trials }) =>
    withApp(async (test) => {
      const org = await organisation(test)
      // Fewer than the limit of wrong tries for one account.
      const names = await Promise.all(
        Array.from({ length: Math.ceil(trials / 40) }, async () => {
          const who = await person(test, { in: org, signedIn: false })
          return who.username
        }),
      )
      const times = { known: [] as number[], unknown: [] as number[] }
      for (let n = 0; n < trials; n += 1) {
        for (const kind of ['known', 'unknown'] as const) {
          const name = names[n % names.length]!
          const username = kind === 'known' ? name : `${name}x`
          const ip = `10.${kind === 'known' ? 1 : 2}.${Math.floor(n / 250)}.${n % 250}`
          const began = performance.now()
          const { status } = await call(test, 'POST /api/auth/token', {
            form: { username, password: 'wrong' },
            ip,
          })
          times[kind].push(performance.now() - began)
          if (status !== 401) throw new Error(`A wrong password answered ${status}`)
        }
      }
      const [known, unknown] = [median(times.known), median(times.unknown)]
      const told = `medians ${known.toFixed(2)} ms known, ${unknown.toFixed(2)} ms unknown`
      if (Math.abs(known - unknown) >= 5) throw new Error(told)
      return told
    }),
}
export default proof

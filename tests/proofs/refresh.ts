import { withApp } from '../app.ts'
import { call } from '../call.ts'
import { organisation, password, person } from '../given.ts'
import type { Proof } from '../prove.ts'

const proof: Proof = {
  name: 'refresh',
  claim:
    'fifty parallel swaps of one refresh token give one successor and sign nobody out; a late replay ends the session',
  full: 100,
  // npm test swaps at each door in tests/security/tokens.test.ts.
  sample: 0,
  run: ({ trials, random }) =>
    withApp(async (test) => {
      const org = await organisation(test)
      const swap = (refresh: string) => call(test, 'POST /auth/token/refresh/', { json: { refresh } })
      const profile = async (access: string) =>
        (await call(test, 'GET /auth/profile/', { headers: { authorization: `Bearer ${access}` } })).status
      for (let n = 0; n < trials; n += 1) {
        const who = await person(test, { in: org, roles: ['agent'], signedIn: false })
        const { body } = await call(test, 'POST /auth/login/', { json: { username: who.username, password } })
        let refresh = body.refresh as string
        let access = body.access as string
        const replayed = refresh
        for (let step = Math.ceil(random() * 3); step > 0; step -= 1) {
          const answers = await Promise.all(Array.from({ length: 50 }, () => swap(refresh)))
          const successors = new Set(answers.map((answer) => answer.body.refresh))
          if (successors.size !== 1 || answers.some(({ status }) => status !== 200))
            throw new Error(
              `trial ${n}: ${successors.size} successors, ${answers.map(({ status }) => status)}`,
            )
          refresh = answers[0]!.body.refresh
          access = answers[0]!.body.access
        }
        if ((await profile(access)) !== 200) throw new Error(`trial ${n}: signed out by swapping`)
        test.clock.ahead(10_500)
        if ((await swap(replayed)).status !== 401) throw new Error(`trial ${n}: a replay was taken`)
        if ((await profile(access)) !== 401 || (await swap(refresh)).status !== 401)
          throw new Error(`trial ${n}: the session outlived the replay`)
      }
      return 'one successor each, every replay ended its session and no other'
    }),
}
export default proof

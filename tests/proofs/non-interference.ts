import pg from 'pg'
import { type TestApp, withApp } from '../app.ts'
import { call, type Target } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'
import type { Proof } from '../prove.ts'
import { seeded } from '../seeded.ts'

// What one organisation sees does not depend on what others do: the same trace of calls is run twice, once alone and
// once among another organisation's calls, and the answers are the same to the byte after ids are numbered in order
// of appearance (they come from sequences that all organisations share) and clocks are stopped.

type Side = { org: Organisation; admin: Person; tag: string; made: Map<string, number[]> }

async function side(test: TestApp, tag: string): Promise<Side> {
  const org = await organisation(test, { name: 'Alpha', code: `alpha-${tag}` })
  return {
    org,
    admin: await person(test, { in: org, username: `admin.${tag}`, full_name: 'Ada' }),
    tag,
    made: new Map(),
  }
}

const kinds = {
  regions: (n: number) => ({ name: `Region ${n}`, code: `r-${n}` }),
  departments: (n: number) => ({ name: `Department ${n}` }),
  outlets: (n: number) => ({ name: `Outlet ${n}`, code: `o-${n}` }),
  roles: (n: number) => ({ name: `Role ${n}`, permissions: ['receivables.read'] }),
} as const
type Kind = keyof typeof kinds
const kindNames = Object.keys(kinds) as Kind[]
const lists = [
  ...kindNames.map((kind) => `/api/admin/${kind}`),
  '/api/admin/users?search=guest',
  '/api/admin/users?sort=username&page_size=3&page=2',
  '/api/admin/invitations',
  '/api/admin/join-requests',
  '/api/admin/audit?page_size=20',
  '/api/admin/audit/kinds',
  '/api/admin/organisation',
  '/api/receivables/ageing',
  '/api/receivables/invoices',
  '/api/imports',
  '/api/users',
  '/api/profile',
  '/api/profile/api-keys',
]

/** One random call. Randomness alone decides which, so the same seed makes the same trace. */
async function step(test: TestApp, one: Side, random: () => number, others: number[]): Promise<string> {
  const { admin: as, tag, made } = one
  const n = Math.floor(random() * 12)
  const kind = kindNames[Math.floor(random() * kindNames.length)]!
  const ids = made.get(kind) ?? []
  const place = Math.floor(random() * (ids.length + 1))
  // Sometimes an id of nobody's, or of the other organisation: as good as missing either way.
  const id = ids[place] ?? others[Math.floor(random() * others.length)] ?? 800_000_001
  const choice = random()
  const remember = (into: string, answer: { status: number; body: { id?: number } }) => {
    if (answer.status === 201 || answer.status === 200)
      made.set(into, [...(made.get(into) ?? []), answer.body.id!])
  }
  const target = (text: string) => text as Target
  let answer: Awaited<ReturnType<typeof call>>
  if (choice < 0.25) {
    answer = await call(test, target(`POST /api/admin/${kind}`), { as, json: kinds[kind](n) })
    remember(kind, answer)
  } else if (choice < 0.4) {
    answer = await call(test, target(`PUT /api/admin/${kind}/${id}`), { as, json: kinds[kind](n + 100) })
  } else if (choice < 0.5) {
    answer = await call(test, target(`DELETE /api/admin/${kind}/${id}`), { as })
    if (answer.status === 204)
      made.set(
        kind,
        ids.filter((each) => each !== id),
      )
  } else if (choice < 0.56) {
    answer = await call(test, 'POST /api/admin/invitations', {
      as,
      json: { email: `guest${n}.${tag}@example.com`, role_codes: ['biller'] },
    })
  } else if (choice < 0.6) {
    answer = await call(test, target(`GET /api/admin/users/${id}`), { as })
  } else {
    answer = await call(test, target(`GET ${lists[Math.floor(random() * lists.length)]!}`), { as })
  }
  return `${answer.status} ${answer.headers.etag ?? ''} ${JSON.stringify(answer.body)}`
}

/** Answers with ids numbered in order of appearance and clocks, tokens and the run's own tag taken out. */
function told(answers: string[], { tag, org }: Side): string {
  const seen = new Map<string, number>()
  return answers
    .join('\n')
    .replaceAll(/[\w-]{36,43}/g, '<token>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(new RegExp(`\\b${org.id}\\.<token>`, 'g'), '<token>')
    .replaceAll(tag, '<tag>')
    .replaceAll(/"(\w*_?ids?)":(\d+)/g, (_, key, id) => {
      const number = seen.get(id) ?? seen.size + 1
      seen.set(id, number)
      return `"${key}":#${number}`
    })
}

async function trace(test: TestApp, seed: number, tag: string, noise: Side | null): Promise<string> {
  const mine = await side(test, tag)
  const random = seeded(seed)
  const noisy = seeded(seed + 1)
  const theirs = () => (noise ? [...noise.made.values()].flat() : [])
  const answers: string[] = []
  for (let n = 0; n < 40; n += 1) {
    const before = noise && noisy() < 0.6 ? step(test, noise, noisy, [...mine.made.values()].flat()) : null
    if (noisy() < 0.5) await before
    answers.push(await step(test, mine, random, theirs()))
    await before
  }
  return told(answers, mine)
}

/** Each sequence counts in a range of its own, so that a number tells what it numbers. */
async function idsApart(test: TestApp) {
  const owner = new pg.Client(test.testDatabase.owner)
  await owner.connect()
  await owner.query(`
    select setval(oid::regclass, 10000000 * row_number() over (order by relname))
      from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace`)
  await owner.end()
}

const proof: Proof = {
  name: 'non-interference',
  claim: 'what an organisation is answered does not depend on what another does at the same time',
  full: 200,
  sample: 2,
  run: ({ trials, seed }) =>
    withApp(async (test) => {
      await idsApart(test)
      const noise = await side(test, 'noise')
      let length = 0
      for (let n = 0; n < trials; n += 1) {
        const alone = await trace(test, seed + n, `alone${n}x`, null)
        const among = await trace(test, seed + n, `among${n}x`, noise)
        length += alone.length
        if (alone === among) continue
        const [a, b] = [alone.split('\n'), among.split('\n')]
        const at = a.findIndex((line, index) => line !== b[index])
        throw new Error(
          `seed ${seed}, trace ${n}, call ${at}:\n  alone ${a[at]?.slice(0, 600)}\n  among ${b[at]?.slice(0, 600)}`,
        )
      }
      return `${trials * 40} calls twice, ${length} characters equal`
    }),
}
export default proof

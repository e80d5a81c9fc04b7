import assert from 'node:assert/strict'
import { everyRowOf } from '../server/core/scope.ts'
import { apiRoutes, type Route, request, type World } from './isolation.ts'

/** What creates or sends, and answers the first answer to whoever repeats the call. */
export const creating = [
  'POST /admin/users/:user_id/pharmacies',
  'POST /pharmacies',
  'POST /api/admin/departments',
  'POST /api/admin/invitations',
  'POST /api/admin/join-requests/:id/approve',
  'POST /api/admin/join-requests/:id/decline',
  'POST /api/admin/outlets',
  'POST /api/admin/regions',
  'POST /api/admin/regions/preset',
  'POST /api/admin/roles',
  'POST /api/admin/users/:id/reset-link',
  'POST /api/auth/register',
  'POST /api/communications/channels/:id/webhook',
  'POST /api/communications/messages/resend',
  'POST /api/communications/suppressions',
  'POST /api/organisations/join',
  'POST /api/profile/api-keys',
  'POST /api/profile/second-factor',
  'POST /api/receivables/dunning/blocks/:id/lift',
  'POST /api/receivables/dunning/dead-addresses',
  'POST /api/receivables/dunning/dead-addresses/:id/clear',
  'POST /api/receivables/dunning/dry-run',
  'POST /api/receivables/dunning/messages/decide',
  'POST /api/receivables/dunning/policies',
  'POST /api/receivables/dunning/policies/standard',
  'POST /api/receivables/dunning/prepare',
  'POST /api/receivables/insights/schedules/:id/run',
  'POST /api/receivables/attachments',
  'POST /api/receivables/attachments/:id/restore',
  'POST /api/receivables/dispute-reasons',
  'POST /api/receivables/disputes',
  'POST /api/receivables/disputes/:id/comments',
  'POST /api/receivables/disputes/:id/move',
  'POST /api/receivables/disputes/:id/resolve',
  'POST /api/receivables/disputes/:id/take',
  'POST /api/receivables/disputes/:id/withdraw',
  'POST /api/receivables/disputes/bulk',
  'POST /api/receivables/allocations/:id/reverse',
  'POST /api/receivables/credits/:id/allocate',
  'POST /api/receivables/absences',
  'POST /api/receivables/assignment-rules',
  'POST /api/receivables/customers/:id/comments',
  'POST /api/receivables/customers/:id/contacts',
  'POST /api/receivables/customers/assign',
  'POST /api/receivables/invoices/:id/comments',
  'POST /api/receivables/customers/:id/links',
  'POST /api/receivables/invoices/assign',
  'POST /api/views',
  'POST /api/receivables/payments',
  'POST /api/receivables/payments/:id/allocate',
  'POST /api/receivables/payments/:id/reverse',
  'POST /api/receivables/write-offs',
  'POST /api/receivables/write-offs/:id/approve',
  'POST /api/receivables/write-offs/:id/reject',
  'POST /api/receivables/promises/:id/undo',
  'POST /api/receivables/promises/:id/withdraw',
  'POST /api/tenants',
  'POST /api/users',
  'POST /auth/register/',
]

/** How many rows there are, over all tables but the one that remembers the keys. */
async function rowCount({ owner, a }: World): Promise<number> {
  const { rows: tables } = await owner.query<{ name: string }>(`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
       and relname not in ('idempotency_keys', 'schema_migrations')`)
  await owner.query(`begin; ${everyRowOf(a.id)}`)
  const sum = tables.map(({ name }) => `(select count(*) from ${name})`).join(' + ')
  const { rows } = await owner.query<{ n: string }>(`select ${sum} as n`)
  await owner.query('commit')
  return Number(rows[0]!.n)
}

async function ready(world: World, route: Route) {
  const caller = world.callers.find(
    ({ id }) => id === (route.url.startsWith('/api/tenants') ? 'superuser outside' : 'tenant_admin'),
  )!
  caller.stale = true
  const {
    ids: _,
    params: __,
    search: ___,
    ...filled
  } = await request(world, { route, caller, reference: null, kind: 'own' }, 'own')
  return filled
}

/** 50 calls at once with one Idempotency-Key: one effect, one answer, and the same to whoever repeats it later. */
export async function burst(world: World, id: string, key: string) {
  const { app } = world.test
  const route = apiRoutes(world.test).find((each) => each.id === id)!
  const once = await ready(world, route)
  const before = await rowCount(world)
  assert.ok((await app.inject(once)).statusCode < 300, `${id} alone`)
  const effectOfOne = (await rowCount(world)) - before

  const filled = await ready(world, route)
  const send = () => app.inject({ ...filled, headers: { ...filled.headers, 'idempotency-key': key } })
  const calm = await rowCount(world)
  const answers = await Promise.all(Array.from({ length: 50 }, send))
  const told = ({ statusCode, body }: (typeof answers)[number]) => `${statusCode} ${body}`
  assert.deepEqual([...new Set(answers.map(told))], [told(answers[0]!)], id)
  assert.ok(answers[0]!.statusCode < 300, `${id}: ${answers[0]!.body}`)
  assert.equal(answers.filter((raw) => raw.headers['idempotency-replayed']).length, 49, id)
  // Less, where the second call of its kind has less to do: the preset regions are there already.
  assert.ok((await rowCount(world)) - calm <= effectOfOne, `${id} had more than one effect`)
  assert.equal(told(await send()), told(answers[0]!), id)
}

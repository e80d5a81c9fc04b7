import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from './app.ts'
import {
  apiRoutes,
  type Probe,
  probesOf,
  rowSecurity,
  runProbes,
  tablesWithoutCanary,
  tenantFilter,
  twoOrganisations,
  type World,
} from './isolation.ts'
import { seeded } from './seeded.ts'

// Tenants never mix: every route, called by every kind of caller, with their own objects, a colleague's, another
// tenant's, and nobody's. Here all probes of an administrator and a sample of the others; `npm run prove` runs all.
const WALK = 300_000

const seed = Number(process.env.SEED ?? 20_261_121)
let t: TestApp
let world: World
beforeAll(async () => {
  t = await testApp()
  world = await twoOrganisations(t, seeded(seed))
})
afterAll(async () => {
  await world.owner.end()
  await t.close()
})

const sample = (share: number, keep: (probe: Probe) => boolean = () => true) =>
  probesOf(world).filter(
    (probe) => keep(probe) && (probe.caller.id === 'tenant_admin' || world.random() < share),
  )

test('tenant B holds rows in every table, and a leak of any would show', async () => {
  expect(await tablesWithoutCanary(world)).toEqual([])
})

/**
 * What probes cannot do: sign in, prove a second factor, use links and tokens, be a superuser, clear a demo, have an import that is
 * not in the books yet, or one that misses the invoice they name, name a customer together with its own invoice or with who sees it,
 * have a rate of another currency than their own, a reader of packs, a pack whose file is there, a dispute that is closed, or a
 * write-off that is approved.
 */
const needsMore = [
  // A debtor with a balance on the current report, an address, and words of a template that fit; their own tests have them.
  'GET /pharmacies/:pharmacy_id/debtors/reports/:report_id/pages/:page',
  'PATCH /pharmacies/:pharmacy_id/debtors/:debtor_id',
  'POST /pharmacies/:pharmacy_id/campaigns',
  'POST /pharmacies/:pharmacy_id/campaigns/:campaign_id/cancel',
  'POST /pharmacies/:pharmacy_id/campaigns/:campaign_id/resend',
  'POST /pharmacies/:pharmacy_id/campaigns/:campaign_id/start',
  'POST /pharmacies/:pharmacy_id/debtors/download-csv',
  'POST /pharmacies/:pharmacy_id/debtors/download-pdf',
  'POST /pharmacies/:pharmacy_id/debtors/download-xlsx',
  'POST /pharmacies/:pharmacy_id/debtors/letters',
  'POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/accept',
  'POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/reject',
  'POST /pharmacies/:pharmacy_id/debtors/send-email',
  'POST /pharmacies/:pharmacy_id/debtors/send-sms',
  'POST /pharmacies/:pharmacy_id/escalation/campaigns',
  'POST /pharmacies/:pharmacy_id/reminders/dry-run',
  'POST /pharmacies/:pharmacy_id/reminders/preview',
  'POST /pharmacies/:pharmacy_id/reminders/test',
  // An outlet that is a pharmacy.
  'DELETE /api/communications/sending-rules',
  'GET /api/communications/sending-rules',
  'GET /api/communications/templates',
  'PUT /api/communications/sending-rules',
  'PUT /api/communications/templates',
  // An invoice of which a file says otherwise.
  'PUT /api/receivables/invoices/:id/kept-mine',
  // A report of debtors whose file is there, one that was the list, or somebody by name.
  'DELETE /users/:username/pharmacies/:pharmacy_id',
  'GET /users/:username/pharmacies',
  'GET /users/:username/pharmacies/:pharmacy_id/check',
  'POST /users/:username/pharmacies',
  'GET /pharmacies/:pharmacy_id/debtors/reports/:report_id/file',
  'POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/columns',
  'POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/restore',
  'POST /pharmacies/:pharmacy_id/debtors/upload',
  'GET /api/receivables/dunning/messages',
  'GET /api/receivables/promises',
  'GET /api/receivables/promises/export',
  'POST /api/upload',
  'PUT /api/customers/:customerId/invoices/*',
  'PUT /api/customers/:customerId/invoices/:invoiceNumber/dispute',
  'PUT /api/customers/:id/assign-engineer',
  'DELETE /api/receivables/insights/rates/:currency/:day',
  'GET /api/invitations/:token',
  'GET /api/portal/:token',
  'GET /api/portal/:token/statement',
  'GET /api/receivables/insights/packs/:id/file',
  'GET /api/tenants',
  'GET /api/webhooks/smsportal/:token',
  'GET /u/:token',
  'PATCH /api/imports/:id',
  'POST /api/admin/demo/clear',
  // What waits, and what nobody knows of.
  'POST /api/communications/messages/:id/cancel',
  'POST /api/communications/messages/:id/settle',
  'POST /api/webhooks/sendgrid/:token',
  'POST /api/webhooks/smsportal/:token',
  'POST /u/:token',
  'POST /api/auth/login',
  'POST /api/auth/refresh',
  'POST /api/auth/reset-password',
  'POST /api/auth/token',
  'POST /api/imports/:id/cancel',
  'POST /api/imports/:id/missing',
  'POST /api/invitations/:token/accept',
  'POST /api/organisations',
  'POST /api/profile/second-factor/confirm',
  'POST /api/profile/second-factor/disable',
  'POST /api/receivables/dunning/blocks',
  'POST /api/receivables/promises',
  'POST /api/receivables/insights/rates',
  'POST /api/receivables/insights/rates/import',
  'POST /api/receivables/insights/schedules',
  'POST /api/receivables/disputes/:id/reopen',
  'POST /api/receivables/write-offs/:id/reverse',
  'POST /api/receivables/customers/:id/attempts',
  'POST /api/receivables/tasks',
  'POST /api/portal/:token/disputes',
  'POST /api/portal/:token/opened',
  'POST /api/portal/:token/promises',
  // Deleted ones alone.
  'POST /api/views/:id/restore',
  'POST /api/session',
  'POST /api/session/refresh',
  'POST /api/tenants',
  'POST /api/tenants/:id/enter',
  'POST /auth/login',
  'POST /auth/login/',
  'POST /auth/logout/',
  'POST /auth/token/refresh/',
  'PUT /api/receivables/insights/schedules/:id',
  'PUT /api/receivables/attempts/:id',
  'PUT /api/receivables/tasks/:id',
]

test(
  'foreign is as good as missing, and each refusal has a twin that is allowed',
  async () => {
    const { wrong, allowed } = await runProbes(world, sample(0.1))
    expect(wrong, `seed ${seed}`).toEqual([])
    const never = apiRoutes(t).filter(({ id }) => !allowed.has(id))
    expect(never.map(({ id }) => id).sort()).toEqual([...needsMore].sort())
  },
  WALK,
)
test(
  'row-level security holds alone',
  async () => {
    tenantFilter(world, false)
    const reads = sample(0.05, ({ route }) => route.method === 'GET')
    const { wrong, allowed } = await runProbes(world, reads)
    const writes = await runProbes(
      world,
      sample(0.02, ({ route }) => route.method !== 'GET'),
      // Rows are not stamped with their tenant now, so the database refuses them.
      { reading: true },
    )
    tenantFilter(world, true)
    expect([...wrong, ...writes.wrong], `seed ${seed}`).toEqual([])
    expect(allowed).toContain('GET /api/admin/regions')
  },
  WALK,
)

test(
  'the tenant filter holds alone',
  async () => {
    await rowSecurity(world, false)
    const { wrong } = await runProbes(world, sample(0.1))
    // Who sees which rows inside an organisation is a policy too, and away with the others.
    expect(
      wrong.filter((each) => !each.endsWith('reads an invoice that is not theirs')),
      `seed ${seed}`,
    ).toEqual([])
  },
  WALK,
)

test(
  'with both walls gone, the probes notice',
  async () => {
    await rowSecurity(world, false)
    tenantFilter(world, false)
    const { wrong } = await runProbes(world, sample(0), { reading: true })
    tenantFilter(world, true)
    await rowSecurity(world, true)
    for (const finding of [
      /GET \/api\/admin\/regions .*reads of tenant B/,
      /PUT \/api\/admin\/regions\/:id .*answers 200 instead of 404/,
      /changed tenant B's .*regions/,
    ])
      expect(wrong.join('\n')).toMatch(finding)
  },
  WALK,
)

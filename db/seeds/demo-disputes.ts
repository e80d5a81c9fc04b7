import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { ApiDeps, Http } from '../../server/core/api.ts'
import { addDays } from '../../server/core/dates.ts'
import { asSystem, businessDay, type Scope } from '../../server/core/scope.ts'
import {
  closeDispute,
  commentOnDispute,
  moveDispute,
  openDispute,
} from '../../server/modules/collections/disputes/dispute.ts'
import { demoPasswordFor } from '../../server/modules/tenancy/demo.ts'

// Disputes of the demo over the last ten weeks: opened by the collector, cleared by the biller, some late, some settled.

type Story = {
  reason: string
  ago: number
  /** Of what is open; whole invoices without it. */
  share?: number
  line?: string
  note: string
  became?: 'in_review' | 'waiting' | 'accepted' | 'rejected' | 'corrected' | 'withdrawn'
  after?: number
  answer?: string
}
const stories: Story[] = [
  { reason: 'po_mismatch', ago: 68, note: 'Our order number is missing on the invoice.', became: 'corrected', after: 4, answer: 'Sent again with the order number.' },
  { reason: 'billing_error', ago: 63, share: 0.2, line: 'Line 2: transport', note: 'Transport was agreed to be free.', became: 'accepted', after: 3, answer: 'Right: the offer says free site.' },
  { reason: 'delivery_issue', ago: 55, share: 0.35, note: 'Two of six girders came damaged.', became: 'accepted', after: 11, answer: 'Photographs show it. Credit for two.' },
  { reason: 'billing_error', ago: 48, note: 'Billed twice.', became: 'rejected', after: 2, answer: 'Two deliveries, two receipts.' },
  { reason: 'customer_dispute', ago: 41, note: 'Says that the site engineer never approved it.', became: 'withdrawn', after: 9 },
  { reason: 'payment_processing', ago: 36, note: 'Says that it was paid to the old account.', became: 'rejected', after: 5, answer: 'The bank has no such payment.' },
  { reason: 'delivery_issue', ago: 30, share: 0.5, note: 'Half of the cement arrived after the pour.', became: 'in_review' },
  { reason: 'po_mismatch', ago: 23, note: 'Quantity on the order is lower.', became: 'waiting' },
  { reason: 'billing_error', ago: 17, share: 0.18, line: 'Line 5: tax', note: 'Wrong tax rate on line 5.', became: 'accepted', after: 3, answer: 'Corrected to 18 %.' },
  { reason: 'billing_error', ago: 9, share: 0.12, note: 'Discount of the frame contract is missing.', became: 'in_review' },
  { reason: 'delivery_issue', ago: 6, note: 'No proof of delivery.' },
  { reason: 'po_mismatch', ago: 3, note: 'Order was closed already.' },
  { reason: 'customer_dispute', ago: 2, share: 0.25, note: 'Holds back for the defects of the first plant.' },
] // biome-ignore format: a story a line

/** Acts of people at their day, through the use cases that serve the API. */
export async function loadDemoDisputes(app: FastifyInstance, deps: ApiDeps) {
  const today = businessDay(deps.now(), 'Asia/Kolkata')
  const on = <T>(ago: number, username: string, work: (scope: Scope) => Promise<T>) =>
    asSystem(
      deps.database,
      'demo disputes',
      async (system) => {
        const tenant = await system.db
          .selectFrom('tenants')
          .select('id')
          .where('is_demo', '=', true)
          .executeTakeFirstOrThrow()
        const user = await system.db
          .selectFrom('users')
          .select('id')
          .where('username', '=', username)
          .where('deleted_at', 'is', null)
          .executeTakeFirstOrThrow()
        return work(await system.enter(tenant.id, { user_id: user.id }))
      },
      { now: ago === 0 ? deps.now() : new Date(`${addDays(today, -ago)}T06:00:00Z`) },
    )
  const anybody = { request: { headers: {} } } as unknown as Http

  const { reasons, invoices } = await on(0, 'operations', async (scope) => {
    await sql`
      update dispute_reasons set owner_id = (select id from users where username = 'biller' and deleted_at is null)
       where tenant_id = ${scope.tenantId} and code in ('billing_error', 'delivery_issue', 'po_mismatch')`.execute(
      scope.db,
    )
    const { rows: reasons } = await sql<{ id: number; code: string }>`
      select id, code from dispute_reasons where tenant_id = ${scope.tenantId}`.execute(scope.db)
    // The collector's, large and old enough for every story; a few more than there are stories.
    const { rows: invoices } = await sql<{ id: number; open_amount: number }>`
      select i.id, i.open_amount from invoices i join users u on u.id = i.assigned_to and u.username = 'collector'
       where i.tenant_id = ${scope.tenantId} and i.open_amount > 5000000 and not i.is_disputed and i.invoice_date < ${scope.today}::date - 12
       order by i.invoice_date, i.id limit ${stories.length}`.execute(scope.db)
    return { reasons: new Map(reasons.map(({ code, id }) => [code, id])), invoices }
  })
  let last: { id: number; invoice_id: number } | undefined
  for (const [nth, story] of stories.entries()) {
    const invoice = invoices[nth]
    if (!invoice) break
    const amount = story.share ? Math.round((invoice.open_amount * story.share) / 100_00) * 100 : undefined
    const dispute = await on(story.ago, 'collector', (scope) =>
      openDispute(scope, {
        invoice_id: invoice.id,
        reason_id: reasons.get(story.reason)!,
        note: story.note,
        amount,
        line: story.line,
      }),
    )
    last = dispute as typeof last
    const { became } = story
    if (!became) continue
    await on(story.ago - (story.after ?? 1), 'biller', async (scope) => {
      const { id } = dispute as { id: number }
      if (became === 'in_review' || became === 'waiting')
        await moveDispute(scope, anybody, id, { state: became, note: undefined })
      else if (became === 'withdrawn')
        await closeDispute(scope, anybody, id, { state: 'withdrawn', note: story.answer })
      else
        await closeDispute(scope, anybody, id, { state: 'resolved', resolution: became, note: story.answer })
      if (became === 'in_review') await commentOnDispute(scope, id, 'Asked the site for the delivery note.')
    })
  }
  if (last) await attach(app, deps, last.id)
}

/** What the customer sent along. */
async function attach(app: FastifyInstance, deps: ApiDeps, dispute: number) {
  const signedIn = await app.inject({
    method: 'POST',
    url: '/api/auth/token',
    payload: { username: 'collector', password: demoPasswordFor(deps) },
  })
  const form = new FormData()
  form.set('file', new Blob(['From: site@customer.example\nSubject: Defects of the first plant\n\nWe hold back a quarter until the mixer is repaired.\n']), 'defects.eml') // biome-ignore format: one mail
  const request = new Request('http://localhost', { method: 'POST', body: form })
  await app.inject({
    method: 'POST',
    url: `/api/receivables/attachments?subject=dispute&subject_id=${dispute}`,
    headers: {
      authorization: `Bearer ${signedIn.json().access_token}`,
      'content-type': request.headers.get('content-type')!,
    },
    payload: Buffer.from(await request.arrayBuffer()),
  })
}

import { sql } from 'kysely'
import { invalidField, Refusal } from '../../../core/errors.ts'
import { fromWireNumber, wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { closedAt } from '../../communications/gates/hours.ts'
import { rulesOf, timesOf } from '../../communications/gates/sending-rules.ts'
import { channelOf } from '../../communications/messages.ts'
import { reminderWords } from '../../communications/templates/defaults.ts'
import { checkTemplate } from '../../communications/templates/liquid.ts'
import { type OpenPharmacy, openPharmacy } from '../pharmacies.ts'
import {
  type Campaign,
  changeCampaign,
  findCampaign,
  insertCampaign,
  requireChannel,
  startCampaign,
} from './campaign.ts'
import { requireDebtors } from './candidates.ts'
import { failuresOf, showCampaign } from './results.ts'
import type { CampaignInput, EscalationStep } from './schemas.ts'

const DAY_MS = 86_400_000

function checkWords({
  subject,
  message,
}: {
  subject?: string | null | undefined
  message?: string | null | undefined
}) {
  if (message) checkTemplate('message', message, reminderWords)
  if (subject) checkTemplate('subject', subject, reminderWords)
}

/** The instant a campaign is to go, if it may go then: not in the past, not in quiet hours or on a holiday. */
async function scheduledFor(scope: Scope, pharmacy: OpenPharmacy, kind: Campaign['kind'], said: string) {
  const at = new Date(said)
  if (at <= scope.now) throw invalidField('send_at', 'That time has passed.', 'in_past')
  if (at.getTime() - scope.now.getTime() > 366 * DAY_MS)
    throw invalidField('send_at', 'At most a year ahead.', 'too_far')
  const channel = await channelOf(scope, kind, pharmacy.id)
  if (channel?.provider === 'outbox') return at
  const closed = closedAt(at, timesOf(scope, await rulesOf(scope, pharmacy.id)))
  if (closed)
    throw invalidField(
      'send_at',
      `${closed.gate === 'holiday' ? 'A holiday' : 'Quiet hours'} (${closed.text})${closed.next ? `; next from ${closed.next.toISOString()}` : ''}.`,
      closed.gate,
    )
  return at
}

export async function addCampaign(scope: Scope, pharmacyId: number, input: CampaignInput) {
  const pharmacy = await openPharmacy(scope, pharmacyId, 'write')
  checkWords(input)
  if (input.debtor_ids) await requireDebtors(scope, pharmacy, input.debtor_ids)
  const send_at = input.send_at ? await scheduledFor(scope, pharmacy, input.kind, input.send_at) : null
  const { debtor_ids, filters } = input
  const campaign = await insertCampaign(scope, pharmacy, {
    name: input.name,
    kind: input.kind,
    source: 'campaign',
    ageing_buckets: input.ageing_buckets,
    debtor_ids: debtor_ids ?? null,
    filters: debtor_ids ? {} : (filters ?? {}),
    language: input.language ?? null,
    subject: input.subject || null,
    message: input.message || null,
    send_at,
  })
  if (send_at)
    await scope.enqueue(
      'start_campaign',
      { campaign_id: campaign.id },
      { key: `start campaign ${scope.tenantId} ${campaign.id}`, runAt: send_at },
    )
  return showCampaign(scope, pharmacy, campaign.id)
}

export async function begin(scope: Scope, pharmacyId: number, id: number) {
  const pharmacy = await openPharmacy(scope, pharmacyId, 'write')
  const campaign = await findCampaign(scope, pharmacy.id, id, { toChange: true })
  if (campaign.state === 'started' || campaign.state === 'cancelled')
    throw new Refusal(
      409,
      'wrong_state',
      campaign.state === 'started' ? 'This campaign has gone out already.' : 'This campaign was cancelled.',
    )
  await startCampaign(scope, pharmacy, campaign)
  return showCampaign(scope, pharmacy, id)
}

/** Before it went: it does not go. What is in the outbox already goes. */
export async function cancel(scope: Scope, pharmacyId: number, id: number) {
  const pharmacy = await openPharmacy(scope, pharmacyId, 'write')
  const campaign = await findCampaign(scope, pharmacy.id, id, { toChange: true })
  if (campaign.state === 'started')
    throw new Refusal(409, 'wrong_state', 'This campaign has gone out: what was sent cannot be called back.')
  if (campaign.state !== 'cancelled') {
    await changeCampaign(scope, campaign, { state: 'cancelled', send_at: null })
    await scope.record('campaign.cancelled', id, { outlet_id: pharmacy.id })
  }
  return showCampaign(scope, pharmacy, id)
}

/** Those that failed once more, and nobody else; the gates are asked anew. */
export async function resendFailures(scope: Scope, pharmacyId: number, id: number) {
  const pharmacy = await openPharmacy(scope, pharmacyId, 'write')
  const before = await findCampaign(scope, pharmacy.id, id, { toChange: true })
  requireChannel(before.kind, await channelOf(scope, before.kind, pharmacy.id))
  const debtor_ids = await failuresOf(scope, id)
  if (debtor_ids.length === 0)
    throw new Refusal(409, 'nothing_failed', 'Nothing of this campaign is known to have failed.')
  const campaign = await insertCampaign(scope, pharmacy, {
    name: before.name,
    kind: before.kind,
    source: 'resend',
    resend_of: id,
    debtor_ids,
    ageing_buckets: before.ageing_buckets,
    language: before.language,
    subject: before.subject,
    message: before.message,
  })
  await startCampaign(scope, pharmacy, campaign)
  return showCampaign(scope, pharmacy, campaign.id)
}

// ---- by themselves --------------------------------------------------------------------------------------------------

/** The time of a campaign has come. One whose time passed long ago, since the server was away, waits for a person instead of surprising anybody. */
export async function startOnTime(scope: Scope, id: number): Promise<void> {
  const { rows } = await sql<{ outlet_id: number; state: string; send_at: string | null }>`
    select outlet_id, state, send_at from campaigns where tenant_id = ${scope.tenantId} and id = ${id} for update`.execute(
    scope.db,
  )
  const [found] = rows
  if (found?.state !== 'scheduled' || !found.send_at || new Date(found.send_at) > scope.now) return
  const pharmacy = await openPharmacy(scope, found.outlet_id, 'write')
  const campaign = await findCampaign(scope, pharmacy.id, id)
  const back = async (note: string) => {
    await changeCampaign(scope, campaign, { state: 'draft', send_at: null, note })
    await scope.record('campaign.not_started', id, { outlet_id: pharmacy.id, note })
  }
  if (scope.now.getTime() - new Date(found.send_at).getTime() > DAY_MS)
    return back('It did not go at its time, since the server was not running. Start it, or set another time.')
  const channel = await channelOf(scope, campaign.kind, pharmacy.id)
  if (!channel?.is_ready) return back('It did not go at its time: the pharmacy has no channel to send by.')
  const closed =
    channel.provider === 'outbox'
      ? null
      : closedAt(scope.now, timesOf(scope, await rulesOf(scope, pharmacy.id)))
  if (closed) {
    if (!closed.next) return back('It did not go at its time: the rules leave no hour for it.')
    await changeCampaign(scope, campaign, {
      state: 'scheduled',
      send_at: closed.next,
      note: `Put off: ${closed.gate === 'holiday' ? 'holiday' : 'quiet hours'} (${closed.text}).`,
    })
    await scope.enqueue(
      'start_campaign',
      { campaign_id: id },
      { key: `start campaign ${scope.tenantId} ${id}`, runAt: closed.next },
    )
    return
  }
  await startCampaign(scope, pharmacy, campaign)
}

export async function dueCampaigns(scope: Scope): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from campaigns where tenant_id = ${scope.tenantId} and state = 'scheduled' and send_at <= ${scope.now} order by send_at, id`.execute(
    scope.db,
  )
  return rows.map(({ id }) => id)
}

// ---- escalation -----------------------------------------------------------------------------------------------------

export async function escalationOf(scope: Scope, pharmacyId: number) {
  const pharmacy = await openPharmacy(scope, pharmacyId)
  return { steps: await stepsOf(scope, pharmacy), currency: scope.tenant.currency }
}

async function stepsOf(scope: Scope, pharmacy: OpenPharmacy) {
  const { rows } = await sql<{
    bucket: EscalationStep['bucket']
    kind: 'email' | 'sms'
    subject: string | null
    message: string | null
    min_amount: number
  }>`
    select bucket, kind, subject, message, min_amount from escalation_steps where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id}
     order by length(bucket), bucket, kind`.execute(scope.db)
  return rows.map((row) => ({ ...row, min_amount: wireNumber(row.min_amount, scope.tenant.currency) }))
}

export async function writeEscalation(scope: Scope, pharmacyId: number, steps: EscalationStep[]) {
  const pharmacy = await openPharmacy(scope, pharmacyId, 'write')
  const { currency } = scope.tenant
  const rows = steps.map((step, n) => {
    checkWords(step)
    const min = fromWireNumber(step.min_amount, currency)
    if (min === undefined) throw invalidField(`steps.${n}.min_amount`, `An amount in ${currency}.`)
    return {
      bucket: step.bucket,
      kind: step.kind,
      subject: step.subject || null,
      message: step.message || null,
      min_amount: Number(min),
    }
  })
  if (new Set(rows.map(({ bucket, kind }) => `${bucket} ${kind}`)).size < rows.length)
    throw invalidField('steps', 'A bucket has each way at most once.', 'twice')
  await sql`delete from escalation_steps where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy.id}`.execute(
    scope.db,
  )
  await sql`
    insert into escalation_steps (tenant_id, outlet_id, bucket, kind, subject, message, min_amount)
    select ${scope.tenantId}, ${pharmacy.id}, x.bucket, x.kind, x.subject, x.message, x.min_amount
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(bucket text, kind text, subject text, message text, min_amount bigint)`.execute(
    scope.db,
  )
  await scope.record('escalation.changed', pharmacy.id, { steps: rows })
  return { steps: await stepsOf(scope, pharmacy), currency }
}

/** A campaign per step, for those whose oldest debt is in its bucket; they wait to be looked at and started. */
export async function escalate(scope: Scope, pharmacyId: number) {
  const pharmacy = await openPharmacy(scope, pharmacyId, 'write')
  const steps = await stepsOf(scope, pharmacy)
  if (steps.length === 0)
    throw new Refusal(
      409,
      'no_policy',
      'This pharmacy has no escalation policy yet. Say what to do by bucket first.',
    )
  const campaigns = []
  for (const { bucket, kind, subject, message, min_amount } of steps) {
    const campaign = await insertCampaign(scope, pharmacy, {
      name: `${bucket.slice(1)} days, ${kind === 'email' ? 'e-mail' : 'SMS'}, ${scope.today}`,
      kind,
      source: 'escalation',
      filters: { oldest_bucket: bucket, min_amount },
      ageing_buckets: bucket === 'd30' ? ['d30'] : ['d60', 'd90', 'd120', 'd150', 'd180'],
      subject,
      message,
    })
    campaigns.push(await showCampaign(scope, pharmacy, campaign.id))
  }
  return { campaigns }
}

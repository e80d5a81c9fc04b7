import { sql } from 'kysely'
import { notFound, Refusal } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import type { Kind } from '../../communications/address.ts'
import { type Channel, channelOf, type Enqueued, enqueue } from '../../communications/messages.ts'
import type { OpenPharmacy } from '../pharmacies.ts'
import type { Bucket } from '../report/types.ts'
import { type Candidate, type Choice, candidatesOf, isUnknown } from './candidates.ts'
import { composerFor } from './words.ts'

// A campaign as it is kept, and how it goes out.

export type Campaign = {
  id: number
  outlet_id: number
  name: string
  kind: Kind
  source: 'call' | 'campaign' | 'escalation' | 'resend'
  filters: NonNullable<Choice['filters']>
  debtor_ids: number[] | null
  resend_of: number | null
  ageing_buckets: Bucket[]
  language: string | null
  subject: string | null
  message: string | null
  state: 'draft' | 'scheduled' | 'started' | 'cancelled'
  send_at: string | null
  note: string | null
  created_by: number | null
  created_at: string
  started_at: string | null
  version: number
}
export type NewCampaign = Pick<Campaign, 'name' | 'kind' | 'source' | 'ageing_buckets'> &
  Partial<Pick<Campaign, 'filters' | 'debtor_ids' | 'resend_of' | 'language' | 'subject' | 'message'>> & {
    send_at?: Date | null
  }

const columns = sql`id, outlet_id, name, kind, source, filters, debtor_ids, resend_of, ageing_buckets, language, subject, message, state, send_at, note,
  created_by, created_at, started_at, version`

export async function insertCampaign(
  scope: Scope,
  pharmacy: OpenPharmacy,
  input: NewCampaign,
): Promise<Campaign> {
  const { rows } = await sql<Campaign>`
    insert into campaigns (tenant_id, outlet_id, name, kind, source, filters, debtor_ids, resend_of, ageing_buckets, language, subject, message, state, send_at,
                           created_by, created_at)
    values (${scope.tenantId}, ${pharmacy.id}, ${input.name}, ${input.kind}, ${input.source}, ${JSON.stringify(input.filters ?? {})}::jsonb,
            ${input.debtor_ids ?? null}::bigint[], ${input.resend_of ?? null}::bigint, ${input.ageing_buckets}::text[], ${input.language ?? null}::text,
            ${input.subject ?? null}::text, ${input.message ?? null}::text, ${input.send_at ? 'scheduled' : 'draft'}, ${input.send_at ?? null}::timestamptz,
            ${scope.userId > 0 ? scope.userId : null}::bigint, ${scope.now})
    returning ${columns}`.execute(scope.db)
  const campaign = rows[0]!
  await scope.record('campaign.added', campaign.id, {
    outlet_id: pharmacy.id,
    name: campaign.name,
    kind: campaign.kind,
    source: campaign.source,
    send_at: campaign.send_at,
  })
  return campaign
}

/** The campaign, held for whoever changes it. */
export async function findCampaign(
  scope: Scope,
  outletId: number,
  id: number,
  { toChange = false } = {},
): Promise<Campaign> {
  const { rows } = await sql<Campaign>`
    select ${columns} from campaigns where tenant_id = ${scope.tenantId} and outlet_id = ${outletId} and id = ${id} ${toChange ? sql`for update` : sql``}`.execute(
    scope.db,
  )
  if (!rows[0]) throw notFound('This campaign')
  return rows[0]
}

export async function changeCampaign(
  scope: Scope,
  campaign: Campaign,
  changes: { state: Campaign['state']; send_at?: Date | null; note?: string | null },
) {
  const sendAt = changes.send_at === undefined ? sql`send_at` : sql`${changes.send_at}::timestamptz`
  await sql`
    update campaigns set state = ${changes.state}, send_at = ${sendAt}, note = ${changes.note ?? null}::text,
           started_at = case when ${changes.state} = 'started' then ${scope.now}::timestamptz else started_at end, version = version + 1
     where tenant_id = ${scope.tenantId} and id = ${campaign.id}`.execute(scope.db)
}

export const choiceOf = ({ debtor_ids, filters }: Pick<Campaign, 'debtor_ids' | 'filters'>): Choice =>
  debtor_ids ? { debtor_ids } : { filters }

/** Without a way to send nothing is begun: said as the pharmacy clients know it. */
export function requireChannel(kind: Kind, channel: Channel | null): Channel {
  if (channel?.is_ready) return channel
  if (channel?.provider === 'smtp')
    throw new Refusal(400, 'no_channel', 'The mail server is not configured for pharmacy')
  throw new Refusal(
    400,
    'no_channel',
    kind === 'email'
      ? 'SendGrid API key not configured for pharmacy'
      : 'SMS Portal credentials not configured for pharmacy',
  )
}

/** Two calls at once are judged one after the other, so that the second sees whom the first reminds. */
export const oneAtATime = (scope: Scope, pharmacy: OpenPharmacy) =>
  sql`select pg_advisory_xact_lock(hashtextextended('reminders ' || ${pharmacy.id}::text, ${scope.tenantId}))`.execute(
    scope.db,
  )

export type Launched = { candidates: Candidate[]; messages: Map<number, Enqueued> }

/**
 * Puts the messages of a campaign into the outbox: one each for whom nothing stops, the reason kept for the others. All of it in the
 * caller's transaction, so a campaign has gone out as a whole or not at all.
 */
export async function launch(
  scope: Scope,
  pharmacy: OpenPharmacy,
  campaign: Campaign,
  candidates: Candidate[],
): Promise<Launched> {
  const composer = await composerFor(scope, pharmacy, campaign.kind, campaign)
  const going = candidates.filter(({ stops }) => stops.length === 0)
  const made = await enqueue(
    scope,
    going.map((candidate) => ({
      dedupe_key: `campaign ${campaign.id} customer ${candidate.id} ${campaign.kind}`,
      kind: campaign.kind,
      purpose: 'reminder',
      recipient: candidate.address!,
      recipient_name: candidate.name,
      ...composer.of(candidate),
      campaign_id: campaign.id,
      outlet_id: pharmacy.id,
      customer_id: candidate.id,
      refusable: true,
    })),
  )
  const messages = new Map(going.map(({ id }, n) => [id, made[n]!]))
  const members = candidates
    .filter((candidate) => !isUnknown(candidate))
    .map(({ id, acc_no, name, address, amount, stops }) => ({
      customer_id: id,
      acc_no,
      name,
      recipient: address,
      amount: Number(amount),
      message_id: messages.get(id)?.id ?? null,
      gate: stops[0]?.gate ?? null,
      reason: stops[0]?.text ?? null,
    }))
  await sql`
    insert into campaign_members (tenant_id, campaign_id, customer_id, acc_no, name, recipient, amount, message_id, gate, reason)
    select ${scope.tenantId}, ${campaign.id}, x.customer_id, x.acc_no, x.name, x.recipient, x.amount, x.message_id, x.gate, x.reason
      from jsonb_to_recordset(${JSON.stringify(members)}::jsonb) as x(customer_id bigint, acc_no text, name text, recipient text, amount bigint,
             message_id bigint, gate text, reason text)`.execute(scope.db)
  await changeCampaign(scope, campaign, { state: 'started', note: campaign.note })
  await scope.record('campaign.started', campaign.id, {
    outlet_id: pharmacy.id,
    kind: campaign.kind,
    messages: going.length,
    left_out: candidates.length - going.length,
  })
  return { candidates, messages }
}

/** Judges everybody anew and starts a campaign that was saved, or whose time has come. */
export async function startCampaign(
  scope: Scope,
  pharmacy: OpenPharmacy,
  campaign: Campaign,
): Promise<Launched> {
  await oneAtATime(scope, pharmacy)
  const channel = requireChannel(campaign.kind, await channelOf(scope, campaign.kind, pharmacy.id))
  const candidates = await candidatesOf(scope, pharmacy, {
    kind: campaign.kind,
    choice: choiceOf(campaign),
    buckets: campaign.ageing_buckets,
    channel,
  })
  return launch(scope, pharmacy, campaign, candidates)
}

import type { ApiDeps, OwnHttp } from '../../../core/api.ts'
import { Refusal } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import type { Kind } from '../../communications/address.ts'
import { channelOf, settled } from '../../communications/messages.ts'
import { openPharmacy } from '../pharmacies.ts'
import { insertCampaign, launch, oneAtATime, requireChannel } from './campaign.ts'
import { arrearsIn, type Candidate, candidatesOf, isEligible } from './candidates.ts'
import type { SendInput, SendResult } from './schemas.ts'

/** So many recipients are waited for; more go on by themselves. */
const WAITED_FOR = 100
const WAIT_MS = 25_000

type Begun = { candidates: Candidate[]; messages: { debtor_id: number; id: number; held: string | null }[] }

/** The two calls of the document: judge, put into the outbox, and wait for what became of it, each in its own step. */
export async function sendReminders(
  deps: ApiDeps,
  http: OwnHttp,
  kind: Kind,
  pharmacyId: number,
  input: SendInput,
): Promise<SendResult> {
  const begun = await http.inScope((scope) => begin(scope, kind, pharmacyId, input))
  const { candidates, messages } = begun
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]))
  const sent: SendResult['sent'] = []
  const errors: SendResult['errors'] = candidates
    .filter(({ stops }) => stops.length > 0)
    .map(({ id, stops }) => ({ debtor_id: id, error: stops[0]!.text }))
  const address = (id: number) => {
    const known = byId.get(id)!.address!
    return kind === 'email' ? { email: known } : { phone: known }
  }
  const going = messages.filter(({ held }) => held === null)
  for (const { debtor_id, held } of messages) if (held !== null) errors.push({ debtor_id, error: held })
  if (going.length > WAITED_FOR) {
    for (const { debtor_id } of going) sent.push({ debtor_id, ...address(debtor_id), status: 'queued' })
    return { sent, errors }
  }
  const outcomes = await settled(
    deps,
    http.who.actor!.tenant_id,
    going.map(({ id }) => id),
    WAIT_MS,
  )
  const outcomeOf = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  for (const { debtor_id, id } of going) {
    const { state, external_id, error } = outcomeOf.get(id)!
    if (state === 'sent' || state === 'delivered')
      sent.push({ debtor_id, ...address(debtor_id), status: 'sent', ...(external_id ? { external_id } : {}) })
    else if (state === 'pending' || state === 'sending')
      sent.push({ debtor_id, ...address(debtor_id), status: 'queued' })
    else
      errors.push({
        debtor_id,
        error: error ?? (state === 'unknown' ? 'Whether it was sent is not known' : 'It was not sent'),
      })
  }
  return { sent, errors }
}

async function begin(scope: Scope, kind: Kind, pharmacyId: number, input: SendInput): Promise<Begun> {
  const pharmacy = await openPharmacy(scope, pharmacyId, 'write')
  await oneAtATime(scope, pharmacy)
  const channel = await channelOf(scope, kind, pharmacy.id)
  const buckets = arrearsIn(input.ageing_buckets)
  const candidates = await candidatesOf(scope, pharmacy, {
    kind,
    choice: { debtor_ids: input.debtor_ids },
    buckets,
    channel,
  })
  if (!candidates.some(isEligible))
    throw new Refusal(404, 'no_debtors', 'No debtors found: none of these accounts can be reminded.')
  requireChannel(kind, channel)
  const campaign = await insertCampaign(scope, pharmacy, {
    name: `${kind === 'email' ? 'Email' : 'SMS'} reminders ${scope.today}`,
    kind,
    source: 'call',
    debtor_ids: input.debtor_ids,
    ageing_buckets: buckets,
    subject: input.subject || null,
    message: input.message || null,
  })
  const { messages } = await launch(scope, pharmacy, campaign, candidates)
  return {
    candidates,
    messages: [...messages].map(([debtor_id, { id, state, error }]) => ({
      debtor_id,
      id,
      held: state === 'held' ? (error ?? 'It was not sent') : null,
    })),
  }
}

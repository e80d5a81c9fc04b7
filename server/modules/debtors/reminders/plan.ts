import { Refusal } from '../../../core/errors.ts'
import { wireNumber } from '../../../core/money.ts'
import { paged } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import type { Kind } from '../../communications/address.ts'
import { closedAt } from '../../communications/gates/hours.ts'
import { gates } from '../../communications/gates/rules.ts'
import { rulesOf, timesOf } from '../../communications/gates/sending-rules.ts'
import { channelOf, enqueue } from '../../communications/messages.ts'
import { partsOf } from '../../communications/sms.ts'
import { openPharmacy } from '../pharmacies.ts'
import { choiceOf, requireChannel } from './campaign.ts'
import { type Candidate, candidatesOf, requireDebtors } from './candidates.ts'
import type { DryRunInput, PreviewInput, TestInput } from './schemas.ts'
import { composerFor } from './words.ts'

// What would happen: nothing here reminds anybody.

/** Who would get what, in how many parts and at what cost, and why others get nothing. Writes nothing. */
export async function dryRun(scope: Scope, pharmacyId: number, input: DryRunInput) {
  const pharmacy = await openPharmacy(scope, pharmacyId)
  if (input.debtor_ids) await requireDebtors(scope, pharmacy, input.debtor_ids)
  const { kind } = input
  const { currency } = scope.tenant
  const channel = await channelOf(scope, kind, pharmacy.id)
  const at = input.send_at ? new Date(input.send_at) : scope.now
  const candidates = await candidatesOf(scope, pharmacy, {
    kind,
    choice: choiceOf({ debtor_ids: input.debtor_ids ?? null, filters: input.filters ?? {} }),
    buckets: input.ageing_buckets,
    channel,
    at,
  })
  const composer = await composerFor(scope, pharmacy, kind, input)
  const lines = candidates.map((candidate) => {
    const composed = candidate.stops.length === 0 ? composer.of(candidate) : null
    return {
      debtor_id: candidate.id,
      acc_no: candidate.acc_no,
      name: candidate.name,
      recipient: candidate.address,
      amount: wireNumber(candidate.amount, currency),
      balance: wireNumber(candidate.balance, currency),
      subject: composed?.subject ?? null,
      text: composed?.text ?? null,
      parts: composed && kind === 'sms' ? partsOf(composed.text).parts : null,
      stops: candidate.stops,
    }
  })
  const going = lines.filter(({ stops }) => stops.length === 0)
  const shown = lines.filter(
    ({ stops }) =>
      (!input.show || (stops.length === 0) === (input.show === 'message')) &&
      (!input.gate || stops[0]?.gate === input.gate),
  )
  const first = (input.page - 1) * input.page_size
  const parts = kind === 'sms' ? going.reduce((sum, each) => sum + each.parts!, 0) : null
  const price = channel?.settings.part_price
  const rules = await rulesOf(scope, pharmacy.id)
  const closed = channel?.provider === 'outbox' ? null : closedAt(at, timesOf(scope, rules))
  return {
    ...paged(shown.slice(first, first + input.page_size), shown.length, input),
    currency,
    language: composer.language,
    messages: going.length,
    left_out: lines.length - going.length,
    amount: wireNumber(
      candidates.reduce((sum, { amount, stops }) => (stops.length === 0 ? sum + amount : sum), 0n),
      currency,
    ),
    parts,
    one_part: kind === 'sms' ? going.filter((each) => each.parts === 1).length : null,
    cost: parts !== null && price !== undefined ? wireNumber(Math.round(parts * price), currency) : null,
    gates: gates
      .map((gate) => ({ gate, count: lines.filter(({ stops }) => stops[0]?.gate === gate).length }))
      .filter(({ count }) => count > 0),
    channel: channel && { provider: channel.provider, is_ready: channel.is_ready },
    closed: closed && { gate: closed.gate, text: closed.text, next: closed.next?.toISOString() ?? null },
  }
}

async function oneCandidate(
  scope: Scope,
  pharmacyId: number,
  kind: Kind,
  input: Pick<PreviewInput, 'debtor_id' | 'ageing_buckets'>,
) {
  const pharmacy = await openPharmacy(scope, pharmacyId)
  const [candidate] = await candidatesOf(scope, pharmacy, {
    kind,
    choice: { debtor_ids: [input.debtor_id] },
    buckets: input.ageing_buckets,
    channel: await channelOf(scope, kind, pharmacy.id),
  })
  if (!candidate || candidate.stops[0]?.gate === 'unknown')
    throw new Refusal(404, 'not_found', 'Debtor not found at this pharmacy.')
  return { pharmacy, candidate }
}

/** What one debtor would get, whatever stops it. */
export async function preview(scope: Scope, pharmacyId: number, input: PreviewInput) {
  const { pharmacy, candidate } = await oneCandidate(scope, pharmacyId, input.kind, input)
  const composer = await composerFor(scope, pharmacy, input.kind, input)
  const { subject, text, html } = composer.of(candidate)
  const counted = input.kind === 'sms' ? partsOf(text) : null
  return {
    debtor_id: candidate.id,
    recipient: candidate.address,
    subject,
    text,
    html,
    language: composer.language,
    parts: counted?.parts ?? null,
    encoding: counted?.encoding ?? null,
    septets: counted?.septets ?? null,
    foreign: counted?.foreign ?? null,
    stops: candidate.stops,
  }
}

const madeUp: Pick<Candidate, 'name' | 'acc_no' | 'amount' | 'balance'> = {
  name: 'Thandi Example',
  acc_no: '000000',
  amount: 123_450n,
  balance: 200_000n,
}

/** The same words to whoever asks, at their own address: nobody else is written to, and no debtor's log shows it. */
export async function sendToMyself(scope: Scope, pharmacyId: number, input: TestInput) {
  const { kind } = input
  const pharmacy = await openPharmacy(scope, pharmacyId, 'write')
  const shown = input.debtor_id
    ? (await oneCandidate(scope, pharmacyId, kind, { ...input, debtor_id: input.debtor_id })).candidate
    : madeUp
  requireChannel(kind, await channelOf(scope, kind, pharmacy.id))
  const me = await scope.db
    .selectFrom('users')
    .select(['email', 'phone_number', 'full_name'])
    .where('id', '=', scope.userId)
    .executeTakeFirstOrThrow()
  const recipient = kind === 'email' ? me.email : me.phone_number
  if (!recipient)
    throw new Refusal(
      422,
      'no_address',
      kind === 'email'
        ? 'Your profile has no e-mail address. Add it there first.'
        : 'Your profile has no telephone number. Add it there first.',
    )
  const composer = await composerFor(scope, pharmacy, kind, input)
  const [made] = await enqueue(scope, [
    {
      dedupe_key: `test ${scope.userId} ${scope.now.getTime()} ${kind}`,
      kind,
      purpose: 'test',
      recipient,
      recipient_name: me.full_name,
      ...composer.of(shown),
      outlet_id: pharmacy.id,
      user_id: scope.userId,
    },
  ])
  return { recipient, state: made!.state, error: made!.error }
}

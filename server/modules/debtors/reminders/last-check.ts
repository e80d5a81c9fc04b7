import { sql } from 'kysely'
import type { Scope } from '../../../core/scope.ts'
import { nextOpening } from '../../communications/gates/hours.ts'
import type { Gate } from '../../communications/gates/rules.ts'
import { rulesOf, timesOf } from '../../communications/gates/sending-rules.ts'
import { type AboutToGo, checkBeforeSending, type Verdict } from '../../communications/last-check.ts'
import type { Channel } from '../../communications/messages.ts'
import { openPharmacy } from '../pharmacies.ts'
import type { Bucket } from '../report/types.ts'
import { candidatesOf } from './candidates.ts'

/** Settled when the campaign began: the message itself would stop itself by these. */
const settledBefore: readonly Gate[] = ['reminded', 'duplicate']
const times: readonly Gate[] = ['quiet_hours', 'holiday']

type Member = {
  message_id: number
  campaign_id: number
  customer_id: number
  amount: number
  ageing_buckets: Bucket[]
  outlet_id: number
}

/**
 * The gates once more, when reminders are about to leave: between the outbox and the provider lie minutes, or a weekend. Who has paid
 * or promised meanwhile gets nothing; what has become too late for today waits until the next hour it may go; an amount that is
 * not owed any more is not asked for.
 */
export async function reminderCheck(
  scope: Scope,
  messages: AboutToGo[],
  channel: { provider: string },
): Promise<Map<number, Verdict>> {
  const verdicts = new Map<number, Verdict>()
  const { rows } = await sql<Member>`
    select m.message_id, m.campaign_id, m.customer_id, m.amount, c.ageing_buckets, c.outlet_id
      from campaign_members m join campaigns c on c.tenant_id = ${scope.tenantId} and c.id = m.campaign_id
     where m.tenant_id = ${scope.tenantId} and m.message_id = any(${messages.map(({ id }) => id)})`.execute(
    scope.db,
  )
  const kinds = new Map(messages.map(({ id, kind }) => [id, kind]))
  for (const [, members] of Map.groupBy(rows, ({ campaign_id }) => campaign_id)) {
    const { outlet_id, ageing_buckets, message_id } = members[0]!
    const pharmacy = await openPharmacy(scope, outlet_id)
    const found = await candidatesOf(scope, pharmacy, {
      kind: kinds.get(message_id)!,
      choice: { debtor_ids: members.map(({ customer_id }) => customer_id) },
      buckets: ageing_buckets,
      channel: channel as Channel,
    })
    const byId = new Map(found.map((candidate) => [candidate.id, candidate]))
    for (const member of members) {
      const { stops, amount } = byId.get(member.customer_id)!
      const lasting = stops.find(({ gate }) => !settledBefore.includes(gate) && !times.includes(gate))
      if (lasting) verdicts.set(member.message_id, { held: lasting.text })
      else if (amount < BigInt(member.amount))
        verdicts.set(member.message_id, { held: 'Less is owed by now than it asks for' })
      else if (stops.some(({ gate }) => times.includes(gate))) {
        const until = nextOpening(scope.now, timesOf(scope, await rulesOf(scope, outlet_id)))
        verdicts.set(
          member.message_id,
          until ? { until } : { held: 'The rules leave no hour at which it may go' },
        )
      }
    }
  }
  return verdicts
}

export const checkReminders = () => checkBeforeSending('reminder', reminderCheck)

import { sql } from 'kysely'
import { notFound, Refusal } from '../../core/errors.ts'
import { cut } from '../../core/schema.ts'
import type { Scope } from '../../core/scope.ts'
import { notify } from '../notifications/notifications.ts'
import { noteCustomer } from '../receivables/customer-edits.ts'
import { codeKey } from '../receivables/rules.ts'
import { giveCustomers } from '../receivables/team/customers.ts'
import type { remarks } from './schemas.ts'
import { listEngineers, mine } from './sheets.ts'
import { peopleOf, rolesOf } from './told.ts'

// What people write into the sheet. Who sees a customer may: an engineer that is theirs, a manager of their region.

const done = { success: true as const }
type Found = { id: number; name: string; region_id: number | null; region: string | null }

/** A customer by its code, as the front end names it, or by its id. Somebody else's is as good as missing. */
export async function findCustomer(scope: Scope, named: string): Promise<Found> {
  const id = /^\d{1,15}$/.test(named) ? Number(named) : 0
  const { rows } = await sql<Found>`
    select c.id, c.name, c.region_id, g.name as region
      from customers c left join regions g on g.tenant_id = c.tenant_id and g.id = c.region_id
     where c.tenant_id = ${scope.tenantId} and c.outlet_id is null and not c.retracted and ${mine(scope)}
       and (c.code = ${named} or c.key = ${codeKey(named)} or c.id = ${id})
     order by c.code is distinct from ${named}, c.key <> ${codeKey(named)} limit 1`.execute(scope.db)
  if (!rows[0]) throw notFound('This customer')
  return rows[0]
}

export async function setRemark(scope: Scope, named: string, remark: (typeof remarks)[number]) {
  const customer = await findCustomer(scope, named)
  const changed = await noteCustomer(scope, customer.id, { remark: remark === 'none' ? null : remark })
  if (changed && (await roleHere(scope)) === 'Manager')
    await tell(
      scope,
      customer,
      `Remark of ${customer.name}: ${remark}`,
      await peopleOf(scope, ['country_manager']),
    )
  return done
}

export async function setNotes(scope: Scope, named: string, notes: string) {
  const customer = await findCustomer(scope, named)
  const changed = await noteCustomer(scope, customer.id, { notes: notes === '' ? null : notes })
  if (changed && notes !== '' && (await roleHere(scope)) === 'Engineer')
    await tell(
      scope,
      customer,
      `Notes of ${customer.name}: ${cut(notes, 300)}`,
      await peopleOf(scope, ['regional_manager'], customer.region_id),
    )
  return done
}

/** Gives a customer to an engineer of its region; null, or an empty name, to nobody. */
export async function assignEngineer(
  scope: Scope,
  named: string,
  said: { engineerId?: string | number | null | undefined; engineerName?: string | null | undefined },
) {
  const customer = await findCustomer(scope, named)
  const wanted = said.engineerId ?? said.engineerName ?? ''
  const text = String(wanted).trim()
  if (text === '') {
    await giveCustomers(scope, [customer.id], null)
    return done
  }
  const all = await listEngineers(scope)
  // The front end's earlier version sends the name where the document has the id.
  const found = all.filter(
    (each) => String(each.id) === text || each.name.toLowerCase() === text.toLowerCase(),
  )
  const engineer =
    found.find((each) => String(each.id) === text) ?? (found.length === 1 ? found[0] : undefined)
  if (!engineer)
    throw new Refusal(
      400,
      'not_an_engineer',
      found.length > 1
        ? `Several engineers are called ${text}. Send the id of one.`
        : `There is no engineer ${text} here. Choose one of: ${all.map(({ name }) => name).join(', ') || 'nobody yet'}.`,
    )
  if (customer.region_id !== null && engineer.region_id !== null && engineer.region_id !== customer.region_id)
    throw new Refusal(
      400,
      'another_region',
      `${engineer.name} works in another region than this customer, which is in ${customer.region}. Choose an engineer of ${customer.region}.`,
    )
  const { changed } = await giveCustomers(scope, [customer.id], engineer.id)
  if (changed > 0) {
    if ((await roleHere(scope)) === 'Manager')
      await tell(
        scope,
        customer,
        `${customer.name} was given to ${engineer.name}`,
        await peopleOf(scope, ['country_manager']),
      )
  }
  return done
}

const roleHere = async (scope: Scope) => (await rolesOf(scope, [scope.userId])).get(scope.userId)

const tell = (scope: Scope, customer: Found, text: string, user_ids: number[]) =>
  notify(scope, {
    user_ids,
    kind: 'remark',
    subject: 'customer',
    subject_id: customer.id,
    data: { customer: customer.name },
    text,
  })

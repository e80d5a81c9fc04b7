import { sql } from 'kysely'
import type { z } from 'zod'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { assignable, beginAct, type Move, moveInvoices } from '../assignments.ts'
import { giveCustomers } from './customers.ts'
import type { Applied } from './schemas.ts'
import { type Load, share, type Weight } from './share.ts'

/** Open invoices that nobody works, of one customer and currency, that one rule has. */
type Group = {
  /** Null: the customer is somebody's already. */
  rule_id: number | null
  owner_id: number | null
  customer_id: number
  customer_name: string
  currency: string
  count: number
  amount: string
  ids: number[]
}
type Rule = {
  id: number
  name: string
  balance: string
  whole_customer: boolean
  people: number[]
}
type Given = Group & { to: number }

export async function isAnyRuleOn(scope: Scope): Promise<boolean> {
  const rule = await scope.db
    .selectFrom('assignment_rules')
    .select('id')
    .where('is_on', '=', true)
    .limit(1)
    .executeTakeFirst()
  return rule !== undefined
}

/** What nobody works, by the first rule that fits; the customer's own person comes before all rules. */
async function unassigned(scope: Scope): Promise<{ fits: Group[]; left: Group[] }> {
  const { tenantId } = scope
  const { rows } = await sql<Group & { fits: boolean }>`
    with people as (${assignable(scope)}), open as (
      select i.id, i.customer_id, i.currency, i.open_amount, c.name, case when c.assigned_to in (select user_id from people) then c.assigned_to end as owner_id,
             -- The first that fits; rules are few.
             (select r.id from assignment_rules r
               where r.tenant_id = ${tenantId} and r.is_on
                 and (r.region_id is null or r.region_id = i.region_id)
                 and (r.customer_id is null or r.customer_id = i.customer_id)
                 and (r.root_cause is null or r.root_cause = i.root_cause)
                 and (r.currency is null or r.currency = i.currency)
                 and (r.amount_min is null or i.open_amount >= r.amount_min)
                 and (r.amount_max is null or i.open_amount <= r.amount_max)
                 and (r.name_from is null or left(lower(c.name), length(r.name_from)) >= lower(r.name_from) collate "C")
                 and (r.name_to is null or left(lower(c.name), length(r.name_to)) <= lower(r.name_to) collate "C")
               order by r.position, r.id limit 1) as rule_id
        from invoices i join customers c on c.tenant_id = ${tenantId} and c.id = i.customer_id
       where i.tenant_id = ${tenantId} and i.assigned_key = 0 and i.open_amount <> 0 and not i.retracted
    )
    select case when owner_id is null then rule_id end as rule_id, owner_id, customer_id, max(name) as customer_name, currency,
           count(*)::int as count, sum(open_amount)::text as amount, array_agg(id order by id) as ids,
           owner_id is not null or rule_id is not null as fits
      from open group by 1, 2, 3, 5, fits order by 3, 5`.execute(scope.db)
  return { fits: rows.filter(({ fits }) => fits), left: rows.filter(({ fits }) => !fits) }
}

/**
 * Gives what nobody works to people, by rule. Several people of a rule share: a customer stays whole, with who of them has some of it
 * already, else with who has least. `dry_run` tells who would get what and changes nothing.
 */
export async function applyRules(
  scope: Scope,
  { dry_run }: { dry_run: boolean },
): Promise<z.input<typeof Applied>> {
  const { tenantId } = scope
  // One after the other: an import's connection is not pipelined.
  const { fits, left } = await unassigned(scope)
  const { rows: rules } = await sql<Rule>`
    with able as (${assignable(scope)})
    select r.id, r.name, r.balance, r.whole_customer,
           array(select p.user_id from assignment_rule_people p join able a on a.user_id = p.user_id
                  where p.tenant_id = ${tenantId} and p.rule_id = r.id order by p.user_id) as people
      from assignment_rules r where r.tenant_id = ${tenantId} and r.is_on order by r.position, r.id`.execute(
    scope.db,
  )
  const { rows: holders } = await sql<{
    user_id: number
    customer_id: number
    count: number
    amount: string
  }>`
    select i.assigned_to as user_id, i.customer_id, count(*)::int as count,
           coalesce(sum(i.open_amount) filter (where i.currency = ${scope.tenant.currency}), 0)::text as amount
      from invoices i
     where i.tenant_id = ${tenantId} and i.assigned_key <> 0 and i.open_amount <> 0 group by 1, 2`.execute(
    scope.db,
  )
  const { rows: names } = await sql<{ id: number; full_name: string }>`
    select u.id, coalesce(nullif(u.full_name, ''), u.username) as full_name
      from users u join memberships m on m.tenant_id = ${tenantId} and m.user_id = u.id`.execute(scope.db)
  const had = new Map<number, Load>()
  for (const { user_id, count, amount } of holders) {
    const load = had.get(user_id) ?? { count: 0, amount: 0n }
    had.set(user_id, { count: load.count + count, amount: load.amount + BigInt(amount) })
  }
  const holding = new Map<number, Map<number, number>>()
  for (const { user_id, customer_id, count } of holders)
    holding.set(customer_id, (holding.get(customer_id) ?? new Map()).set(user_id, count))

  const loads = new Map([...had].map(([id, load]) => [id, { ...load }]))
  const given: Given[] = fits
    .filter(({ owner_id }) => owner_id !== null)
    .map((group) => ({ ...group, to: group.owner_id! }))
  for (const { to, count } of given) add(loads, to, { count, amount: 0n })
  // A rule whose people have all left gives to nobody.
  const nobody: Group[] = []
  for (const rule of rules) {
    const groups = fits.filter(({ rule_id }) => rule_id === rule.id)
    if (rule.people.length === 0) {
      nobody.push(...groups)
      continue
    }
    const weights = [...Map.groupBy(groups, ({ customer_id }) => customer_id)].map(
      ([customer_id, of]): Weight => ({
        customer_id,
        count: of.reduce((sum, { count }) => sum + count, 0),
        amount: of
          .filter(({ currency }) => currency === scope.tenant.currency)
          .reduce((sum, { amount }) => sum + BigInt(amount), 0n),
      }),
    )
    const chosen = share(weights, rule.people, loads, holding, rule.balance === 'amount' ? 'amount' : 'count')
    given.push(...groups.map((group) => ({ ...group, to: chosen.get(group.customer_id)! })))
  }
  const act_id = !dry_run && given.length > 0 && scope.userId > 0 ? await beginAct(scope) : null
  if (!dry_run) await carryOut(scope, given, rules, act_id ?? undefined)
  const nameOf = (id: number) => names.find((each) => each.id === id)?.full_name ?? ''
  return { ...report({ dry_run, given, rules, left: [...left, ...nobody], had, nameOf }), act_id }
}

const add = (loads: Map<number, Load>, to: number, { count, amount }: Load) => {
  const before = loads.get(to) ?? { count: 0, amount: 0n }
  loads.set(to, { count: before.count + count, amount: before.amount + amount })
}

async function carryOut(scope: Scope, given: Given[], rules: Rule[], act?: number) {
  const movesOf = (groups: Given[]) =>
    groups.flatMap(({ ids, to }) => ids.map((id): Move => ({ id, from: null, to })))
  await moveInvoices(
    scope,
    movesOf(given.filter(({ rule_id }) => rule_id === null)),
    { via: 'customer' },
    act,
  )
  for (const rule of rules) {
    const groups = given.filter(({ rule_id }) => rule_id === rule.id)
    await moveInvoices(scope, movesOf(groups), { via: 'rule', rule: rule.name }, act)
    if (!rule.whole_customer) continue
    for (const [to, of] of Map.groupBy(groups, (each) => each.to)) {
      const customers = [...new Set(of.map(({ customer_id }) => customer_id))]
      // Whoever has a customer already keeps it.
      const { rows } = await sql<{ id: number }>`
        select id from customers where tenant_id = ${scope.tenantId} and id = any(${customers}) and assigned_to is null`.execute(
        scope.db,
      )
      await giveCustomers(
        scope,
        rows.map(({ id }) => id),
        to,
        act === undefined ? { via: 'rule' } : { via: 'rule', act },
      )
    }
  }
}

const sums = (groups: Group[]) => ({
  customers: new Set(groups.map(({ customer_id }) => customer_id)).size,
  count: groups.reduce((sum, { count }) => sum + count, 0),
  totals: [...Map.groupBy(groups, ({ currency }) => currency)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, of]) => ({
      currency,
      count: of.reduce((sum, { count }) => sum + count, 0),
      open_amount: wireNumber(
        of.reduce((sum, { amount }) => sum + BigInt(amount), 0n),
        currency,
      ),
    })),
})

function report({
  dry_run,
  given,
  rules,
  left,
  had,
  nameOf,
}: {
  dry_run: boolean
  given: Given[]
  rules: Rule[]
  left: Group[]
  had: Map<number, Load>
  nameOf: (id: number) => string
}): Omit<z.input<typeof Applied>, 'act_id'> {
  const byPerson = (groups: Given[]) =>
    [...Map.groupBy(groups, ({ to }) => to)]
      .map(([id, of]) => ({ id, full_name: nameOf(id), of }))
      .sort((a, b) => a.full_name.localeCompare(b.full_name) || a.id - b.id)
  const byRule = [{ id: null, name: null }, ...rules].map(({ id, name }) => {
    const groups = given.filter(({ rule_id }) => rule_id === id)
    return {
      id,
      name,
      ...sums(groups),
      people: byPerson(groups).map(({ of, ...person }) => ({
        ...person,
        ...sums(of),
        examples: [...new Set(of.map(({ customer_name }) => customer_name))].slice(0, 3),
      })),
    }
  })
  return {
    dry_run,
    rules: byRule.filter(({ id, count }) => id !== null || count > 0),
    people: byPerson(given).map(({ of, ...person }) => {
      const got = sums(of)
      const before = had.get(person.id)?.count ?? 0
      return { ...person, ...got, had: before, has: before + got.count }
    }),
    left: sums(left),
  }
}

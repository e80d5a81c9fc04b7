import { sql } from 'kysely'
import type { z } from 'zod'
import { expectVersion, type Http } from '../../../core/api.ts'
import { invalidField, notFound, Refusal } from '../../../core/errors.ts'
import { decimalText, exponentOf, fromWireNumber, wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireAssignable } from '../assignments.ts'
import { requireCustomer } from '../customer.ts'
import type { Rule, RuleInput, RuleOrder } from './schemas.ts'

type Row = z.input<typeof Rule>
const RULES_MAX = 500

async function read(scope: Scope, where = sql`true`): Promise<Row[]> {
  const { tenantId } = scope
  const { rows } = await sql<Row>`
    select r.id, r.name, r.position, r.is_on, r.region_id, g.name as region, r.customer_id, c.name as customer_name, r.root_cause, r.currency,
           r.amount_min, r.amount_max, r.name_from, r.name_to, r.balance, r.whole_customer, r.version,
           coalesce((select json_agg(json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) order by u.full_name, u.id)
                       from assignment_rule_people p join users u on u.id = p.user_id
                      where p.tenant_id = ${tenantId} and p.rule_id = r.id), '[]') as people
      from assignment_rules r
      left join regions g on g.tenant_id = ${tenantId} and g.id = r.region_id
      left join customers c on c.tenant_id = ${tenantId} and c.id = r.customer_id
     where r.tenant_id = ${tenantId} and ${where}
     order by r.position, r.id`.execute(scope.db)
  return rows.map((row) => ({
    ...row,
    amount_min: row.amount_min === null ? null : wireNumber(row.amount_min, row.currency!),
    amount_max: row.amount_max === null ? null : wireNumber(row.amount_max, row.currency!),
  }))
}

/** In the order in which they are asked: the first that fits an invoice has it. */
export const listRules = async (scope: Scope) => ({ items: await read(scope) })

/** What is stored of what was said: amounts in the currency's smallest units. */
async function stored(scope: Scope, { user_ids: _, ...input }: RuleInput) {
  const isByAmount = input.amount_min !== null || input.amount_max !== null
  const currency = isByAmount ? (input.currency ?? scope.tenant.currency) : input.currency
  const minor = (field: 'amount_min' | 'amount_max') => {
    const said = input[field]
    if (said === null) return null
    const amount = fromWireNumber(said, currency!)
    if (amount !== undefined) return Number(amount)
    throw invalidField(
      field,
      `Not an amount in ${currency}: at most ${exponentOf(currency!)} decimals, such as ${decimalText(1050, currency!)}.`,
      'invalid_amount',
    )
  }
  const [amount_min, amount_max] = [minor('amount_min'), minor('amount_max')]
  if (amount_min !== null && amount_max !== null && amount_max < amount_min)
    throw invalidField('amount_max', 'This is less than the smallest amount.', 'range')
  if (input.name_from && input.name_to && input.name_to.toLowerCase() < input.name_from.toLowerCase())
    throw invalidField('name_to', 'These letters come before the first ones.', 'range')
  if (input.customer_id !== null)
    await requireCustomer(scope, input.customer_id).catch(() => {
      throw invalidField('customer_id', 'There is no such customer.', 'unknown')
    })
  if (input.region_id !== null) {
    const region = await scope.db
      .selectFrom('regions')
      .select('id')
      .where('id', '=', input.region_id)
      .executeTakeFirst()
    if (!region) throw invalidField('region_id', 'There is no such region.', 'unknown')
  }
  return { ...input, currency, amount_min, amount_max }
}

async function setPeople(scope: Scope, ruleId: number, userIds: number[]) {
  for (const id of new Set(userIds)) await requireAssignable(scope, id, 'user_ids')
  await scope.db.deleteFrom('assignment_rule_people').where('rule_id', '=', ruleId).execute()
  await scope.db
    .insertInto('assignment_rule_people')
    .values([...new Set(userIds)].map((user_id) => ({ rule_id: ruleId, user_id })))
    .execute()
}

export async function addRule(scope: Scope, input: RuleInput) {
  const row = await stored(scope, input)
  const { rows } = await sql<{ last: number; n: number }>`
    select coalesce(max(position), 0) as last, count(*)::int as n from assignment_rules where tenant_id = ${scope.tenantId}`.execute(
    scope.db,
  )
  if (rows[0]!.n >= RULES_MAX)
    throw new Refusal(409, 'too_many_rules', `At most ${RULES_MAX} rules. Remove some first.`)
  const { id } = await scope.db
    .insertInto('assignment_rules')
    .values({ ...row, position: rows[0]!.last + 1, created_at: scope.now, updated_at: scope.now })
    .returning('id')
    .executeTakeFirstOrThrow()
  await setPeople(scope, id, input.user_ids)
  await scope.record('assignment_rule.created', id, { name: input.name })
  return (await read(scope, sql`r.id = ${id}`))[0]!
}

async function requireRule(scope: Scope, http: Http, id: number): Promise<Row> {
  await scope.db.selectFrom('assignment_rules').select('id').where('id', '=', id).forUpdate().execute()
  const [rule] = await read(scope, sql`r.id = ${id}`)
  if (!rule) throw notFound('This rule')
  expectVersion(http, rule)
  return rule
}

export async function changeRule(scope: Scope, http: Http, id: number, input: RuleInput) {
  const before = await requireRule(scope, http, id)
  const row = await stored(scope, input)
  await scope.db
    .updateTable('assignment_rules')
    .set({ ...row, version: before.version + 1, updated_at: scope.now })
    .where('id', '=', id)
    .execute()
  await setPeople(scope, id, input.user_ids)
  const after = (await read(scope, sql`r.id = ${id}`))[0]!
  const { version: _, ...fields } = after
  const changed = (Object.keys(fields) as (keyof typeof fields)[]).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  )
  await scope.record('assignment_rule.changed', id, {
    name: after.name,
    changed: Object.fromEntries(changed.map((field) => [field, { from: before[field], to: after[field] }])),
  })
  return after
}

export async function removeRule(scope: Scope, http: Http, id: number) {
  const before = await requireRule(scope, http, id)
  await scope.db.deleteFrom('assignment_rules').where('id', '=', id).execute()
  await scope.record('assignment_rule.removed', id, { name: before.name })
  return before
}

/** Puts the rules into this order; those that are not named come after. */
export async function orderRules(scope: Scope, { rule_ids }: z.output<typeof RuleOrder>) {
  const rules = await read(scope)
  const known = new Set(rules.map(({ id }) => id))
  const unknown = rule_ids.filter((id) => !known.has(id))
  if (unknown.length > 0) throw notFound('One of these rules')
  const wanted = [...new Set([...rule_ids, ...rules.map(({ id }) => id)])]
  await sql`
    update assignment_rules r set position = w.position, version = r.version + 1, updated_at = ${scope.now}
      from unnest(${wanted}::bigint[]) with ordinality as w (id, position)
     where r.tenant_id = ${scope.tenantId} and r.id = w.id and r.position <> w.position`.execute(scope.db)
  await scope.record('assignment_rule.ordered', null, { rule_ids: wanted })
  return listRules(scope)
}

import { sql } from 'kysely'
import { expectVersion, type Http } from '../../../core/api.ts'
import { invalidField, notFound, Refusal } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import { requireCustomer } from '../../receivables/customer.ts'
import { policiesInForce } from './facts.ts'
import type { DunningPolicy, DunningPolicyInput } from './schemas.ts'
import { placeholders, standardSteps, unknownPlaceholder } from './wording.ts'

async function read({ db, tenantId }: Scope, id?: number): Promise<DunningPolicy[]> {
  const { rows } = await sql<DunningPolicy>`
    select p.id, p.name, p.is_default, p.version, to_char(p.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as updated_at,
           (select count(*)::int from dunning_customers d where d.tenant_id = ${tenantId} and d.policy_id = p.id) as customer_count,
           (select json_agg(json_build_object('step', s.step, 'delay_days', s.delay_days, 'gap_days', s.gap_days, 'channel', s.channel,
                                              'language', s.language, 'subject', s.subject, 'body', s.body) order by s.step)
              from dunning_steps s where s.tenant_id = ${tenantId} and s.policy_id = p.id and s.version = p.version) as steps
      from dunning_policies p
     where p.tenant_id = ${tenantId} and p.archived_at is null ${id === undefined ? sql`` : sql`and p.id = ${id}`}
     order by p.is_default desc, lower(p.name)`.execute(db)
  return rows
}

export const listPolicies = async (scope: Scope) => ({
  items: await read(scope),
  placeholders: [...placeholders],
})

export async function requirePolicy(scope: Scope, id: number): Promise<DunningPolicy> {
  const [policy] = await read(scope, id)
  if (!policy) throw notFound('This dunning policy')
  return policy
}

function check({ steps }: DunningPolicyInput) {
  for (const [at, step] of steps.entries()) {
    for (const part of ['subject', 'body'] as const) {
      const unknown = unknownPlaceholder(step[part])
      if (unknown !== undefined)
        throw invalidField(
          `steps.${at}.${part}`,
          `There is no placeholder {{${unknown}}}. There are: ${placeholders.map((name) => `{{${name}}}`).join(', ')}.`,
          'unknown_placeholder',
        )
    }
    const before = steps[at - 1]
    if (before && step.delay_days <= before.delay_days)
      throw invalidField(
        `steps.${at}.delay_days`,
        `Each step comes later than the one before: after more than ${before.delay_days} days.`,
        'not_rising',
      )
    try {
      Intl.getCanonicalLocales(step.language)
    } catch {
      throw invalidField(`steps.${at}.language`, 'A language such as en or pt-BR.', 'invalid')
    }
  }
}

async function write(
  scope: Scope,
  id: number,
  version: number,
  { steps }: Pick<DunningPolicyInput, 'steps'>,
) {
  await scope.db
    .insertInto('dunning_steps')
    .values(steps.map((step, at) => ({ ...step, policy_id: id, version, step: at + 1 })))
    .execute()
}
/** There is one default; the first policy is it, asked for or not. */
async function makeDefault(scope: Scope, input: DunningPolicyInput, id?: number): Promise<boolean> {
  const others = (await policiesInForce(scope)).filter((policy) => policy.id !== id)
  const isDefault = input.is_default || !others.some((policy) => policy.is_default)
  if (isDefault)
    await scope.db
      .updateTable('dunning_policies')
      .set({ is_default: false })
      .where('is_default', '=', true)
      .execute()
  return isDefault
}
function nameTaken(error: { code?: string; constraint?: string }): never {
  if (error.code !== '23505') throw error
  throw invalidField(
    'name',
    'There is a policy of this name already. Choose another name.',
    'name_taken',
    409,
  )
}

export async function addPolicy(scope: Scope, input: DunningPolicyInput) {
  check(input)
  const is_default = await makeDefault(scope, input)
  const { id } = await scope.db
    .insertInto('dunning_policies')
    .values({ name: input.name, is_default, created_at: scope.now, updated_at: scope.now })
    .returning('id')
    .executeTakeFirstOrThrow()
    .catch(nameTaken)
  await write(scope, id, 1, input)
  await scope.record('dunning_policy.added', id, { name: input.name, steps: input.steps.length })
  return requirePolicy(scope, id)
}

/** A policy to begin with, once. */
export async function addStandardPolicy(scope: Scope) {
  const [known] = await read(scope)
  return known ?? addPolicy(scope, { name: 'Standard', is_default: true, steps: standardSteps })
}

/** Another version of it: what was prepared or sent keeps the words it was made of. */
export async function changePolicy(scope: Scope, http: Http, id: number, input: DunningPolicyInput) {
  check(input)
  await scope.db.selectFrom('dunning_policies').select('id').where('id', '=', id).forUpdate().execute()
  const before = await requirePolicy(scope, id)
  expectVersion(http, before)
  const is_default = await makeDefault(scope, input, id)
  const version = before.version + 1
  await scope.db
    .updateTable('dunning_policies')
    .set({ name: input.name, is_default, version, updated_at: scope.now })
    .where('id', '=', id)
    .execute()
    .catch(nameTaken)
  await write(scope, id, version, input)
  await scope.record('dunning_policy.changed', id, { name: input.name, version })
  return requirePolicy(scope, id)
}

/** Its customers fall back to the default. */
export async function archivePolicy(scope: Scope, id: number) {
  const policy = await requirePolicy(scope, id)
  const others = (await read(scope)).filter((each) => each.id !== id)
  if (policy.is_default && others.length > 0)
    throw new Refusal(409, 'is_default', 'This is the default policy. Make another one the default first.')
  await scope.db
    .updateTable('dunning_policies')
    .set({ archived_at: scope.now, is_default: false })
    .where('id', '=', id)
    .execute()
  await scope.db.deleteFrom('dunning_customers').where('policy_id', '=', id).execute()
  await scope.record('dunning_policy.archived', id, { name: policy.name, customers: policy.customer_count })
  return policy
}

/** Which policy a customer has; null: the default. */
export async function choosePolicy(scope: Scope, customerId: number, policyId: number | null) {
  await requireCustomer(scope, customerId)
  if (policyId === null)
    await scope.db.deleteFrom('dunning_customers').where('customer_id', '=', customerId).execute()
  else {
    const known = (await read(scope, policyId))[0]
    if (!known)
      throw invalidField(
        'policy_id',
        'There is no such dunning policy here. Choose one of the list.',
        'unknown_policy',
      )
    await scope.db
      .insertInto('dunning_customers')
      .values({ customer_id: customerId, policy_id: policyId })
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'customer_id']).doUpdateSet({ policy_id: policyId }),
      )
      .execute()
  }
  await scope.record('customer.dunning_policy_chosen', customerId, { policy_id: policyId })
}

import { randomToken, sha256 } from '../../core/crypto.ts'
import { forbidden, invalidField, notFound } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import { isPermission } from './permissions.ts'
import { beyond } from './rules.ts'

const columns = [
  'id',
  'name',
  'prefix',
  'scopes',
  'created_at',
  'last_used_at',
  'expires_at',
  'revoked_at',
] as const

export const listApiKeys = (scope: Scope) =>
  scope.db
    .selectFrom('api_keys')
    .select(columns)
    .where('user_id', '=', scope.userId)
    .orderBy('id', 'desc')
    .execute()

/** The key is answered once and kept only as a digest. Its scopes never exceed what its owner may do. */
export async function createApiKey(
  scope: Scope,
  input: { name: string; scopes: string[]; expires_at?: string | null | undefined },
) {
  const unknown = input.scopes.filter((each) => !isPermission(each))
  if (unknown.length > 0)
    throw invalidField('scopes', `There is no permission ${unknown.join(', ')}.`, 'unknown_permission')
  const lacking = beyond(scope.actor, input.scopes)
  if (lacking.length > 0)
    throw forbidden(`A key cannot do what you may not do yourself (${lacking.join(', ')}).`)
  if (input.expires_at && new Date(input.expires_at) <= scope.now)
    throw invalidField('expires_at', 'Choose a day in the future.')
  const key = `dbk_${scope.tenantId}_${randomToken()}`
  const row = await scope.db
    .insertInto('api_keys')
    .values({
      user_id: scope.userId,
      name: input.name,
      prefix: key.slice(0, key.indexOf('_', 4) + 7),
      key_hash: sha256(key),
      scopes: [...new Set(input.scopes)],
      expires_at: input.expires_at ?? null,
      created_at: scope.now,
    })
    .returning(columns)
    .executeTakeFirstOrThrow()
  await scope.record('api_key.created', row.id, { name: row.name, scopes: row.scopes })
  return { ...row, key }
}

export async function revokeApiKey(scope: Scope, id: number) {
  const row = await scope.db
    .updateTable('api_keys')
    .set({ revoked_at: scope.now })
    .where('id', '=', id)
    .where('user_id', '=', scope.userId)
    .where('revoked_at', 'is', null)
    .returning('name')
    .executeTakeFirst()
  if (!row) throw notFound('API key')
  await scope.record('api_key.revoked', id, { name: row.name })
}

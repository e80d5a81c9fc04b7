import { sql } from 'kysely'
import { randomToken, sha256 } from '../../core/crypto.ts'
import { invalidField, notFound, Refusal } from '../../core/errors.ts'
import type { Scope, SystemScope } from '../../core/scope.ts'
import { addMember, assertPlaces, belongsElsewhere, findRoles } from './members.ts'
import { hashPassword } from './passwords.ts'
import { assertNamesFree, checkNewPassword, insertPerson, setPassword } from './people.ts'
import { assertMayGrant } from './rules.ts'
import { endSessionsOf } from './sessions.ts'

const HOUR_MS = 3_600_000
const INVITATION_DAYS = 14
const inMs = (now: Date, ms: number) => new Date(now.getTime() + ms)

export type InvitationInput = {
  email: string
  full_name?: string | undefined
  role_codes: readonly string[]
  region_id?: number | null | undefined
  department_id?: number | null | undefined
  outlets?: { outlet_id: number; can_write: boolean }[] | undefined
}
export const linkTo = (publicUrl: string, page: string, token: string) => `${publicUrl}/${page}/${token}`

/** The link is shown to the administrator, who passes it on. Inviting the same address again replaces the earlier link. */
export async function invite(scope: Scope, input: InvitationInput, publicUrl: string) {
  const roles = await findRoles(scope, input.role_codes)
  if (roles.length === 0) throw invalidField('role_codes', 'Choose at least one role.', 'roles_missing')
  assertMayGrant(scope.actor, roles)
  await assertPlaces(scope, input)
  const { rows } = await sql`
    select 1 from memberships m join users u on u.id = m.user_id
     where m.tenant_id = ${scope.tenantId} and lower(u.email) = ${input.email} and u.deleted_at is null`.execute(
    scope.db,
  )
  if (rows.length > 0)
    throw invalidField('email', 'This person is in your organisation already.', 'already_member', 409)
  await scope.db
    .updateTable('invitations')
    .set({ revoked_at: scope.now })
    .where('email', '=', input.email)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .execute()
  // The organisation's number leads, so that the link can be looked up behind its wall before anybody is signed in.
  const token = `${scope.tenantId}.${randomToken()}`
  const row = await scope.db
    .insertInto('invitations')
    .values({
      email: input.email,
      full_name: input.full_name ?? '',
      role_ids: roles.map((role) => role.id),
      region_id: input.region_id ?? null,
      department_id: input.department_id ?? null,
      outlets: JSON.stringify(input.outlets ?? []),
      token_hash: sha256(token),
      invited_by: scope.userId,
      created_at: scope.now,
      expires_at: inMs(scope.now, INVITATION_DAYS * 24 * HOUR_MS),
    })
    .returning(['id', 'email', 'expires_at'])
    .executeTakeFirstOrThrow()
  await scope.record('invitation.sent', row.id, { email: row.email, roles: roles.map((role) => role.code) })
  return { ...row, state: 'open' as const, link: linkTo(publicUrl, 'invite', token) }
}

export async function listInvitations(scope: Scope) {
  const { rows } = await sql<{
    id: number
    email: string
    full_name: string
    created_at: string
    expires_at: string
    state: string
    roles: string[]
    invited_by: string
  }>`
    select i.id, i.email, i.full_name, i.created_at, i.expires_at,
           case when i.accepted_at is not null then 'accepted' when i.revoked_at is not null then 'revoked'
                when i.expires_at <= ${scope.now} then 'expired' else 'open' end as state,
           coalesce((select array_agg(r.name order by r.name) from roles r
              where r.tenant_id = i.tenant_id and r.id = any(i.role_ids)), '{}') as roles,
           (select u.full_name from users u where u.id = i.invited_by) as invited_by
      from invitations i where i.tenant_id = ${scope.tenantId} order by i.id desc limit 200`.execute(scope.db)
  return rows
}

export async function revokeInvitation(scope: Scope, id: number) {
  const row = await scope.db
    .updateTable('invitations')
    .set({ revoked_at: scope.now })
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .returning('email')
    .executeTakeFirst()
  if (!row) throw notFound('Invitation')
  await scope.record('invitation.revoked', id, { email: row.email })
}

async function openInvitation(system: SystemScope, token: string) {
  const gone = new Refusal(
    404,
    'invitation_gone',
    'This invitation is not valid any more. Ask for a new one.',
  )
  const tenantId = Number(/^(\d{1,15})\.[A-Za-z0-9_-]{43}$/.exec(token)?.[1] ?? 0)
  const tenant = await system.db
    .selectFrom('tenants')
    .select('id')
    .where('id', '=', tenantId)
    .where('is_active', '=', true)
    .executeTakeFirst()
  if (!tenant) throw gone
  const scope = await system.enter(tenantId)
  const invitation = await scope.db
    .selectFrom('invitations')
    .selectAll()
    .where('token_hash', '=', sha256(token))
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', system.now.toISOString())
    .forUpdate()
    .executeTakeFirst()
  if (!invitation) throw gone
  const person = await sql<{
    id: number
  }>`select id from users where lower(email) = ${invitation.email} and deleted_at is null`.execute(system.db)
  return { scope, invitation, personId: person.rows[0]?.id ?? null }
}

export async function readInvitation(system: SystemScope, token: string) {
  const { scope, invitation, personId } = await openInvitation(system, token)
  return {
    organisation: scope.tenant.name,
    email: invitation.email,
    full_name: invitation.full_name,
    has_account: personId !== null && !(await isClaimable(scope, personId)),
  }
}

/** An account of this address that nobody has verified and that is in no organisation. */
async function isClaimable(scope: Scope, personId: number): Promise<boolean> {
  const person = await scope.db
    .selectFrom('users')
    .select(['is_verified', 'is_superuser'])
    .where('id', '=', personId)
    .executeTakeFirst()
  if (!person || person.is_verified || person.is_superuser) return false
  const here = await scope.db
    .selectFrom('memberships')
    .select('user_id')
    .where('user_id', '=', personId)
    .executeTakeFirst()
  return !here && !(await belongsElsewhere(scope, personId))
}

async function claim(scope: Scope, personId: number, input: Acceptance & { email: string }) {
  await assertNamesFree(scope, { username: input.username }, personId, 422)
  checkNewPassword(input.password, input)
  await scope.db
    .updateTable('users')
    .set({ username: input.username, full_name: input.full_name, is_verified: true })
    .where('id', '=', personId)
    .execute()
  await setPassword(scope, personId, input.password)
  await endSessionsOf(scope, personId, 'claimed by an invitation')
}

export type Acceptance = { username: string; full_name: string; password: string }
/**
 * Whoever holds the link becomes a member with the invited roles. A person who has an account already must be signed in
 * to it (`signedIn`): the link alone does not open somebody else's account.
 */
export async function acceptInvitation(
  system: SystemScope,
  token: string,
  input: Acceptance | null,
  signedIn: number | null,
): Promise<{ user_id: number; tenant_id: number }> {
  const { scope, invitation, personId } = await openInvitation(system, token)
  let userId = personId
  if (personId !== null && (await isClaimable(scope, personId))) {
    // Somebody registered this address without ever showing that it is theirs; whoever holds the invitation does.
    if (!input) throw invalidField('password', 'Choose a user name and a password.', 'required')
    await claim(scope, personId, { ...input, email: invitation.email })
  } else if (personId !== null) {
    if (signedIn !== personId) {
      throw new Refusal(
        409,
        'sign_in_first',
        'You have an account already. Sign in with it, then open this link again.',
      )
    }
  } else {
    if (!input) throw invalidField('password', 'Choose a user name and a password.', 'required')
    await assertNamesFree(system, { username: input.username, email: invitation.email }, 0, 422)
    checkNewPassword(input.password, { ...input, email: invitation.email })
    userId = await insertPerson(system, {
      ...input,
      email: invitation.email,
      password_hash: await hashPassword(input.password),
      is_verified: true,
    })
  }
  const roles = await scope.db
    .selectFrom('roles')
    .select('id')
    .where('id', 'in', invitation.role_ids)
    .execute()
  if (roles.length === 0)
    throw new Refusal(404, 'invitation_gone', 'The role of this invitation was removed. Ask for a new one.')
  const outlets = invitation.outlets as { outlet_id: number; can_write: boolean }[]
  await addMember(scope, userId!, { ...invitation, role_ids: roles.map((role) => role.id), outlets })
  await scope.db
    .updateTable('invitations')
    .set({ accepted_at: system.now, accepted_by: userId! })
    .where('id', '=', invitation.id)
    .execute()
  await scope.db
    .updateTable('join_requests')
    .set({ state: 'approved', decided_at: system.now })
    .where('user_id', '=', userId!)
    .where('state', '=', 'open')
    .execute()
  await scope.record('invitation.accepted', invitation.id, { user_id: userId, email: invitation.email })
  return { user_id: userId!, tenant_id: scope.tenantId }
}

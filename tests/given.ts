import { asSystem } from '../server/core/scope.ts'
import { addMember, findRoles } from '../server/modules/identity/members.ts'
import { hashPassword } from '../server/modules/identity/passwords.ts'
import { insertPerson } from '../server/modules/identity/people.ts'
import { createTenant } from '../server/modules/tenancy/tenants.ts'
import type { TestApp } from './app.ts'

// Sentences that create what a test begins with, past the API and its rules.

export const password = 'Sunlit-harbour-9'
// One hash for all: hashing takes 20 ms, and tests make many people.
const passwordHash = hashPassword(password)

let counter = 0
const next = () => ++counter

export type Organisation = { id: number; code: string; name: string }
export type Person = {
  id: number
  username: string
  email: string
  tenant_id: number | null
  /** Access token of the AR Tracker's door, and the header that carries it. */
  token: string
  headers: { authorization: string }
}

export async function organisation(
  { deps }: TestApp,
  input: Partial<{ code: string; name: string; currency: string; timezone: string; country: string }> = {},
): Promise<Organisation> {
  const n = next()
  const code = input.code ?? `org-${n}`
  const name = input.name ?? `Organisation ${n}`
  const id = await asSystem(deps.database, 'given', async (system) => {
    const scope = await createTenant(
      system,
      { currency: 'USD', timezone: 'UTC', country: 'US', ...input, code, name },
      0,
    )
    return scope.tenantId
  })
  return { id, code, name }
}

/** Somebody with these roles (codes or names), signed in. */
export async function person(
  test: TestApp,
  input: {
    in?: Organisation
    roles?: string[]
    username?: string
    email?: string
    full_name?: string
    is_superuser?: boolean
    region_id?: number
    signedIn?: boolean
  },
): Promise<Person> {
  const n = next()
  const username = input.username ?? `person${n}`
  const email = input.email ?? `${username}@example.com`
  const password_hash = await passwordHash
  const id = await asSystem(test.deps.database, 'given', async (system) => {
    const made = await insertPerson(system, {
      username,
      email,
      full_name: input.full_name ?? `Person ${n}`,
      password_hash,
      is_superuser: input.is_superuser ?? false,
    })
    if (input.in) {
      const scope = await system.enter(input.in.id)
      const roles = await findRoles(scope, input.roles ?? ['tenant_admin'])
      await addMember(scope, made, { role_ids: roles.map((role) => role.id), region_id: input.region_id })
    }
    return made
  })
  const token = input.signedIn === false ? '' : await signIn(test, username)
  return {
    id,
    username,
    email,
    tenant_id: input.in?.id ?? null,
    token,
    headers: { authorization: `Bearer ${token}` },
  }
}

export async function signIn({ app }: TestApp, username: string, word = password): Promise<string> {
  const answer = await app.inject({
    method: 'POST',
    url: '/api/auth/token',
    payload: { username, password: word },
  })
  if (answer.statusCode !== 200)
    throw new Error(`Signing ${username} in answered ${answer.statusCode}: ${answer.body}`)
  return answer.json().access_token
}

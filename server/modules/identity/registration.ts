import { Refusal } from '../../core/errors.ts'
import type { SystemScope } from '../../core/scope.ts'
import { requestToJoin } from './join-requests.ts'
import { hashPassword } from './passwords.ts'
import { assertNamesFree, checkNewPassword, insertPerson } from './people.ts'

export type Registration = {
  username: string
  email: string
  full_name?: string | undefined
  phone_number?: string | undefined
  password: string
  /** Id or code of an organisation the person asks to be let into. */
  tenant?: string | number | null | undefined
}

/**
 * A new person, in no organisation: what they may do begins when an administrator lets them in. An organisation named
 * here is a request only; whether it exists is not told.
 */
export async function register(
  system: SystemScope,
  input: Registration,
  signup: 'request' | 'organisation' | 'off',
): Promise<number> {
  if (signup === 'off')
    throw new Refusal(
      403,
      'signup_off',
      'Registration is closed here. Ask an administrator for an invitation.',
    )
  await assertNamesFree(system, input)
  checkNewPassword(input.password, input, 'password', 400)
  const id = await insertPerson(system, { ...input, password_hash: await hashPassword(input.password) })
  if (input.tenant !== undefined && input.tenant !== null && input.tenant !== '')
    await requestToJoin(system, id, String(input.tenant))
  return id
}

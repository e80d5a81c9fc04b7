import { generateSecret, generateURI, verify } from 'otplib'
import type { Keyring } from '../../core/crypto.ts'
import { randomToken, sha256 } from '../../core/crypto.ts'
import { invalidField, Refusal } from '../../core/errors.ts'
import type { SystemScope } from '../../core/scope.ts'
import { countAttempt, forgetAttempts, ownCounter } from './guessing.ts'
import { verifyPassword } from './passwords.ts'

const context = (userId: number) => `totp ${userId}`
const recoveryHash = (code: string) => sha256(code.replace(/[\s-]/g, '').toLowerCase())
/** Written in groups of four: 80 random bits, read from paper. */
const newRecoveryCode = () =>
  Buffer.from(randomToken(10), 'base64url')
    .toString('hex')
    .replace(/(.{4})(?=.)/g, '$1-')

/** The step of a right code, later than the last one used; null for a wrong or repeated code. */
async function rightStep(
  secret: string,
  code: string,
  now: Date,
  lastStep: number | null,
): Promise<number | null> {
  if (!/^\d{6}$/.test(code)) return null
  const result = await verify({
    secret,
    token: code,
    epoch: Math.floor(now.getTime() / 1000),
    epochTolerance: 30,
    ...(lastStep === null ? {} : { afterTimeStep: lastStep }),
  }).catch(() => ({ valid: false }) as const)
  return result.valid && 'timeStep' in result ? result.timeStep : null
}

/** Checks a code from the authenticator, or a recovery code, and uses it up. */
export async function checkSecondFactor(
  system: SystemScope,
  keys: Keyring,
  userId: number,
  code: string,
): Promise<boolean> {
  const row = await system.db
    .selectFrom('credentials')
    .select(['totp_secret', 'totp_last_step'])
    .where('user_id', '=', userId)
    .where('totp_confirmed_at', 'is not', null)
    .forUpdate()
    .executeTakeFirst()
  if (!row?.totp_secret) return false
  const step = await rightStep(
    keys.open(row.totp_secret, context(userId)),
    code.replace(/\s/g, ''),
    system.now,
    row.totp_last_step,
  )
  if (step !== null) {
    await system.db
      .updateTable('credentials')
      .set({ totp_last_step: step })
      .where('user_id', '=', userId)
      .execute()
    return true
  }
  const used = await system.db
    .updateTable('recovery_codes')
    .set({ used_at: system.now })
    .where('user_id', '=', userId)
    .where('code_hash', '=', recoveryHash(code))
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return used.numUpdatedRows > 0n
}

/** Begins enrolment: a new secret that counts only once a code from it has been shown. */
export async function beginSecondFactor(
  system: SystemScope,
  keys: Keyring,
  user: { id: number; email: string },
) {
  const confirmed = await system.db
    .selectFrom('credentials')
    .select('totp_confirmed_at')
    .where('user_id', '=', user.id)
    .executeTakeFirst()
  if (confirmed?.totp_confirmed_at) {
    throw new Refusal(
      409,
      'second_factor_on',
      'A second factor is set up already. Turn it off before you set up another.',
    )
  }
  const secret = generateSecret()
  await system.db
    .updateTable('credentials')
    .set({ totp_secret: keys.seal(secret, context(user.id)), totp_last_step: null })
    .where('user_id', '=', user.id)
    .execute()
  return { secret, otpauth_uri: generateURI({ issuer: 'Duebook', label: user.email, secret }) }
}

/** Ends enrolment with a right code and answers the recovery codes, which are shown this once. */
export async function confirmSecondFactor(
  system: SystemScope,
  keys: Keyring,
  userId: number,
  code: string,
): Promise<string[]> {
  const row = await system.db
    .selectFrom('credentials')
    .select(['totp_secret', 'totp_confirmed_at'])
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  if (!row?.totp_secret || row.totp_confirmed_at) {
    throw new Refusal(409, 'second_factor_not_begun', 'Begin the set-up first, then confirm it with a code.')
  }
  const step = await rightStep(
    keys.open(row.totp_secret, context(userId)),
    code.replace(/\s/g, ''),
    system.now,
    null,
  )
  if (step === null)
    throw invalidField(
      'code',
      'This code is not right. Check the clock of your phone and try the next code.',
      'code_wrong',
    )
  await system.db
    .updateTable('credentials')
    .set({ totp_confirmed_at: system.now, totp_last_step: step })
    .where('user_id', '=', userId)
    .execute()
  await system.db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  const codes = Array.from({ length: 10 }, newRecoveryCode)
  await system.db
    .insertInto('recovery_codes')
    .values(codes.map((each) => ({ user_id: userId, code_hash: recoveryHash(each) })))
    .execute()
  return codes
}

/** The count of wrong attempts stays. */
const wrongOwn = (path: string, message: string, code: string) =>
  new Refusal(422, code, message, { issues: [{ in: 'body', path, message, code }], keep: true })

/** Turns the second factor off, for somebody who still has the password and a code. */
export async function disableSecondFactor(
  system: SystemScope,
  keys: Keyring,
  userId: number,
  input: { password: string; code: string },
) {
  const counters = [ownCounter(userId)]
  await countAttempt(system, counters)
  const row = await system.db
    .selectFrom('credentials')
    .select('password_hash')
    .where('user_id', '=', userId)
    .executeTakeFirst()
  if (!(await verifyPassword(row?.password_hash ?? null, input.password))) {
    throw wrongOwn('password', 'This password is not right.', 'password_wrong')
  }
  if (!(await checkSecondFactor(system, keys, userId, input.code)))
    throw wrongOwn('code', 'This code is not right.', 'code_wrong')
  await forgetAttempts(system, counters)
  await system.db
    .updateTable('credentials')
    .set({ totp_secret: null, totp_confirmed_at: null, totp_last_step: null })
    .where('user_id', '=', userId)
    .execute()
  await system.db.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
}

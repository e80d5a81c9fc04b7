import { pbkdf2, timingSafeEqual } from 'node:crypto'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { hash, verify } from '@node-rs/argon2'
import { compare as bcryptCompare } from 'bcryptjs'

// OWASP's first choice for argon2id; 17-20 ms on one core.
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const pbkdf2Async = promisify(pbkdf2)

/** Hashing takes a core for 20 ms: more than two at once would starve everything else the server does. */
const AT_ONCE = 2
let running = 0
const waiting: (() => void)[] = []
async function oneOfFew<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go))
  else running += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

export const hashPassword = (password: string) => oneOfFew(() => hash(password.normalize('NFKC'), options))

const isDjango = (stored: string) => /^pbkdf2_sha256\$\d{1,8}\$[^$]+\$[A-Za-z0-9+/=]+$/.test(stored)
const isBcrypt = (stored: string) => /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(stored)
/** Hashes that sign-in understands: ours, and those that imported people bring with them. */
export const isKnownHash = (stored: string) =>
  stored.startsWith('$argon2id$') || isBcrypt(stored) || isDjango(stored)

async function djangoVerify(stored: string, password: string): Promise<boolean> {
  const [, iterations, salt, digest] = stored.split('$')
  const wanted = Buffer.from(digest!, 'base64')
  const made = await pbkdf2Async(password, salt!, Number(iterations), wanted.length, 'sha256')
  return timingSafeEqual(wanted, made)
}

// Verified against when nobody has that name, so that an unknown name costs the same time as a wrong password.
const nobody = await hash('nobody has this password', options)

/** True when the password is right. Unknown people (stored = null) cost as much time as known ones. */
export function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  return oneOfFew(async () => {
    if (stored === null) return (await verify(nobody, password)) && false
    if (isBcrypt(stored)) return bcryptCompare(password, stored.replace(/^\$2y/, '$2b'))
    if (isDjango(stored)) return djangoVerify(stored, password)
    return verify(stored, password.normalize('NFKC')).catch(() => false)
  })
}

/** An older or foreign hash that sign-in replaces by ours once it has seen the password. */
export const needsRehash = (stored: string) => !stored.startsWith('$argon2id$v=19$m=19456,t=2,p=1$')

const require = createRequire(import.meta.url)
let common: Set<string> | undefined
const isCommon = (password: string) => {
  common ??= commonPasswords()
  return common.has(password.toLowerCase())
}
/** ASVS 6.2.4 asks for the 3,000 most common at least. Loaded on first use: the words take 10 MB. */
function commonPasswords(): Set<string> {
  const { dictionary } = require('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common')
  return new Set((dictionary['passwords-common'] as string[]).slice(0, 3_000))
}

/** What is wrong with a new password, in words for the person who chose it; empty when it is fine. */
export function passwordProblems(
  password: string,
  person: { username?: string; email?: string; full_name?: string },
): string[] {
  const problems: string[] = []
  if (password.length < 8) problems.push('This password is too short. It must contain at least 8 characters.')
  if (password.length > 200)
    problems.push('This password is too long. It may contain at most 200 characters.')
  if (/^\d+$/.test(password)) problems.push('This password is entirely numeric.')
  if (isCommon(password)) problems.push('This password is too common.')
  const own = [person.username, person.email?.split('@')[0], ...(person.full_name?.split(/\s+/) ?? [])]
  const lower = password.toLowerCase()
  if (
    own.some(
      (word) =>
        word &&
        word.length >= 4 &&
        (lower === word.toLowerCase() ||
          (lower.includes(word.toLowerCase()) && word.length >= lower.length * 0.7)),
    )
  ) {
    problems.push('This password is too similar to your name or e-mail address.')
  }
  return problems
}

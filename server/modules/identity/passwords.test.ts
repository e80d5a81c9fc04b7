import { describe, expect, test } from 'vitest'
import { hashPassword, isKnownHash, needsRehash, passwordProblems, verifyPassword } from './passwords.ts'

// Made by the libraries of the systems that people come from, for the password `correct horse 9`.
const imported = {
  'bcrypt $2b$': () => import('bcryptjs').then(({ hash }) => hash('correct horse 9', 4)),
  'bcrypt $2y$': () =>
    import('bcryptjs').then(async ({ hash }) => (await hash('correct horse 9', 4)).replace('$2b$', '$2y$')),
  'bcrypt $2a$': () =>
    import('bcryptjs').then(async ({ hash }) => (await hash('correct horse 9', 4)).replace('$2b$', '$2a$')),
  'Django pbkdf2_sha256': async () => {
    const { pbkdf2Sync } = await import('node:crypto')
    return `pbkdf2_sha256$1000$saltsalt$${pbkdf2Sync('correct horse 9', 'saltsalt', 1000, 32, 'sha256').toString('base64')}`
  },
}

describe('passwords of imported people', () => {
  for (const [kind, make] of Object.entries(imported)) {
    test(`${kind} verifies, refuses a wrong word, and asks to be replaced`, async () => {
      const stored = await make()
      expect(isKnownHash(stored)).toBe(true)
      expect(await verifyPassword(stored, 'correct horse 9')).toBe(true)
      expect(await verifyPassword(stored, 'correct horse 8')).toBe(false)
      expect(needsRehash(stored)).toBe(true)
    })
  }
})

test('our own hashes verify and stay', async () => {
  const stored = await hashPassword('correct horse 9')
  expect(await verifyPassword(stored, 'correct horse 9')).toBe(true)
  expect(needsRehash(stored)).toBe(false)
})

test('nobody signs in without a hash, nor with one of no known kind', async () => {
  expect(await verifyPassword(null, 'nobody has this password')).toBe(false)
  expect(await verifyPassword('!', 'anything at all')).toBe(false)
  expect(isKnownHash('md5$x$y')).toBe(false)
  expect(isKnownHash('$2b$04$')).toBe(false)
})

const person = { username: 'chitra', email: 'chitra.nair@example.com', full_name: 'Chitra Nair' }
test.each([
  ['short', /too short/],
  ['1234567890', /numeric/],
  ['password', /common/],
  ['chitra12', /similar/],
])('the password %s is refused and the person told why', (password, why) => {
  expect(passwordProblems(password, person).join(' ')).toMatch(why)
})
test.each(['Sunlit-harbour-9', 'vier kleine worte', 'ünïcode-pässwort'])(
  'the password %s is fine',
  (password) => {
    expect(passwordProblems(password, person)).toEqual([])
  },
)

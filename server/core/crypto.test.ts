import { expect, test } from 'vitest'
import { keyring } from './crypto.ts'

const keys = keyring('a secret of the tests alone')

test('what was sealed opens with its own context alone', () => {
  const sealed = keys.seal('SG.provider-key', 'outlet 7 sendgrid')
  expect(sealed).not.toContain('provider')
  expect(keys.open(sealed, 'outlet 7 sendgrid')).toBe('SG.provider-key')
  expect(() => keys.open(sealed, 'outlet 8 sendgrid')).toThrow()
})

test('a changed byte does not open', () => {
  const sealed = keys.seal('text', 'here')
  const parts = sealed.split(':')
  const body = Buffer.from(parts[3]!, 'base64url')
  body[0]! ^= 1
  expect(() => keys.open(parts.with(3, body.toString('base64url')).join(':'), 'here')).toThrow()
})

test('after the key is changed, the earlier one still opens what it sealed', () => {
  const sealed = keys.seal('kept', 'here')
  expect(keyring('the next secret', ['a secret of the tests alone']).open(sealed, 'here')).toBe('kept')
  expect(() => keyring('the next secret').open(sealed, 'here')).toThrow(/does not have/)
})

import { expect, test } from 'vitest'
import { codeFrom } from './organisation-fields.tsx'

test.each([
  ['Acme Trading Ltd.', 'acme-trading-ltd'],
  ['Čeština & Söhne', 'cestina-sohne'],
  ['  --  ', ''],
])('%s -> %s', (name, code) => expect(codeFrom(name)).toBe(code))

import { expect, test } from 'vitest'
import { safePath } from './paths.ts'

test.each([
  ['/imports?page=2', '/imports?page=2'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
])('%s leads to %s', (to, path) => expect(safePath(to)).toBe(path))

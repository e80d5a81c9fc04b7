import { expect, test } from 'vitest'
import type { Role } from '../wire.ts'
import { lackingFor } from './grant.ts'
import { changed, drafted, inputOf, toggled } from './roles-draft.ts'

const role: Role = {
  id: 7,
  code: 'collector',
  name: 'Collector',
  family: 'tracker',
  description: '',
  permissions: ['receivables.read', 'receivables.write'],
  row_access: 'assigned',
  requires_second_factor: false,
  is_preset: true,
  member_count: 3,
  version: 2,
}

test('a change is kept, and gone when it is taken back', () => {
  const once = toggled(role, {}, 'users.read')
  expect(drafted(role, once).permissions).toEqual([...role.permissions, 'users.read'])
  expect(toggled(role, once, 'users.read')).toEqual({})
  expect(changed(role, changed(role, {}, { row_access: 'all' }), { row_access: 'assigned' })).toEqual({})
})

test('what is sent is the whole role', () => {
  const draft = changed(role, toggled(role, {}, 'receivables.write'), { requires_second_factor: true })
  expect(inputOf(drafted(role, draft))).toEqual({
    name: 'Collector',
    description: '',
    permissions: ['receivables.read'],
    row_access: 'assigned',
    requires_second_factor: true,
  })
})

test('a draft keeps the version it was begun with, whatever the page reads meanwhile', () => {
  const begun = toggled(role, {}, 'users.read')
  const fresh = { ...role, version: 3, permissions: ['audit.read'] }
  const later = changed(fresh, begun, { requires_second_factor: true })
  expect(later[7]!.base.version).toBe(2)
  expect(drafted(fresh, later).permissions).toEqual([...role.permissions, 'users.read'])
})

test('nobody gives what they lack', () => {
  expect(lackingFor({ permissions: ['receivables.read'] }, role.permissions)).toEqual(['receivables.write'])
})

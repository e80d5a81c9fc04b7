import { beforeAll, describe, expect, test } from 'vitest'
import { allPermissions } from '../../server/modules/identity/permissions.ts'
import type { Me } from '../wire.ts'
import { speakEnglish } from '../words-for-tests.ts'
import { commandsFor, matching } from './commands.ts'
import { navigationFor } from './nav.ts'

beforeAll(speakEnglish)

const me = (permissions: readonly string[], rest: Partial<Me> = {}): Me => ({
  id: 1,
  username: 'a',
  email: 'a@example.com',
  full_name: 'A',
  phone_number: null,
  is_superuser: false,
  tenant: {
    id: 1,
    code: 'acme',
    name: 'Acme',
    currency: 'INR',
    timezone: 'Asia/Kolkata',
    country: 'IN',
    financial_year_start: 4,
    ageing_buckets: [30, 60, 90, 120],
  },
  tenants: [],
  roles: [],
  permissions: [...permissions],
  second_factor: { enabled: false, required: false },
  csrf_token: '',
  pending: null,
  ...rest,
})
const places = (person: Me) => navigationFor(person).flatMap((group) => group.items.map((item) => item.to))

describe('the rail', () => {
  test('shows what a person may open, and no empty group', () => {
    expect(places(me(['receivables.read']))).toEqual([
      '/',
      '/receivables/tasks',
      '/receivables/inbox',
      '/receivables/promises',
      '/receivables/disputes',
      '/receivables/contacts',
      '/receivables/invoices',
      '/receivables/customers',
      '/receivables/ageing',
      '/receivables/payments',
      '/insights',
      '/receivables/forecast',
      '/outstanding',
      '/outstanding/sheet',
      '/outstanding/tracker',
    ])
    expect(navigationFor(me([])).map((group) => group.label)).toEqual([null])
  })

  test('shows organisations to superusers alone', () => {
    expect(places(me(allPermissions))).not.toContain('/admin/organisations')
    expect(places(me([], { is_superuser: true, tenant: null }))).toEqual(['/', '/admin/organisations'])
  })

  test('gives no two places the same letter', () => {
    const letters = navigationFor(me(allPermissions, { is_superuser: true })).flatMap((group) =>
      group.items.flatMap((item) => item.letter ?? []),
    )
    expect(new Set([...letters, 'p']).size).toBe(letters.length + 1)
  })
})

describe('the palette', () => {
  const find = (query: string, person = me(allPermissions)) =>
    matching(commandsFor(person), query).map((command) => command.label)

  test('finds by the beginnings of words, labels first', () => {
    expect(find('inv')[0]).toBe('Invoices')
    expect(find('inv')).toContain('Invite a colleague')
    expect(find('aging')).toEqual(['Ageing'])
    expect(find('invite col')[0]).toBe('Invite a colleague')
    expect(find('zzz')).toEqual([])
  })

  test('offers only what is allowed', () => {
    expect(find('inv', me([]))).toEqual([])
    expect(find('', me([]))).toContain('Sign out')
  })
})

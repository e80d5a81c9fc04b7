import { i18n } from '@lingui/core'
import type { CompiledMessage } from '@lingui/message-utils/compileMessage'
import { describe, expect, test } from 'vitest'
import { isPermission, permissions } from '../server/modules/identity/permissions.ts'
import { type Catalogue, compileCatalogue } from './compile-messages.ts'
import { accent, padding } from './pseudo.ts'
import { readSource } from './source-strings.ts'

const files = import.meta.glob<Catalogue>('./locales/en/*.ts', { import: 'default', eager: true })
const areas: Record<string, Catalogue> = Object.fromEntries(
  Object.entries(files).map(([path, messages]) => [path.replace(/^.*\/(\w+)\.ts$/, '$1'), messages]),
)
const english: Catalogue = Object.assign({}, ...Object.values(areas))
const source = readSource(import.meta.dirname)

/** Names of the values that a message asks for, also inside its plurals. */
function placeholders(message: CompiledMessage, found = new Set<string>()): Set<string> {
  for (const token of message) {
    if (typeof token === 'string') continue
    const [name, , choices] = token
    found.add(name)
    if (choices && typeof choices === 'object')
      for (const choice of Object.values(choices)) if (Array.isArray(choice)) placeholders(choice, found)
  }
  return found
}

describe('the catalogues', () => {
  test('no visible text bypasses them', () => {
    expect(source.bypassing).toEqual([])
  })

  test('no key is missing', () => {
    expect([...source.keys].filter((key) => !(key in english) && !isPermission(key))).toEqual([])
  })

  test('no key is unused', () => {
    const used = (key: string) =>
      source.keys.has(key) || [...source.prefixes].some((prefix) => key.startsWith(prefix))
    expect(Object.keys(english).filter((key) => !used(key))).toEqual([])
  })

  test('every call gives exactly the values that its message asks for', () => {
    const compiled = compileCatalogue(english)
    const wrong = source.calls
      .filter(({ key, values }) => values && key in english)
      .filter(
        ({ key, values }) => [...placeholders(compiled[key]!)].sort().join() !== [...values!].sort().join(),
      )
    expect(wrong.map(({ key, place }) => `${place} ${key}`)).toEqual([])
  })

  test('permissions are called what the server calls them', () => {
    for (const { code, label } of permissions)
      expect(english[`core.permission_${code.replace('.', '_')}`], code).toBe(label)
  })

  test('keys begin with the name of their area', () => {
    for (const [area, messages] of Object.entries(areas))
      for (const key of Object.keys(messages)) expect(key.startsWith(`${area}.`), key).toBe(true)
  })

  test('every message is valid ICU, in English and in the pseudo-locale', () => {
    const compiled = compileCatalogue(english)
    const pseudo = compileCatalogue(english, true)
    for (const key of Object.keys(english))
      expect(JSON.stringify(pseudo[key]), key).not.toBe(JSON.stringify(compiled[key]))
  })

  test('the runtime fills values and chooses plurals from compiled messages', () => {
    i18n.load('en', compileCatalogue(english))
    i18n.activate('en')
    expect(i18n._('core.palette_count', { count: 1 })).toBe('1 result')
    expect(i18n._('core.palette_count', { count: 0 })).toBe('Nothing found')
    expect(i18n._('core.rows_of', { from: 1, to: 50, total: 1234 })).toBe('1 to 50 of 1,234')
  })
})

describe('the pseudo-locale', () => {
  test('accents letters and keeps tags', () => {
    expect(accent('Save <0>all</0>')).toBe('Šáṽé <0>áļļ</0>')
  })

  test('is about a third longer, short words by more', () => {
    expect(padding('Save')).toHaveLength(2)
    expect(padding('Everything that is due, in one book.')).toHaveLength(9)
    expect(padding('42')).toBe('')
  })
})

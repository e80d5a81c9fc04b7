import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'

const web = resolve(import.meta.dirname, '..')
const mantine = resolve(web, '../node_modules/@mantine/core')

/** Names imported from Mantine anywhere in the pages. */
function componentsInUse(): Set<string> {
  const names = new Set<string>()
  for (const file of readdirSync(web, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.tsx') || file.startsWith('dist')) continue
    const source = readFileSync(`${web}/${file}`, 'utf8')
    for (const [, list] of source.matchAll(/import \{([^}]*)\} from '@mantine\/(?:core|notifications)'/g)) {
      for (const name of list!.split(',')) {
        const plain = name.trim()
        if (/^[A-Z]/.test(plain)) names.add(plain.split(' ')[0]!)
      }
    }
  }
  return names
}

/** Style sheets of a component and of everything it is made of, by following its imports. */
function sheetsOf(file: string, seen = new Set<string>(), sheets = new Set<string>()): Set<string> {
  if (seen.has(file) || !existsSync(file)) return sheets
  seen.add(file)
  const name = basename(file)
  if (name.endsWith('.module.mjs')) sheets.add(name.replace('.module.mjs', ''))
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/from "(\.[^"]+)"/g))
    sheetsOf(resolve(dirname(file), path!), seen, sheets)
  return sheets
}

test('the style sheet of every Mantine component in use is loaded', () => {
  const loaded = readFileSync(`${web}/styles/mantine.css`, 'utf8')
  const wanted = new Set<string>()
  for (const name of componentsInUse())
    for (const sheet of sheetsOf(`${mantine}/esm/components/${name}/${name}.mjs`)) wanted.add(sheet)
  const missing = [...wanted].filter(
    (sheet) =>
      existsSync(`${mantine}/styles/${sheet}.layer.css`) && !loaded.includes(`/styles/${sheet}.layer.css`),
  )
  expect(wanted.size).toBeGreaterThan(20)
  expect(missing).toEqual([])
})

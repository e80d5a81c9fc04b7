// Reads the pages' source for the test of the catalogues: which keys are used, and which words bypass them.

import { readdirSync, readFileSync } from 'node:fs'
import { parseSync } from 'vite'

type Node = { type: string; start: number; end: number } & Record<string, unknown>
export type Call = { key: string; values: string[] | null; place: string }
export type Found = {
  /** Keys written out anywhere, in t() or in tables of labels. */
  keys: Set<string>
  /** Beginnings of keys put together at run time, such as `core.page_`. */
  prefixes: Set<string>
  calls: Call[]
  /** Words that reach the screen without the catalogue, with their places. */
  bypassing: string[]
}

/** They run in Node, not in the browser. */
const tools =
  /^(build|dev|vite-config|budget|messages-plugin|scheme-plugin|compile-messages|pseudo|source-strings|words-for-tests)\.ts$/
const areas = readdirSync(`${import.meta.dirname}/locales/en`)
  .map((name) => name.replace('.ts', ''))
  .join('|')
const keyShape = new RegExp(`^(${areas})\\.[a-z0-9_]+$`)
const prefixShape = new RegExp(`^(${areas})\\.[a-z0-9_]+_$`)
/** Attributes and properties whose value people read or hear. */
const visible = new Set(
  'label title placeholder description alt aria-label aria-description aria-roledescription header caption why lead action error nothingFoundMessage message summary hint'.split(
    ' ',
  ),
)
/** Attributes that hold several words which nobody reads. */
const silent = new Set(
  'className d viewBox accept style width height fill transform data-autofocus aria-keyshortcuts autoComplete fontFamily fontFamilyMonospace'.split(
    ' ',
  ),
)
const hasLetters = (text: string) => /\p{L}{2}/u.test(text)
/** Two words of which one has small letters; not a list of classes, codes or fonts. */
const isSentence = (text: string) =>
  /\p{Ll}{2} \p{L}{2}|\p{L}{2} \p{Ll}{2}/u.test(text) &&
  !/^[a-z0-9-]+( [a-z0-9-]+)*$|sans-serif|monospace|^color-mix/.test(text)

export function readSource(folder: string): Found {
  const found: Found = { keys: new Set(), prefixes: new Set(), calls: [], bypassing: [] }
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file) || /\.test\.tsx?$|\.d\.ts$|^dist|^locales/.test(file) || tools.test(file))
      continue
    readFile(`${folder}/${file}`, file, found)
  }
  return found
}

function readFile(path: string, name: string, found: Found): void {
  const source = readFileSync(path, 'utf8')
  const { program, errors } = parseSync(name, source)
  if (errors.length > 0) throw new Error(`${name}: ${errors[0]!.message}`)
  const place = (node: Node) => `${name}:${source.slice(0, node.start).split('\n').length}`

  const visit = (node: Node, parents: Node[]): void => {
    const parent = parents.at(-1)
    if (
      node.type.startsWith('TS') &&
      node.type !== 'TSAsExpression' &&
      node.type !== 'TSSatisfiesExpression' &&
      node.type !== 'TSNonNullExpression'
    )
      return
    if (/^(Import|Export(All|Named)Declaration$)/.test(node.type) && 'source' in node && node.source) return
    if (node.type === 'JSXText' && hasLetters(String(node.value)))
      found.bypassing.push(`${place(node)} ${String(node.value).trim()}`)
    if (node.type === 'Literal' && typeof node.value === 'string') text(node, node.value, parent, parents)
    if (node.type === 'TemplateElement') {
      const cooked = (node.value as { cooked: string }).cooked
      if (prefixShape.test(cooked)) found.prefixes.add(cooked)
      else text(node, cooked, parent, parents)
    }
    if (
      node.type === 'CallExpression' &&
      (node.callee as Node).type === 'Identifier' &&
      (node.callee as { name?: string }).name === 't'
    )
      call(node)
    for (const child of children(node)) visit(child, [...parents, node])
  }

  const text = (node: Node, value: string, parent: Node | undefined, parents: Node[]): void => {
    if (keyShape.test(value)) {
      found.keys.add(value)
      return
    }
    const attribute = nameOf(
      parents.findLast((one) => one.type === 'JSXAttribute' || one.type === 'Property'),
    )
    if (attribute && silent.has(attribute)) return
    if (parent?.type === 'Property' && parent.key === node) return
    // Compared with, not shown.
    if (parent?.type === 'BinaryExpression' && /^[!=]==$/.test(String(parent.operator))) return
    const direct = parent?.type === 'JSXAttribute' || parent?.type === 'Property'
    if ((direct && attribute && visible.has(attribute) && hasLetters(value)) || isSentence(value))
      found.bypassing.push(`${place(node)} ${value}`)
  }

  const call = (node: Node): void => {
    const [key, values] = node.arguments as Node[]
    if (key?.type !== 'Literal') return
    const properties =
      values?.type === 'ObjectExpression' ? (values.properties as Node[]) : values ? null : []
    const names = properties?.every((one) => one.type === 'Property')
      ? properties.map((one) => nameOf(one) ?? '')
      : null
    found.calls.push({ key: String(key.value), values: names, place: place(node) })
  }

  visit(program as unknown as Node, [])
}

function nameOf(node: Node | undefined): string | undefined {
  const name = (node?.name ?? node?.key) as { name?: string; value?: string } | undefined
  return name?.name ?? name?.value
}

function children(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter(
      (value): value is Node =>
        typeof value === 'object' && value !== null && typeof (value as Node).type === 'string',
    )
}

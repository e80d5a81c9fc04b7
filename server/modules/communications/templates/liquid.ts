import { Liquid, LiquidError, type Template } from 'liquidjs'
import { invalidField } from '../../../core/errors.ts'

/**
 * The language of templates: Liquid without anything that reads files, and within limits, since templates are written by
 * organisations and run in the one process of all. Variables are own properties of plain data; an unknown one is refused
 * when a template is saved, so that nobody is written to as "Dear ,".
 */
const engine = new Liquid({
  relativeReference: false,
  // No file system at all: layouts and partials are looked up in this empty list.
  templates: {},
  dynamicPartials: false,
  ownPropertyOnly: true,
  strictFilters: true,
  strictVariables: true,
  lenientIf: true,
  parseLimit: 20_000,
  renderLimit: 200,
  memoryLimit: 200_000,
})
for (const tag of ['include', 'render', 'layout', 'block', 'increment', 'decrement', 'liquid', '#'])
  delete engine.tags[tag]
// Filters that could grow a text beyond its limits, or show what is none of a reader's business.
for (const filter of ['json', 'jsonify', 'inspect', 'raw', 'where_exp', 'group_by_exp', 'date'])
  delete engine.filters[filter]

/** Values that a template may name: texts, and lists of texts by name. */
export type Values = Record<string, string | number | boolean | Record<string, string>[]>

const parsed = new Map<string, Template[]>()
const KEPT = 500

function parse(template: string): Template[] {
  const known = parsed.get(template)
  if (known) return known
  const fresh = engine.parse(template)
  if (parsed.size >= KEPT) parsed.delete(parsed.keys().next().value!)
  parsed.set(template, fresh)
  return fresh
}

/**
 * What is wrong with a template in one sentence, or null: its grammar, a filter that there is not, a word nobody fills in, or that it
 * takes too long. It is filled in once to see.
 */
export function faultOf(template: string, words: readonly string[]): string | null {
  try {
    const unknown = engine.globalVariablesSync(parse(template)).find((word) => !words.includes(word))
    if (unknown)
      return `Nothing fills in “${unknown}”. What a template may name: ${words.map((word) => `{{${word}}}`).join(', ')}.`
    engine.renderSync(parse(template), Object.fromEntries(words.map((word) => [word, word])))
    return null
  } catch (error) {
    return sentenceOf(error)
  }
}

function sentenceOf(error: unknown) {
  if (!(error instanceof LiquidError)) return 'This template cannot be read.'
  return `This template cannot be read: ${error.message.split('\n')[0]!.replace(/, file:\S*/, '')}.`
}

export function checkTemplate(field: string, template: string, words: readonly string[]) {
  const fault = faultOf(template, words)
  if (fault) throw invalidField(field, fault, 'template')
}

/** A template filled in; what takes too long or grows too large is refused as a fault of the template. */
export function fill(template: string, values: Values): string {
  try {
    return engine.renderSync(parse(template), values)
  } catch (error) {
    throw invalidField('message', sentenceOf(error), 'template')
  }
}

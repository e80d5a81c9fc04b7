// Filters live in the address: a page can be shared, reloaded and left with the back button.

export type Search = Record<string, string | undefined>

/** ?a=1&b=x to an object of strings; no JSON in the address. */
export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text))
}

export function stringifySearch(search: Record<string, unknown>): string {
  const entries = Object.entries(search).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString()
  return text ? `?${text}` : ''
}

/** Keeps the named keys only, so that a mistyped address cannot smuggle anything into a request. */
export function pick<Name extends string>(
  search: Record<string, unknown>,
  names: readonly Name[],
): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {}
  for (const name of names) {
    const value = search[name]
    if (typeof value === 'string' && value !== '') found[name] = value
    else if (typeof value === 'number') found[name] = String(value)
  }
  return found
}

/** A page number from the address, at least 1. */
export function pageOf(text: string | undefined): number {
  const page = Number(text)
  return Number.isInteger(page) && page > 0 ? page : 1
}

/** "-name" sorts by name, descending. */
export function sortOf(text: string | undefined): { by: string; descending: boolean } | null {
  if (!text) return null
  return text.startsWith('-') ? { by: text.slice(1), descending: true } : { by: text, descending: false }
}

/** What clicking a column's header asks for next: ascending, descending, none. */
export function nextSort(current: string | undefined, column: string): string | undefined {
  if (current === column) return `-${column}`
  return current === `-${column}` ? undefined : column
}

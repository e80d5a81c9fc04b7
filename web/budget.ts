import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'

/** Bytes after gzip. First load = everything the browser must fetch before the sign-in page can be drawn. */
export const limits = {
  first_js: 220 * 1024,
  first_css: 45 * 1024,
  route_js: 40 * 1024,
  charts_js: 200 * 1024,
}
/** Comes with the first chart that is shown, beside the page. */
const charts = 'shared/echarts.ts'

type Chunk = {
  file: string
  src?: string
  isEntry?: boolean
  imports?: string[]
  dynamicImports?: string[]
  css?: string[]
}
export type Manifest = Record<string, Chunk>
export type Sizes = {
  first_js: number
  first_css: number
  routes: { name: string; js: number; css: number }[]
}

/** All chunks that come with a chunk: itself and what it imports statically. */
export function closure(manifest: Manifest, key: string, seen = new Set<string>()): Set<string> {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const next of manifest[key]?.imports ?? []) closure(manifest, next, seen)
  return seen
}

/** What each lazy page adds to the first load, its catalogue aside (counted as a chunk of its own). */
export function sizes(manifest: Manifest, bytes: (file: string) => number): Sizes {
  const entries = Object.keys(manifest).filter((key) => manifest[key]?.isEntry)
  const first = new Set(entries.flatMap((key) => [...closure(manifest, key)]))
  const js = (keys: Iterable<string>) => [...keys].reduce((sum, key) => sum + bytes(manifest[key]!.file), 0)
  const css = (keys: Iterable<string>) =>
    [...new Set([...keys].flatMap((key) => manifest[key]?.css ?? []))].reduce(
      (sum, file) => sum + bytes(file),
      0,
    )
  const lazy = [...new Set(Object.values(manifest).flatMap((chunk) => chunk.dynamicImports ?? []))]
  const routes = lazy
    .filter((key) => !first.has(key))
    .map((key) => {
      const added = [...closure(manifest, key)].filter((part) => !first.has(part))
      return { name: key.replace(/^\.\.\//, ''), js: js(added), css: css(added) }
    })
    .sort((a, b) => b.js - a.js)
  return { first_js: js(first), first_css: css(first), routes }
}

/** One sentence per limit that is broken; empty when all is well. */
export function overBudget(found: Sizes): string[] {
  const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`
  const broken: string[] = []
  if (found.first_js > limits.first_js)
    broken.push(`First-load JavaScript is ${kb(found.first_js)}, limit ${kb(limits.first_js)}.`)
  if (found.first_css > limits.first_css)
    broken.push(`First-load CSS is ${kb(found.first_css)}, limit ${kb(limits.first_css)}.`)
  for (const route of found.routes) {
    const limit = route.name.endsWith(charts) ? limits.charts_js : limits.route_js
    if (route.js > limit) broken.push(`Route ${route.name} adds ${kb(route.js)}, limit ${kb(limit)}.`)
  }
  return broken
}

export async function measure(dist: string): Promise<Sizes> {
  const manifest = JSON.parse(await readFile(`${dist}/.vite/manifest.json`, 'utf8')) as Manifest
  const cache = new Map<string, number>()
  for (const chunk of Object.values(manifest))
    for (const file of [chunk.file, ...(chunk.css ?? [])])
      if (!cache.has(file)) cache.set(file, gzipSync(await readFile(`${dist}/${file}`)).length)
  return sizes(manifest, (file) => cache.get(file) ?? 0)
}

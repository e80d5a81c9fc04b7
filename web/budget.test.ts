import { expect, test } from 'vitest'
import { limits, type Manifest, overBudget, sizes } from './budget.ts'

const manifest: Manifest = {
  'index.html': {
    file: 'main.js',
    isEntry: true,
    imports: ['_first'],
    dynamicImports: ['pages/a.tsx'],
    css: ['main.css'],
  },
  _first: { file: 'first.js' },
  'pages/a.tsx': { file: 'a.js', imports: ['_first', '_shared'], css: ['a.css'] },
  _shared: { file: 'shared.js' },
}
const bytes: Record<string, number> = {
  'main.js': 10,
  'first.js': 100,
  'a.js': 5,
  'shared.js': 7,
  'main.css': 3,
  'a.css': 2,
}

test('a page costs what it adds to the first load', () => {
  expect(sizes(manifest, (file) => bytes[file]!)).toEqual({
    first_js: 110,
    first_css: 3,
    routes: [{ name: 'pages/a.tsx', js: 12, css: 2 }],
  })
})

test('each broken limit is named', () => {
  const found = {
    first_js: limits.first_js + 1,
    first_css: 0,
    routes: [{ name: 'pages/a.tsx', js: limits.route_js + 1024, css: 0 }],
  }
  expect(overBudget(found)).toEqual([
    'First-load JavaScript is 220.0 KB, limit 220.0 KB.',
    'Route pages/a.tsx adds 41.0 KB, limit 40.0 KB.',
  ])
  expect(overBudget({ first_js: 0, first_css: 0, routes: [] })).toEqual([])
})

import { openTable, rowsOf } from '../server/core/tabular.ts'

// Reads one file alone, and says what it took. A process of its own: its peak memory is that of the reading.

const [path] = process.argv.slice(2)
const start = performance.now()
const table = await openTable(path!, () => 0)
let rows = 0
let cells = 0
for await (const batch of rowsOf(path!, table)) {
  rows += batch.length
  for (const row of batch) cells += row.cells.length
}
console.log(
  JSON.stringify({ rows, cells, ms: performance.now() - start, rss: process.resourceUsage().maxRSS / 1024 }),
)

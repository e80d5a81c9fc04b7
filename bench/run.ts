import { measureAgeing } from './ageing.ts'
import { measureSearch, measureWorklist } from './answers.ts'
import { measureDashboard } from './dashboard.ts'
import { measureDebtors } from './debtors.ts'
import { measureImports } from './imports.ts'
import { listPage } from './list-page.ts'
import { measureReport } from './report.ts'
import { measureSheets } from './sheets.ts'

// npm run bench            every measurement
// npm run bench -- list    the named ones
// Each prints a ratio against the physical limit measured in the same run; absolute times depend on the machine.

export type Measured = {
  what: string
  ours: string
  limit: string
  ratio: number
  wanted: string
  ok: boolean
}

const benches: Record<string, () => Promise<Measured[]>> = {
  ageing: measureAgeing,
  dashboard: measureDashboard,
  debtors: measureDebtors,
  list: listPage,
  search: measureSearch,
  worklist: measureWorklist,
  sheets: measureSheets,
  report: measureReport,
  imports: measureImports,
}

const named = process.argv.slice(2)
const unknown = named.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(
    `There is no measurement ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.`,
  )
  process.exit(1)
}
const rows: Measured[] = []
for (const [name, measure] of Object.entries(benches)) {
  if (named.length > 0 && !named.includes(name)) continue
  console.log(`== ${name}`)
  rows.push(...(await measure()))
}
console.log()
console.table(
  Object.fromEntries(
    rows.map(({ what, ours, limit, ratio, wanted, ok }) => [
      what,
      { ours, limit, ratio: ratio.toFixed(2), wanted, '': ok ? 'ok' : 'missed' },
    ]),
  ),
)

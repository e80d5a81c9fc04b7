import { readReport } from '../server/modules/debtors/report/reading.ts'

// Reads one report as a server does, and tells the time and the memory it took.

const began = performance.now()
const reading = await readReport(
  { path: process.argv[2]!, name: 'report.pdf' },
  { exponent: 2 },
  new AbortController().signal,
)
if (!reading.agrees) throw new Error(reading.warnings.join(' '))
const whole = performance.now() - began
// In kilobytes, at its highest.
const peak = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ whole, peak, read: reading.rows.length }))

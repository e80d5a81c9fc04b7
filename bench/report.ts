import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openPdf } from '../server/modules/debtors/report/pdf.ts'
import { account, ages, draw, named } from '../tests/debtor-reports/table.ts'
import { debtors } from '../tests/debtor-reports/truth.ts'
import { seeded } from '../tests/seeded.ts'
import type { Measured } from './run.ts'

const ROWS = 2000
const run = promisify(execFile)

/** A debtor report of 2,000 accounts: its text against pdftotext, where that is installed, and the whole reading. */
export async function measureReport(): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-report-'))
  try {
    const rows = debtors(seeded(1), { count: ROWS, contacts: false })
    const labels = ['Current', '30 Days', '60 Days', '90 Days', '120 Days', '150 Days', '180 Days', 'Balance']
    const path = join(folder, 'report.pdf')
    await writeFile(
      path,
      await draw({
        rows,
        columns: [account(24), named(80), ...ages(300, 66, labels)],
        pageTotal: 'Page total',
      }),
    )
    const text = await best(async () => {
      const pdf = await openPdf(path, 'report.pdf')
      for (let page = 0; page < pdf.pages; page++) pdf.page(page)
      pdf.close()
    })
    const theirs = await best(() => run('pdftotext', ['-layout', path, join(folder, 'report.txt')])).catch(
      () => null,
    )
    // In a process of its own: this one has drawn the report.
    const child = join(import.meta.dirname, 'report-reader.ts')
    const { stdout } = await run(process.execPath, [child, path])
    const { whole, peak, read } = JSON.parse(stdout) as { whole: number; peak: number; read: number }
    if (read !== ROWS) throw new Error(`${read} accounts of ${ROWS}`)
    const ms = (time: number) => `${Math.round(time)} ms`
    const mb = (bytes: number) => Math.round(bytes / 1e6)
    if (theirs === null)
      console.log(
        `  text in ${ms(text)}; not compared, since there is no pdftotext here (Debian: poppler-utils)`,
      )
    return [
      ...(theirs === null
        ? []
        : [
            {
              what: `text of a report of ${ROWS} accounts`,
              ours: ms(text),
              limit: `pdftotext -layout ${ms(theirs)}`,
              ratio: text / theirs,
              wanted: '<= 2',
              ok: text <= theirs * 2,
            },
          ]),
      {
        what: `a report of ${ROWS} accounts read, in its thread`,
        ours: ms(whole),
        limit: '3000 ms',
        ratio: whole / 3000,
        wanted: '<= 1',
        ok: whole <= 3000,
      },
      {
        what: 'memory of that process at its peak',
        ours: `${mb(peak)} MB`,
        limit: '300 MB',
        ratio: mb(peak) / 300,
        wanted: '<= 1',
        ok: mb(peak) <= 300,
      },
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function best(work: () => Promise<unknown>): Promise<number> {
  let time = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const began = performance.now()
    await work()
    time = Math.min(time, performance.now() - began)
  }
  return time
}

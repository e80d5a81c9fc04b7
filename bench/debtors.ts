import { asSystem } from '../server/core/scope.ts'
import { openPharmacy } from '../server/modules/debtors/pharmacies.ts'
import type { Reading, ReportRow } from '../server/modules/debtors/report/types.ts'
import { storeReading } from '../server/modules/debtors/store.ts'
import { type TestApp, withApp } from '../tests/app.ts'
import { call, type Target } from '../tests/call.ts'
import { account, drop, letIn, paper, pharmacy } from '../tests/debtors.ts'
import { organisation, person } from '../tests/given.ts'
import type { Measured } from './run.ts'

// Debtors of a pharmacy: pages of a list of 100,000, a report of 2,000 accounts from its upload to its list, and the list as files.

const DEBTORS = 100_000
const REPORT = 2_000

/** Queries of the list, each read for pages 1 to 20; every page is to be answered in 50 ms of the server's time. */
const queries: [string, Record<string, string>][] = [
  ['by balance', {}],
  ['by name', { sort_by: 'name', sort_order: 'asc' }],
  ['by d60', { sort_by: 'd60', sort_order: 'desc' }],
  ['arrears above 5,000, with e-mail', { min_balance: '5000', has_email: 'true' }],
  ['owing in d90 or d120', { ageing_buckets: 'd90,d120' }],
  ['search', { search: 'dlamini 77' }],
]

const limit = (what: string, ours: number, most: number, unit = 'ms'): Measured => ({
  what,
  ours: `${ours.toFixed(0)} ${unit}`,
  limit: `${most} ${unit}`,
  ratio: ours / most,
  wanted: '≤ 1',
  ok: ours <= most,
})

export const measureDebtors = (): Promise<Measured[]> =>
  withApp(async (t) => {
    const org = await organisation(t, { currency: 'ZAR', timezone: 'Africa/Johannesburg', country: 'ZA' })
    const admin = await person(t, { in: org })
    const clerk = await person(t, { in: org, roles: ['pharmacy_write'] })
    const [large, small] = [await pharmacy(t, admin, 'Large'), await pharmacy(t, admin, 'Small')]
    for (const id of [large, small]) await letIn(t, admin, clerk, id)
    await fill(t, org.id, large)
    const measured: Measured[] = []
    const get = async (path: string, query: Record<string, string>) => {
      const answer = await call(t, `GET /pharmacies/${large}/debtors${path}` as Target, { as: clerk, query })
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
      return Number(answer.headers['x-process-time']) * 1000
    }
    for (const [what, query] of queries) {
      await get('', query)
      const times: number[] = []
      for (let page = 1; page <= 20; page += 1) times.push(await get('', { ...query, page: String(page) }))
      const slowest = Math.max(...times)
      console.log(
        `  ${what}: median ${times.toSorted((a, b) => a - b)[10]!.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms`,
      )
      measured.push(limit(`page of 100,000 debtors, ${what}, slowest of 20`, slowest, 50))
    }
    measured.push(limit('statistics of 100,000 debtors', await get('/statistics', {}), 50))

    const report = await paper(
      Array.from({ length: REPORT }, (_, n) =>
        account(
          String(100_000 + n),
          `NAME ${n} OF MANY`,
          { 0: n % 900, 2: n % 77, 3: n % 13 },
          { email: `n${n}@example.com`, phone: `082${String(1_000_000 + n)}` },
        ),
      ),
    )
    await drop(t, clerk, small, await paper([account('1', 'WARM UP', { 0: 1 })]))
    const uploading = await timed(async () => {
      const { status, body } = await drop(t, clerk, small, report)
      if (status !== 200 || body.status !== 'completed')
        throw new Error(`The upload answered ${status} ${body.status}`)
    })
    measured.push(limit('report of 2,000 accounts, uploaded to stored', uploading, 3_000))

    const file = async (id: number, kind: string) => {
      const { status, raw } = await call(t, `POST /pharmacies/${id}/debtors/download-${kind}`, {
        as: clerk,
        json: {},
      })
      if (status !== 200) throw new Error(`${kind} answered ${status}`)
      return raw.rawPayload.length
    }
    await file(small, 'pdf')
    measured.push(limit('PDF of 2,000 debtors', await timed(() => file(small, 'pdf')), 2_000))
    measured.push(limit('CSV of 100,000 debtors', await timed(() => file(large, 'csv')), 5_000))
    return measured
  })

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

const surnames = ['Dlamini', 'Naidoo', 'Botha', 'Khan', 'Mokoena', 'Pillay', 'van Wyk', 'Nkosi']

/** A report of 100,000 accounts, stored as one that was read. */
async function fill(t: TestApp, tenantId: number, pharmacyId: number) {
  const rows: ReportRow[] = Array.from({ length: DEBTORS }, (_, n) => {
    const [current, d30, d60, d90, d120, d150, d180] = [7, 11, 13, 17, 19, 23, 29].map((prime) =>
      (n * prime) % 3 === 0 ? (n * prime * 7_919) % 900_000 : 0,
    ) as [number, number, number, number, number, number, number]
    return {
      acc_no: String(1_000_000 + n),
      name: `${surnames[n % surnames.length]} ${n}`,
      buckets: { current, d30, d60, d90, d120, d150, d180 },
      balance: current + d30 + d60 + d90 + d120 + d150 + d180,
      email: n % 3 === 0 ? null : `debtor.${n}@example.com`,
      phone: n % 4 === 0 ? null : `082${String(1_000_000 + n)}`,
      is_medical_aid_control: n % 500 === 0,
      is_control: false,
      page: 1 + Math.floor(n / 50),
      line: 0,
      sub_of: null,
      confidence: 1,
      notes: [],
    }
  })
  const reading: Reading = {
    rows,
    lines: [],
    checks: [],
    agrees: true,
    columns: [],
    questions: [],
    layout: 'bench',
    report_date: '2026-10-31',
    title: null,
    pages: [],
    how: 'text',
    warnings: [],
  }
  const ms = await timed(() =>
    asSystem(
      t.database,
      'benchmark',
      async (system) => {
        const scope = await system.enter(tenantId)
        const { id } = await scope.db
          .insertInto('debtor_reports')
          .values({
            outlet_id: pharmacyId,
            file_sha256: 'b'.repeat(64),
            file_name: 'bench.pdf',
            file_size: 1,
            mime: 'application/pdf',
            uploaded_at: scope.now,
          })
          .returning('id')
          .executeTakeFirstOrThrow()
        await storeReading(scope, await openPharmacy(scope, pharmacyId), id, reading)
      },
      { bulk: true },
    ),
  )
  console.log(`  100,000 accounts stored in ${(ms / 1000).toFixed(1)} s`)
}

import { sql } from 'kysely'
import { asSystem, type Scope } from '../server/core/scope.ts'
import { saveChannel } from '../server/modules/communications/channels.ts'
import { createPharmacy, openPharmacy } from '../server/modules/debtors/pharmacies.ts'
import { BUCKETS, type Bucket, type ReportRow } from '../server/modules/debtors/report/types.ts'
import { makeCurrent, storeReading } from '../server/modules/debtors/store.ts'
import type { TestApp } from './app.ts'
import type { Organisation, Person } from './given.ts'

// Sentences that give a pharmacy a list of debtors without a document, and the ways it sends by.

export type Given = Partial<Record<Bucket, number>> & {
  acc_no: string
  name?: string
  email?: string | null
  phone?: string | null
  medical_aid?: boolean
  control?: boolean
}

export const within = <T>(test: TestApp, org: Organisation, work: (scope: Scope) => Promise<T>): Promise<T> =>
  asSystem(test.deps.database, 'given', async (system) => work(await system.enter(org.id)), {
    now: test.clock.now(),
  })

export const pharmacy = (test: TestApp, org: Organisation, name = 'Sunrise Pharmacy'): Promise<number> =>
  within(test, org, (scope) =>
    createPharmacy(scope, {
      name,
      email: 'accounts@sunrise.example',
      phone: '0115551234',
      bank_name: 'FNB',
      banking_account: '62001234567',
    }),
  )

/** Lets somebody read, and write, at a pharmacy. */
export const access = (test: TestApp, org: Organisation, who: Person, outlet: number, can_write: boolean) =>
  within(test, org, (scope) =>
    sql`insert into outlet_access (tenant_id, user_id, outlet_id, can_read, can_write) values (${org.id}, ${who.id}, ${outlet}, true, ${can_write})
        on conflict (tenant_id, user_id, outlet_id) do update set can_write = excluded.can_write`.execute(
      scope.db,
    ),
  )

/** A report of a day that is the list from now on; answers the id of each account. Amounts in minor units. */
export async function report(
  test: TestApp,
  org: Organisation,
  outlet: number,
  rows: Given[],
  { day }: { day?: string } = {},
): Promise<Record<string, number>> {
  return within(test, org, async (scope) => {
    const open = await openPharmacy(scope, outlet)
    const { rows: made } = await sql<{ id: number }>`
      insert into debtor_reports (tenant_id, outlet_id, file_sha256, file_name, file_size, mime, uploaded_at)
      values (${org.id}, ${outlet}, ${'0'.repeat(64)}, 'report.pdf', 1, 'application/pdf', ${scope.now}) returning id`.execute(
      scope.db,
    )
    await storeReading(scope, open, made[0]!.id, {
      rows: rows.map((row, line): ReportRow => {
        const buckets = Object.fromEntries(BUCKETS.map((bucket) => [bucket, row[bucket] ?? 0])) as Record<
          Bucket,
          number
        >
        return {
          acc_no: row.acc_no,
          name: row.name ?? `Debtor ${row.acc_no}`,
          buckets,
          balance: Object.values(buckets).reduce((sum, each) => sum + each, 0),
          email: row.email === undefined ? `d${row.acc_no}@example.com` : row.email,
          phone: row.phone === undefined ? `082${row.acc_no.padStart(7, '1').slice(-7)}` : row.phone,
          is_medical_aid_control: row.medical_aid ?? false,
          is_control: row.control ?? row.medical_aid ?? false,
          page: 1,
          line,
          sub_of: null,
          confidence: 1,
          notes: [],
        }
      }),
      lines: [],
      checks: [],
      agrees: true,
      columns: [],
      questions: [],
      layout: 'given',
      report_date: day ?? scope.today,
      title: null,
      pages: [],
      how: 'text',
      warnings: [],
    })
    const now = await openPharmacy(scope, outlet)
    if (now.report_id !== made[0]!.id) await makeCurrent(scope, now, made[0]!.id)
    const { rows: ids } = await sql<{ acc_no: string; id: number }>`
      select acc_no, customer_id as id from debtor_balances where tenant_id = ${org.id} and outlet_id = ${outlet} and report_id = ${made[0]!.id}`.execute(
      scope.db,
    )
    return Object.fromEntries(ids.map(({ acc_no, id }) => [acc_no, id]))
  })
}

export const sendsBy = (
  test: TestApp,
  org: Organisation,
  outlet: number | null,
  kind: 'email' | 'sms',
  provider: 'sendgrid' | 'smsportal' | 'outbox',
  secrets: Record<string, string> = {},
) =>
  within(test, org, (scope) =>
    saveChannel(scope, test.deps.keys, {
      outlet_id: outlet,
      kind,
      provider,
      settings: { ...(kind === 'email' ? { from_email: 'accounts@sunrise.example' } : {}), part_price: 25 },
      secrets,
    } as never),
  )

/** Moves the clock to the next time it shows this on a weekday in a time zone that is ahead of UTC by so many hours. */
export function atWork(test: TestApp, hoursAhead = 2, hour = 10) {
  const local = new Date(test.clock.now().getTime() + hoursAhead * 3_600_000)
  const target = new Date(local)
  target.setUTCHours(hour, 0, 0, 0)
  // Well beyond every holiday at the turn of the year: a Wednesday of February or later in the year.
  while (target <= local || target.getUTCDay() !== 3 || ![1, 6, 7, 10].includes(target.getUTCMonth()))
    target.setUTCDate(target.getUTCDate() + 1)
  test.clock.ahead(target.getTime() - local.getTime())
}

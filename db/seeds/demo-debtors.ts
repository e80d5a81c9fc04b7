import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { ApiDeps } from '../../server/core/api.ts'
import { addDays } from '../../server/core/dates.ts'
import { asSystem, businessDay } from '../../server/core/scope.ts'
import { demoPasswordFor } from '../../server/modules/tenancy/demo.ts'
import { debtorReportPdf, type PrintedAccount } from './debtor-report.ts'
import { seeded } from './demo-books.ts'

// The debtors of the demo's pharmacy: its reports of the last two month ends, dropped in like anybody's. Between them some have paid, some
// have got older, some are new.

const first =
  'Anita Bongani Chitra Dineo Esther Farah Gugu Hema Imraan Jabu Kiran Lerato Meera Naledi Omar Pooja Qaasim Rekha Sipho Thandi Uma Vusi Wendy Xolani Yusuf Zanele'.split(
    ' ',
  )
const last =
  'Naidoo Dlamini Pillay Mokoena Govender Botha Khan Nkosi Reddy van Wyk Moodley Zulu Singh Molefe Joshi Adams Ngcobo Mehta Fourie Patel'.split(
    / (?!Wyk)/,
  )

type Account = PrintedAccount & { ages: [number, number, number, number, number, number, number] }

function demoAccounts(): Account[] {
  const random = seeded(4_013)
  const rands = (from: number, to: number) => Math.round((from + random() * (to - from)) * 100)
  return Array.from({ length: 96 }, (_, n) => {
    const name = `${first[n % first.length]!} ${last[(n * 7) % last.length]!}`
    // How far back they are behind: most not at all, some for half a year.
    const behind = n % 5 === 3 ? 2 + Math.floor(random() * 5) : n % 3 === 1 ? 1 : 0
    const ages = [0, 0, 0, 0, 0, 0, 0].map((_, age) =>
      age <= behind && random() < 0.85 ? rands(60, age === 0 ? 900 : 450) : 0,
    ) as Account['ages']
    if (n % 31 === 9) ages[0] = -rands(20, 150)
    const word = name.toLowerCase().replaceAll(' ', '.')
    return {
      acc_no: String(100_200 + n * 7),
      name: name.toUpperCase(),
      ages,
      email: n % 9 === 4 || n % 4 === 2 ? null : `${word}@demo.duebook.example`,
      phone: n % 9 === 4 || n % 13 === 5 ? null : `98${2 + (n % 3)}05${String(51_000 + n * 37)}`,
    }
  })
}

/** A month later: what was owed is a month older, a part of it is paid, and something is bought again. */
function monthLater(accounts: readonly Account[]): Account[] {
  const random = seeded(8_021)
  const older = accounts.flatMap((account) => {
    const paysAll = random() < 0.22
    const [current, d30, d60, d90, d120, d150, d180] = account.ages
    const bought = random() < 0.6 ? Math.round((40 + random() * 700) * 100) : 0
    const pays = paysAll ? 0 : 1
    const ages: Account['ages'] = [
      bought,
      (random() < 0.5 ? 0 : pays) * Math.max(0, current),
      pays * d30,
      pays * d60,
      pays * d90,
      pays * d120,
      pays * (d150 + d180),
    ]
    return paysAll && random() < 0.7 ? [] : [{ ...account, ages }]
  })
  const joined = Array.from({ length: 7 }, (_, n): Account => {
    const name = `${first[(n * 5 + 2) % first.length]!} ${last[(n * 3 + 1) % last.length]!}`
    return {
      acc_no: String(100_900 + n * 3),
      name: name.toUpperCase(),
      ages: [Math.round((80 + random() * 500) * 100), 0, 0, 0, 0, 0, 0],
      email: n % 3 === 0 ? null : `${name.toLowerCase().replaceAll(' ', '.')}.2@demo.duebook.example`,
      phone: `9835059${String(100 + n)}`,
    }
  })
  return [...older, ...joined]
}

const control: Account[] = [
  {
    acc_no: '900001',
    name: 'MEDICAL AID CONTROL ACC',
    ages: [8_412_000, 1_230_550, 0, 0, 0, 0, 0],
    phone: null,
  },
]

export async function loadDemoDebtors(app: FastifyInstance, deps: ApiDeps) {
  const today = businessDay(deps.now(), 'Asia/Kolkata')
  const lastEnd = addDays(`${today.slice(0, 7)}-01`, -1)
  const endBefore = addDays(`${lastEnd.slice(0, 7)}-01`, -1)
  const password = demoPasswordFor(deps)
  const token = async (username: string) =>
    (await app.inject({ method: 'POST', url: '/auth/login', payload: { username, password } })).json<{
      access_token: string
    }>().access_token
  const admin = { authorization: `Bearer ${await token('admin')}` }
  const clerk = { authorization: `Bearer ${await token('pharmacy')}` }
  const listed = await app.inject({ method: 'GET', url: '/pharmacies', headers: admin })
  const pharmacies = listed.json<{ pharmacy_id: number; name: string }[]>()
  for (const [at, { pharmacy_id }] of pharmacies.entries())
    await app.inject({
      method: 'PUT',
      url: `/pharmacies/${pharmacy_id}`,
      headers: admin,
      payload: { bank_name: 'Sunrise Bank', banking_account: `62 555 0${at} 1188` },
    })
  const hillside = pharmacies.find(({ name }) => name === 'Hillside Pharmacy')!
  const before = demoAccounts()
  for (const [day, accounts] of [
    [endBefore, before],
    [lastEnd, monthLater(before)],
  ] as const) {
    const pdf = await debtorReportPdf({
      pharmacy: 'Hillside Pharmacy',
      day,
      accounts: [...accounts, ...control],
    })
    const form = new FormData()
    form.set('file', new File([pdf as never], `debtors-${day}.pdf`, { type: 'application/pdf' }))
    const sent = await app.inject({
      method: 'POST',
      url: `/pharmacies/${hillside.pharmacy_id}/debtors/upload`,
      headers: clerk,
      payload: form,
    })
    if (sent.statusCode !== 200)
      throw new Error(`The demo's debtor report answered ${sent.statusCode}: ${sent.body}`)
  }
  // They came in when their months ended.
  await asSystem(deps.database, 'demo debtors', async (system) => {
    const tenant = await system.db
      .selectFrom('tenants')
      .select('id')
      .where('is_demo', '=', true)
      .executeTakeFirstOrThrow()
    const scope = await system.enter(tenant.id)
    await sql`update debtor_reports set uploaded_at = (report_date + 1) + time '08:12' where tenant_id = ${scope.tenantId} and report_date is not null`.execute(
      scope.db,
    )
  })
}

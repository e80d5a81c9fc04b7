import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { ApiDeps } from '../../server/core/api.ts'
import { addDays } from '../../server/core/dates.ts'
import { asSystem, businessDay } from '../../server/core/scope.ts'
import { demoPasswordFor } from '../../server/modules/tenancy/demo.ts'
import { recordBeforeLastFile, recordDemoCash } from './demo-cash.ts'
import { loadDemoPromises } from './demo-promises.ts'

// The receivables of the demo: three exports, sixty and thirty days old and of the first day, loaded through the import
// like anybody's. Customers keep their habits: some pay early, most a little late, some hardly at all.

const customers =
  `Aravalli Infra|Bharat Ready Mix|Coastal Constructions|Deccan Builders|Eastern Bridges|Falcon Roads|Godavari Cement Works
Himalaya Tunnels|Indus Precast|Jaya Housing|Konkan Ports|Lakshmi Developers|Malabar Piling|Narmada Dams|Orient Concrete|Pioneer Townships
Qutub Metro Works|Rajdhani Flyovers|Sahyadri Quarries|Tapti Structures|Udaan Airports|Vindhya Highways|Western Pumps|Yamuna Projects
Zenith Towers|Ashoka Girders|Brahmaputra Civil|Chambal Mining|Dakshin Slabs|Ellora Stone|Forum Malls|Ganga Waterways|Harbour Line Works
Ishan Power|Jamuna Bricks|Kaveri Canals|Lotus Villas|Mahanadi Steel|Nilgiri Estates|Omkar Realty`
    .split(/[|\n]/)
    .map((name) => name.trim())
const regions = ['Pune', 'Mumbai', 'Delhi', 'Chennai', 'Hyderabad', 'Kolkata', 'Ahmedabad', 'Bangalore']
/** The demo's customers by code, each in its region. */
export const demoCustomers = customers.map((name, who) => ({
  code: `C${String(1001 + who)}`,
  customer: `${name} Pvt Ltd`,
  region: regions[who % regions.length]!,
}))
const terms = [15, 30, 30, 45, 60]

type Habit = { from: number; to: number; neverPays: number }
/** Days from due date to payment, and the share of invoices that stay open. */
const habits: Habit[] = [
  { from: -10, to: 2, neverPays: 0.01 },
  { from: 0, to: 20, neverPays: 0.03 },
  { from: 5, to: 45, neverPays: 0.06 },
  { from: 20, to: 100, neverPays: 0.15 },
]

export type DemoInvoice = {
  unit: string
  code: string
  customer: string
  region: string
  number: string
  issued: string
  due: string
  rupees: number
  paid: string | null
  /** Paid in part: the share that stays open. */
  share: number
  disputed: boolean
}

const HISTORY_DAYS = 300
const INVOICES = 460

/** The same story each time, told relative to `today`. */
export function demoInvoices(today: string): DemoInvoice[] {
  const random = seeded(2026)
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  return Array.from({ length: INVOICES }, (_, n) => {
    // A few customers buy much of what is sold.
    const who = Math.floor(random() ** 1.7 * customers.length)
    const habit = habits[who % 7 === 3 ? 3 : who % habits.length]!
    const issued = addDays(today, -Math.floor(((INVOICES - n) / INVOICES) * HISTORY_DAYS))
    const due = addDays(issued, terms[who % terms.length]!)
    const stays = random() < habit.neverPays
    const rupees = between(4, 90) * 12_500 + between(0, 99) * 118
    return {
      unit: who % 3 === 0 ? 'Pumps' : 'Batching Plants',
      code: `C${String(1001 + who)}`,
      customer: `${customers[who]!} Pvt Ltd`,
      region: regions[who % regions.length]!,
      number: `MEQ/26/${String(1201 + n).padStart(5, '0')}`,
      issued,
      due,
      rupees,
      paid: stays ? null : addDays(due, between(habit.from, habit.to)),
      share: random() < 0.08 ? pick([0.25, 0.4, 0.5]) : 0,
      disputed: stays && random() < 0.55,
    }
  })
}

/** Their department's export leaves out what is paid: it goes missing, and so was paid since the export before. */
const leavesOutPaid = ({ code }: DemoInvoice) => Number(code.slice(1)) % 3 === 1

/** Most have an address for invoices; some have none, and one of those that are there does not work. */
const reachedBy = ({ code, customer }: DemoInvoice) =>
  Number(code.slice(1)) % 11 === 5
    ? ['', '']
    : [
        `accounts@${customer.replace(' Pvt Ltd', '').toLowerCase().replaceAll(' ', '-')}.example`,
        `+91 20 5550 ${code.slice(1)}`,
      ]

/** The export that the ERP would have written on a day: everything issued by then, with what was open. */
export function demoExport(invoices: readonly DemoInvoice[], day: string): string {
  const lines = [
    'operating_unit,customer_name,customer_id,region,invoice_number,invoice_date,due_date,invoice_amount,open_amount,currency,payment_status,settled_on,email,phone',
  ]
  for (const each of invoices) {
    if (each.issued > day) continue
    const paid = each.paid !== null && each.paid <= day
    const open = paid ? Math.round(each.rupees * each.share) : each.rupees
    if (open === 0 && leavesOutPaid(each)) continue
    const status = open === 0 ? 'Paid' : each.disputed ? 'Disputed' : paid ? 'Partial' : 'Overdue'
    lines.push(
      [
        each.unit,
        each.customer,
        each.code,
        each.region,
        each.number,
        each.issued,
        each.due,
        each.rupees.toFixed(2),
        open.toFixed(2),
        'INR',
        status,
        paid ? each.paid : '',
        ...reachedBy(each),
      ].join(','),
    )
  }
  return `${lines.join('\n')}\n`
}

const mapping = {
  operating_unit: 'operating_unit',
  customer_name: 'customer_name',
  customer_code: 'customer_id',
  region: 'region',
  invoice_number: 'invoice_number',
  invoice_date: 'invoice_date',
  due_date: 'due_date',
  amount: 'invoice_amount',
  open_amount: 'open_amount',
  currency: 'currency',
  status: 'payment_status',
  settled_on: 'settled_on',
  email: 'email',
  phone: 'phone',
}

/** Loads the three exports as the demo's operations lead, then hands invoices to the people who work them. */
export async function loadDemoBooks(app: FastifyInstance, deps: ApiDeps) {
  const today = businessDay(deps.now(), 'Asia/Kolkata')
  const signedIn = await app.inject({
    method: 'POST',
    url: '/api/auth/token',
    payload: { username: 'operations', password: demoPasswordFor(deps) },
  })
  const authorization = `Bearer ${signedIn.json().access_token}`
  const invoices = demoInvoices(today)
  for (const day of [addDays(today, -60), addDays(today, -30), today]) {
    if (day === today) {
      const unpaid = invoices.find(
        (each) => each.paid === null && !each.disputed && each.issued > addDays(today, -120),
      )
      await recordBeforeLastFile(app, authorization, unpaid?.number, today)
    }
    const form = new FormData()
    form.set('mapping', JSON.stringify(mapping))
    form.set('as_of', day)
    form.set('kind', 'open_items')
    form.set('file', new Blob([demoExport(invoices, day)], { type: 'text/csv' }), `receivables-${day}.csv`)
    const request = new Request('http://localhost', { method: 'POST', body: form })
    const answer = await app.inject({
      method: 'POST',
      url: '/api/import-ar-data',
      headers: { authorization, 'content-type': request.headers.get('content-type')! },
      payload: Buffer.from(await request.arrayBuffer()),
    })
    if (answer.statusCode !== 200)
      throw new Error(`The demo's receivables could not be loaded: ${answer.body}`)
  }
  await recordDemoCash(app, authorization, today)
  await assign(deps)
  await loadDemoPromises(deps)
}

/** Disputes to the biller, one region to its engineer, half of the rest to the collector; the rest waits unassigned. */
async function assign(deps: ApiDeps) {
  await asSystem(
    deps.database,
    'demo assignments',
    async (system) => {
      const tenant = await system.db
        .selectFrom('tenants')
        .select('id')
        .where('is_demo', '=', true)
        .executeTakeFirstOrThrow()
      const scope = await system.enter(tenant.id)
      await sql`
        update invoices i set assigned_by_hand = true, assigned_to = (select u.id from users u where u.deleted_at is null and u.username =
               case when i.is_disputed then 'biller' when g.code = 'pune' then 'engineer' else 'collector' end)
          from invoices x left join regions g on g.tenant_id = x.tenant_id and g.id = x.region_id
         where i.tenant_id = ${tenant.id} and x.tenant_id = ${tenant.id} and x.id = i.id
           and (i.is_disputed or g.code = 'pune' or i.customer_id % 2 = 0)`.execute(scope.db)
    },
    { now: deps.now() },
  )
}

/** mulberry32: small, and the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

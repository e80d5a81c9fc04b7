import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { ApiDeps } from '../../server/core/api.ts'
import { addDays, daysBetween } from '../../server/core/dates.ts'
import { asSystem, businessDay } from '../../server/core/scope.ts'
import { addMonths, monthEnd, monthText } from '../../server/modules/outstanding/rules.ts'
import { bandOfDays } from '../../server/modules/receivables/bands.ts'
import { demoPasswordFor } from '../../server/modules/tenancy/demo.ts'
import { demoCustomers, seeded } from './demo-books.ts'

// The service bills of the demo, which its export leaves out: the country manager uploads them as a sheet each month. Engineers of
// Pune follow theirs up; who pays late in the books pays these late as well.

type Bill = {
  code: string
  customer: string
  region: string
  department: string
  number: string
  issued: string
  rupees: number
  paid: string | null
}

function demoBills(today: string): Bill[] {
  const random = seeded(77)
  return demoCustomers.flatMap(({ code, customer, region }, who) =>
    Array.from({ length: 5 }, (_, n) => {
      const issued = addDays(today, -Math.floor(40 + random() * (who % 5 === 3 ? 460 : 200)))
      const stays = random() < (who % 5 === 3 ? 0.6 : 0.25)
      return {
        code,
        customer,
        region,
        department: who % 4 === 1 ? 'Pump' : 'Batching Plant',
        number: `SRV/26/${String(who * 5 + n + 1).padStart(4, '0')}`,
        issued,
        rupees: Math.floor(2 + random() * 60) * 1_250,
        paid: stays ? null : addDays(issued, Math.floor(25 + random() * 110)),
      }
    }),
  )
}

function demoSheet(bills: readonly Bill[], month: string, department: string): string {
  const end = monthEnd(month)
  const name = monthText(month).slice(0, 3)
  const lines = [`Accode,Party Name,Region,Age,Inv.No,Invoice Date,Inv.Amt,${name}.Outstg.Amt`]
  for (const each of bills)
    if (each.department === department && each.issued <= end && (each.paid === null || each.paid > end))
      lines.push(
        [
          each.code,
          each.customer,
          each.region,
          bandOfDays(daysBetween(each.issued, end)),
          each.number,
          each.issued,
          each.rupees,
          each.rupees,
        ].join(','),
      )
  return `${lines.join('\n')}\n`
}

/** The last three months of both departments; then what people have written beside them. */
export async function loadDemoOutstanding(app: FastifyInstance, deps: ApiDeps) {
  const today = businessDay(deps.now(), 'Asia/Kolkata')
  const signedIn = await app.inject({
    method: 'POST',
    url: '/api/auth/token',
    payload: { username: 'country', password: demoPasswordFor(deps) },
  })
  const authorization = `Bearer ${signedIn.json().access_token}`
  const bills = demoBills(today)
  const running = `${today.slice(0, 7)}-01`
  for (const back of [3, 2, 1])
    for (const department of ['Batching Plant', 'Pump']) {
      const month = addMonths(running, -back)
      const form = new FormData()
      form.set('month', monthText(month))
      form.set('department', department)
      const content = new Blob([demoSheet(bills, month, department)], { type: 'text/csv' })
      form.set('file', content, `${monthText(month)} ${department}.csv`)
      const request = new Request('http://localhost', { method: 'POST', body: form })
      const answer = await app.inject({
        method: 'POST',
        url: '/api/upload',
        headers: { authorization, 'content-type': request.headers.get('content-type')! },
        payload: Buffer.from(await request.arrayBuffer()),
      })
      if (answer.statusCode !== 200)
        throw new Error(`The demo's outstanding sheet could not be loaded: ${answer.body}`)
    }
  await writeBeside(deps)
}

async function writeBeside(deps: ApiDeps) {
  await asSystem(
    deps.database,
    'demo remarks',
    async (system) => {
      const tenant = await system.db
        .selectFrom('tenants')
        .select('id')
        .where('is_demo', '=', true)
        .executeTakeFirstOrThrow()
      const scope = await system.enter(tenant.id)
      await sql`
        update customers c
           set remark = (array['payment received', null, 'partial payment', 'under follow-up', null, 'dispute', null])[1 + c.id % 7],
               notes = (array['Promised by the end of the month.', null, 'Accounts asks for the delivery challan of SRV bills.',
                              'Rate difference under discussion with the site.', null])[1 + c.id % 5],
               assigned_to = case when g.code = 'pune' then (select u.id from users u where u.deleted_at is null and u.username = 'engineer') end
          from customers x left join regions g on g.tenant_id = x.tenant_id and g.id = x.region_id
         where c.tenant_id = ${tenant.id} and x.tenant_id = ${tenant.id} and x.id = c.id and x.region_id is not null`.execute(
        scope.db,
      )
      await sql`
        update invoices i set assigned_by_hand = true, assigned_to = c.assigned_to
          from customers c
         where i.tenant_id = ${tenant.id} and c.tenant_id = ${tenant.id} and c.id = i.customer_id and c.assigned_to is not null
           and i.open_amount <> 0 and i.number like 'SRV/%'`.execute(scope.db)
    },
    { now: deps.now() },
  )
}

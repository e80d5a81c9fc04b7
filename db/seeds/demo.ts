import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { ApiDeps } from '../../server/core/api.ts'
import { asSystem, type Scope, type SystemScope } from '../../server/core/scope.ts'
import { refreshPredictions } from '../../server/modules/collections/prediction/predictions.ts'
import { addMember, findRoles } from '../../server/modules/identity/members.ts'
import { hashPassword } from '../../server/modules/identity/passwords.ts'
import { insertPerson } from '../../server/modules/identity/people.ts'
import { demoCode, demoPasswordFor, isDemo } from '../../server/modules/tenancy/demo.ts'
import { addPresetRegions, createDepartment, createOutlet } from '../../server/modules/tenancy/places.ts'
import { createTenant } from '../../server/modules/tenancy/tenants.ts'
import { loadDemoBooks } from './demo-books.ts'
import { loadDemoDebtors } from './demo-debtors.ts'
import { loadDemoDisputes } from './demo-disputes.ts'
import { loadDemoInsights } from './demo-insights.ts'
import { loadDemoOutstanding } from './demo-outstanding.ts'
import { loadDemoReminders } from './demo-reminders.ts'
import { loadDemoWork } from './demo-work.ts'

// Meridian Equipment sells and services concrete plants in India, runs two pharmacies for its townships, and pays
// agents for leads. One organisation, so that every module has somebody to sign in as.

type Person = {
  username: string
  full_name: string
  role: string
  region?: string
  department?: string
  outlets?: [string, boolean][]
}
const people: Person[] = [
  { username: 'admin', full_name: 'Asha Rao', role: 'tenant_admin' },
  { username: 'director', full_name: 'Daniel Mehta', role: 'director' },
  { username: 'operations', full_name: 'Omar Sheikh', role: 'operations' },
  { username: 'collector', full_name: 'Chitra Nair', role: 'collector' },
  { username: 'biller', full_name: 'Binod Das', role: 'biller' },
  { username: 'country', full_name: 'Kavita Joshi', role: 'country_manager', department: 'Batching Plant' },
  {
    username: 'manager',
    full_name: 'Manoj Patil',
    role: 'regional_manager',
    region: 'pune',
    department: 'Batching Plant',
  },
  { username: 'engineer', full_name: 'Esha Kulkarni', role: 'engineer', region: 'pune', department: 'Pump' },
  {
    username: 'pharmacy',
    full_name: 'Priya Naidoo',
    role: 'pharmacy_write',
    outlets: [
      ['Hillside Pharmacy', true],
      ['Station Road Pharmacy', false],
    ],
  },
  { username: 'clerk', full_name: 'Arjun Iyer', role: 'finsentry_user' },
  { username: 'approver', full_name: 'Anita Bose', role: 'finsentry_manager' },
  { username: 'agent', full_name: 'Alisher Karimov', role: 'agent' },
  { username: 'supervisor', full_name: 'Sevara Yusupova', role: 'supervisor' },
  { username: 'accountant', full_name: 'Farrukh Aliyev', role: 'accountant' },
]

/** Makes the demo organisation once, in two steps that a killed start takes up again; a cleared demo stays cleared. */
export async function loadDemo(app: FastifyInstance, deps: ApiDeps) {
  const password_hash = await hashPassword(demoPasswordFor(deps))
  const options = { now: deps.now() }
  const step = (reason: string, work: (scope: Scope | null, system: SystemScope) => Promise<unknown>) =>
    asSystem(
      deps.database,
      reason,
      async (system) => {
        await sql`select pg_advisory_xact_lock(hashtext('duebook demo'))`.execute(system.db)
        const known = await system.db
          .selectFrom('tenants')
          .select('id')
          .where((tenant) =>
            tenant.or([
              tenant('is_demo', '=', true),
              tenant('was_demo', '=', true),
              tenant('code', '=', demoCode),
            ]),
          )
          .orderBy('is_demo', 'desc')
          .executeTakeFirst()
        return work(known ? await system.enter(known.id) : null, system)
      },
      options,
    )
  await step('demo people', async (existing, system) => {
    if (existing) return
    const scope = await createTenant(
      system,
      {
        name: 'Meridian Equipment',
        code: demoCode,
        currency: 'INR',
        timezone: 'Asia/Kolkata',
        country: 'IN',
        is_demo: true,
      },
      0,
    )
    await addPeople(scope, password_hash)
  })
  const waiting = await step('demo books', async (scope) => {
    if (!scope || !(await isDemo(scope))) return false
    const loaded = await scope.db
      .selectFrom('events')
      .select('id')
      .where('kind', '=', 'demo.loaded')
      .limit(1)
      .executeTakeFirst()
    return !loaded
  })
  if (!waiting) return
  await loadDemoBooks(app, deps)
  await loadDemoDisputes(app, deps)
  await loadDemoOutstanding(app, deps)
  await loadDemoWork(app, deps)
  await loadDemoDebtors(app, deps)
  await loadDemoReminders(app, deps)
  await step('demo loaded', async (scope) => {
    await loadDemoInsights(scope!)
    await refreshPredictions(scope!)
    await scope!.record('demo.loaded', scope!.tenantId, {})
  })
}

async function addPeople(scope: Scope, password_hash: string) {
  const regions = await addPresetRegions(scope)
  const departments = [
    await createDepartment(scope, { name: 'Batching Plant' }),
    await createDepartment(scope, { name: 'Pump' }),
  ]
  const outlets = [
    await createOutlet(scope, {
      name: 'Hillside Pharmacy',
      code: 'PH-1',
      kind: 'pharmacy',
      email: 'hillside@demo.duebook.example',
      phone: '0215550101',
    }),
    await createOutlet(scope, {
      name: 'Station Road Pharmacy',
      code: 'PH-2',
      kind: 'pharmacy',
      email: 'station@demo.duebook.example',
      phone: '0215550102',
    }),
    await createOutlet(scope, {
      name: 'Pune Showroom',
      code: 'PUN',
      kind: 'store',
      region_id: regions.find((region) => region.code === 'pune')!.id,
    }),
  ]
  for (const person of people) {
    const [role] = await findRoles(scope, [person.role])
    const id = await insertPerson(scope, {
      username: person.username,
      email: `${person.username}@demo.duebook.example`,
      full_name: person.full_name,
      password_hash,
      is_verified: true,
    })
    await addMember(scope, id, {
      role_ids: [role!.id],
      region_id: regions.find((region) => region.code === person.region)?.id,
      department_id: departments.find((department) => department.name === person.department)?.id,
      outlets: person.outlets?.map(([name, can_write]) => ({
        outlet_id: outlets.find((outlet) => outlet.name === name)!.id,
        can_write,
      })),
    })
  }
}

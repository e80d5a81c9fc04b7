import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asSystem } from '../../server/core/scope.ts'
import { addMember, findRoles } from '../../server/modules/identity/members.ts'
import { type TestApp, testApp } from '../app.ts'
import { browser, call } from '../call.ts'
import { type Organisation, organisation, type Person, password, person, signIn } from '../given.ts'

// Links, sessions and keys that outlive the rights they were made with.

let t: TestApp
let org: Organisation
let other: Organisation
let admin: Person
let otherAdmin: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
  other = await organisation(t)
  admin = await person(t, { in: org })
  otherAdmin = await person(t, { in: other })
})
afterAll(() => t.close())

const newPassword = 'Quiet-lantern-44'
const tokenOf = (link: string) => link.split('/').at(-1)!
const linkFor = async (who: Person, by: Person) =>
  tokenOf((await call(t, `POST /api/admin/users/${who.id}/reset-link`, { as: by })).body.link)
const reset = (token: string) =>
  call(t, 'POST /api/auth/reset-password', { json: { token, new_password: newPassword } })
const inviteTo = async (email: string, by: Person, role = 'collector') =>
  tokenOf(
    (await call(t, 'POST /api/admin/invitations', { as: by, json: { email, role_codes: [role] } })).body.link,
  )
const accept = (token: string, options: Parameters<typeof call>[2] = {}) =>
  call(t, `POST /api/invitations/${token}/accept`, options)

describe('reset links', () => {
  test('one made by an organisation does not open the next one its holder joins', async () => {
    const victim = await person(t, { in: org, roles: ['collector'] })
    const token = await linkFor(victim, admin)
    const joined = await accept(await inviteTo(victim.email, otherAdmin, 'tenant_admin'), { as: victim })
    expect(joined.status).toBe(200)
    expect((await reset(token)).status).toBe(400)
  })

  test('one made before somebody got other roles stops working', async () => {
    const rising = await person(t, { in: org, roles: ['collector'] })
    const token = await linkFor(rising, admin)
    const json = { role_codes: ['tenant_admin'] }
    expect((await call(t, `PUT /api/admin/users/${rising.id}`, { as: admin, json })).status).toBe(200)
    expect((await reset(token)).status).toBe(400)
  })

  test.each(['removed', 'deactivated', 'demoted'])(
    'those of an administrator who was %s stop working, their invitations too',
    async (how) => {
      const leaver = await person(t, { in: org })
      const colleague = await person(t, { in: org, roles: ['collector'] })
      const [resetToken, invitation] = [
        await linkFor(colleague, leaver),
        await inviteTo(`back-${how}@example.com`, leaver, 'tenant_admin'),
      ]
      const target = `/api/admin/users/${leaver.id}` as const
      if (how === 'removed') await call(t, `DELETE ${target}`, { as: admin })
      else
        await call(t, `PUT ${target}`, {
          as: admin,
          json: how === 'deactivated' ? { is_active: false } : { role_codes: ['biller'] },
        })
      expect((await reset(resetToken)).status).toBe(400)
      const json = { username: `back-${how}`, full_name: 'Back Again', password }
      expect((await accept(invitation, { json })).status).toBe(404)
    },
  )
})

describe('an own account', () => {
  test('is not taken over through the administration of people, by session or by key', async () => {
    const chief = await person(t, { in: org })
    const scopes = ['users.read', 'users.write']
    const key = (await call(t, 'POST /api/profile/api-keys', { as: chief, json: { name: 'leaked', scopes } }))
      .body.key
    for (const as of [chief, { headers: { authorization: `Bearer ${key}` } }]) {
      expect(
        (await call(t, `PUT /api/users/${chief.id}`, { as, json: { password: newPassword } })).status,
      ).toBe(403)
      expect(
        (await call(t, `PUT /api/admin/users/${chief.id}`, { as, json: { email: 'mine@evil.example' } }))
          .status,
      ).toBe(403)
      expect((await call(t, `POST /api/admin/users/${chief.id}/reset-link`, { as })).status).toBe(403)
    }
    expect(await signIn(t, chief.username)).toBeTruthy()
  })

  test('its present password is not guessed through a stolen session', async () => {
    const victim = await person(t, { in: org })
    const guess = (old_password: string) =>
      call(t, 'POST /api/profile/password', { as: victim, json: { old_password, new_password: newPassword } })
    for (let n = 0; n < 10; n += 1) expect((await guess(`wrong-${n}`)).status).toBe(422)
    expect((await guess(password)).status).toBe(429)
  })
})

describe('invitations', () => {
  test('are not accepted from a foreign page', async () => {
    const form = { username: 'lured', full_name: 'Lured In', password }
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const answer = await accept(await inviteTo('lured@example.com', admin), { form, headers })
    expect(answer.status).toBe(403)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('open for the holder of the address although somebody registered it first', async () => {
    const squatter = { username: 'squatter', email: 'boss@corp.example', password }
    expect((await call(t, 'POST /api/auth/register', { json: squatter })).status).toBe(201)
    const stolen = await signIn(t, 'squatter')
    const token = await inviteTo('boss@corp.example', admin)
    expect((await call(t, `GET /api/invitations/${token}`)).body.has_account).toBe(false)
    const json = { username: 'boss', full_name: 'The Boss', password: newPassword }
    expect((await accept(token, { json })).body).toMatchObject({ username: 'boss', tenant: { id: org.id } })
    expect(
      (await call(t, 'GET /api/auth/me', { as: { headers: { authorization: `Bearer ${stolen}` } } })).status,
    ).toBe(401)
    expect((await call(t, 'POST /api/auth/token', { json: { username: 'squatter', password } })).status).toBe(
      401,
    )
  })
})

describe('rights that ended', () => {
  test('a deactivated member renews no rights in the organisation', async () => {
    const leaver = await person(t, { in: org, roles: ['collector'] })
    const window = await browser(t, leaver.username)
    await call(t, `PUT /api/admin/users/${leaver.id}`, { as: admin, json: { is_active: false } })
    const renewed = await call(t, 'POST /api/session/refresh', { as: window })
    expect(renewed.body).toMatchObject({ tenant: null, permissions: [], pending: 'no_organisation' })
  })

  test('an API key waits for the second factor that its owner must set up', async () => {
    const owner = await person(t, { in: org, roles: ['ap_clerk'] })
    const json = { name: 'robot', scopes: ['payables.read'] }
    const { key } = (await call(t, 'POST /api/profile/api-keys', { as: owner, json })).body
    const as = { headers: { authorization: `Bearer ${key}` } }
    const roles = (await call(t, 'GET /api/admin/roles', { as: admin })).body.roles
    const role = roles.find((each: { code: string }) => each.code === 'ap_clerk')
    await call(t, `PUT /api/admin/roles/${role.id}`, {
      as: admin,
      json: { ...role, requires_second_factor: true },
    })
    const answer = await call(t, `GET /api/users/${owner.id}`, { as })
    expect(answer.body).toMatchObject({ status: 403, code: 'second_factor_enrolment_required' })
  })

  test('a role of another area opens no further invoices', async () => {
    const both = await person(t, { in: org, roles: ['biller', 'finsentry_user'] })
    await asSystem(t.deps.database, 'test', async (system) => {
      const scope = await system.enter(org.id)
      const customer = await scope.db
        .insertInto('customers')
        .values({ key: 'c1', code: 'C1', name: 'Customer' })
        .returning('id')
        .executeTakeFirstOrThrow()
      await scope.db
        .insertInto('invoices')
        .values({
          customer_id: customer.id,
          number: 'I-1',
          number_key: 'I1',
          currency: 'USD',
          amount: 100,
          open_amount: 100,
        })
        .execute()
    })
    const seen = async (as: Person) => (await call(t, 'GET /api/receivables/invoices', { as })).body.total
    expect(await seen(admin)).toBe(1)
    expect(await seen(both)).toBe(0)
  })

  test('who may not see invoices reads no amounts of them in the audit trail', async () => {
    const accountant = await person(t, { in: org, roles: ['accountant'] })
    await asSystem(t.deps.database, 'test', async (system) => {
      const scope = await system.enter(org.id)
      await scope.record('invoice.updated', 1, { amount: { from: 1, to: 2 } })
    })
    const subjects = async (as: Person) =>
      (await call(t, 'GET /api/admin/audit', { as, query: { subject: 'invoice' } })).body.total
    expect(await subjects(admin)).toBe(1)
    expect(await subjects(accountant)).toBe(0)
  })
})

describe('clearing the demo', () => {
  test('needs an administrator, and spares its people who joined another organisation', async () => {
    const demo = await organisation(t, { code: 'demo' })
    await asSystem(t.deps.database, 'test', (system) =>
      system.db.updateTable('tenants').set({ is_demo: true }).where('id', '=', demo.id).execute(),
    )
    const keeper = await person(t, { in: demo, email: 'keeper@demo.duebook.example' })
    const stayer = await person(t, { in: demo, roles: ['collector'], email: 'stayer@demo.duebook.example' })
    const goer = await person(t, { in: demo, roles: ['biller'], email: 'goer@demo.duebook.example' })
    await asSystem(t.deps.database, 'test', async (system) => {
      const scope = await system.enter(other.id)
      const [role] = await findRoles(scope, ['collector'])
      await addMember(scope, stayer.id, { role_ids: [role!.id] })
    })
    const role = {
      name: 'Settings',
      description: '',
      permissions: ['settings.read', 'settings.write'],
      row_access: 'assigned',
    }
    const made = (await call(t, 'POST /api/admin/roles', { as: keeper, json: role })).body
    const clerk = await person(t, { in: demo, roles: [made.code] })
    const clear = (as: Person) =>
      call(t, 'POST /api/admin/demo/clear', { as, json: { new_password: newPassword } })
    expect((await clear(clerk)).status).toBe(403)
    expect((await clear(keeper)).status).toBe(200)
    const enter = (who: Person) =>
      call(t, 'POST /api/auth/token', { json: { username: who.username, password } })
    expect((await enter(stayer)).status).toBe(200)
    expect((await enter(goer)).status).toBe(401)
  })
})

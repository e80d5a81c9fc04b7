import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asSystem } from '../../server/core/scope.ts'
import { hashPassword } from '../../server/modules/identity/passwords.ts'
import { insertPerson } from '../../server/modules/identity/people.ts'
import { rolePresets } from '../../server/modules/identity/presets.ts'
import { assertMayChange, assertMayGrant, showsEveryOutlet } from '../../server/modules/identity/rules.ts'
import { type TestApp, testApp } from '../app.ts'
import { call } from '../call.ts'
import { type Organisation, organisation, type Person, password, person } from '../given.ts'

// Nobody grants what they lack, changes somebody stronger, or removes the last administrator.

let t: TestApp
let org: Organisation
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t)
})
afterAll(() => t.close())

type Preset = (typeof rolePresets)[number]
const covers = (actor: Preset, other: Preset) =>
  other.permissions.every((permission) => actor.permissions.includes(permission))
const withPermission = (permission: string) =>
  rolePresets.filter((preset) => (preset.permissions as readonly string[]).includes(permission))
let n = 0
const fresh = () => {
  n += 1
  return `walker${n}`
}
const someone = (roles: string[]) => person(t, { in: org, roles, signedIn: false })

describe('all pairs of preset roles', () => {
  test('the rule itself', () => {
    let [granted, refused] = [0, 0]
    for (const actor of rolePresets) {
      for (const other of rolePresets) {
        const who = {
          permissions: new Set<string>(actor.permissions),
          row_access: actor.row_access,
          sees_all_outlets: showsEveryOutlet(actor),
          is_superuser: false,
        }
        const target = {
          permissions: new Set<string>(other.permissions),
          row_access: other.row_access,
          is_superuser: false,
        }
        const role = { ...other, permissions: [...other.permissions] }
        const rows =
          actor.row_access === 'all' ||
          other.row_access === actor.row_access ||
          other.row_access === 'assigned'
        if (covers(actor, other) && rows) {
          granted += 1
          assertMayGrant(who, [role])
          assertMayChange(who, target)
        } else {
          refused += 1
          expect(() => assertMayGrant(who, [role])).toThrow(/cannot give/)
          expect(() => assertMayChange(who, target)).toThrow(/may do more/)
        }
      }
    }
    expect(granted + refused).toBe(rolePresets.length ** 2)
    expect(granted).toBeGreaterThan(rolePresets.length)
  })

  test.each(withPermission('users.write').map((preset) => preset.code))(
    '%s gives, by every way, only roles that allow no more than theirs',
    async (code) => {
      const actor = rolePresets.find((preset) => preset.code === code)!
      const as = await person(t, { in: org, roles: [code] })
      for (const target of rolePresets) {
        const plain = await someone(['pharmacy_read'])
        const mayTouch = covers(actor, rolePresets.find((preset) => preset.code === 'pharmacy_read')!)
        const may = covers(actor, target)
        const asked = await asks()
        const answers = {
          invite: await call(t, 'POST /api/admin/invitations', {
            as,
            json: { email: `${fresh()}@example.com`, role_codes: [target.code] },
          }),
          // Without a usable password, so that a refusal must come first, and nothing is hashed.
          create: await call(t, 'POST /api/users', {
            as,
            json: {
              username: fresh(),
              email: `${fresh()}@example.com`,
              password: 'short',
              roles: [target.code],
            },
          }),
          approve: await call(t, `POST /api/admin/join-requests/${asked}/approve`, {
            as,
            json: { role_codes: [target.code] },
          }),
        }
        const created = answers.create.status === 422 && answers.create.body.code === 'password_weak'
        expect({
          target: target.code,
          invite: answers.invite.status,
          create: created,
          approve: answers.approve.status,
        }).toEqual({
          target: target.code,
          invite: may ? 201 : 403,
          create: may,
          approve: may ? 200 : 403,
        })
        const put = await call(t, `PUT /api/admin/users/${plain.id}`, {
          as,
          json: { role_codes: [target.code] },
        })
        expect([target.code, put.status]).toEqual([target.code, may && mayTouch ? 200 : 403])
        const own = await call(t, `PUT /api/users/${plain.id}`, { as, json: [target.code] })
        expect([target.code, own.status]).toEqual([target.code, may && mayTouch ? 200 : 403])
      }
    },
  )

  test.each(withPermission('users.write').map((preset) => preset.code))(
    '%s changes, by every way, only people who may do no more than they',
    async (code) => {
      const actor = rolePresets.find((preset) => preset.code === code)!
      const as = await person(t, { in: org, roles: [code] })
      for (const target of rolePresets) {
        const may = covers(actor, target)
        const who = await someone([target.code])
        const statuses = {
          name: (await call(t, `PUT /api/admin/users/${who.id}`, { as, json: { full_name: 'Changed' } }))
            .status,
          tracker: (await call(t, `PUT /api/users/${who.id}`, { as, json: { full_name: 'Changed' } })).status,
          weaken: (await call(t, `PUT /api/admin/users/${who.id}`, { as, json: { role_codes: [] } })).status,
          password: (
            await call(t, `PUT /api/users/${who.id}`, { as, json: { password: may ? 'x' : password } })
          ).status,
          off: (await call(t, `PUT /api/admin/users/${who.id}`, { as, json: { is_active: false } })).status,
          reset: (await call(t, `POST /api/admin/users/${who.id}/reset-link`, { as })).status,
          remove: (await call(t, `DELETE /api/admin/users/${who.id}`, { as })).status,
        }
        expect({ target: target.code, ...statuses }).toEqual(
          may
            ? {
                target: target.code,
                name: 200,
                tracker: 200,
                weaken: 200,
                password: 422,
                off: 200,
                reset: 200,
                remove: 200,
              }
            : {
                target: target.code,
                name: 403,
                tracker: 403,
                weaken: 403,
                password: 403,
                off: 403,
                reset: 403,
                remove: 403,
              },
        )
      }
    },
  )

  test.each(withPermission('roles.write').map((preset) => preset.code))(
    '%s changes only roles that allow no more than theirs, to nothing that does',
    async (code) => {
      const house = await organisation(t)
      const actor = rolePresets.find((preset) => preset.code === code)!
      const as = await person(t, { in: house, roles: [code] })
      await person(t, { in: house, roles: ['tenant_admin'], signedIn: false })
      const { roles } = (await call(t, 'GET /api/admin/roles', { as })).body
      for (const target of rolePresets) {
        const role = roles.find((each: { code: string }) => each.code === target.code)
        const put = (permissions: readonly string[]) =>
          call(t, `PUT /api/admin/roles/${role.id}`, {
            as,
            json: { name: role.name, permissions, row_access: role.row_access },
          })
        const expected = covers(actor, target) ? 200 : 403
        expect([target.code, (await put(target.permissions)).status]).toEqual([target.code, expected])
        const missing = rolePresets[0]!.permissions.find((each) => !actor.permissions.includes(each))
        if (missing) expect((await put([...target.permissions, missing])).status).toBe(403)
      }
    },
  )
})

/** The number of a request to join, from somebody new. */
async function asks(): Promise<number> {
  return asSystem(t.deps.database, 'given', async (system) => {
    const name = fresh()
    const id = await insertPerson(system, {
      username: name,
      email: `${name}@example.com`,
      password_hash: await hash,
    })
    const scope = await system.enter(org.id)
    const { rows } = await sql<{ id: number }>`
      insert into join_requests (tenant_id, user_id) values (${org.id}, ${id}) returning id`.execute(scope.db)
    return rows[0]!.id
  })
}
const hash = hashPassword(password)

describe('roles of one’s own making', () => {
  const make = (as: Person, json: Record<string, unknown>) => call(t, 'POST /api/admin/roles', { as, json })

  test('hold no permission that the maker lacks, and none that does not exist', async () => {
    const as = await person(t, { in: org, roles: ['finsentry_admin'] })
    expect((await make(as, { name: 'Too much', permissions: ['receivables.read'] })).status).toBe(403)
    expect((await make(as, { name: 'Unknown', permissions: ['payables.burn'] })).status).toBe(422)
    const made = await make(as, { name: 'Fine', permissions: ['payables.read', 'payables.read'] })
    expect([made.status, made.body.permissions]).toEqual([201, ['payables.read']])
  })

  test('cannot be enlarged to oneself', async () => {
    const admin = await person(t, { in: org })
    const role = (
      await make(admin, { name: 'Half', permissions: ['users.write', 'roles.write', 'roles.read'] })
    ).body
    const as = await person(t, { in: org, roles: [role.code] })
    const put = (json: Record<string, unknown>) => call(t, `PUT /api/admin/roles/${role.id}`, { as, json })
    expect(
      (await put({ name: 'Half', permissions: ['users.write', 'roles.write', 'audit.read'] })).status,
    ).toBe(403)
    expect(
      (await call(t, `PUT /api/admin/users/${as.id}`, { as, json: { role_codes: ['tenant_admin'] } })).status,
    ).toBe(403)
    expect((await call(t, `PUT /api/users/${as.id}`, { as, json: ['Director'] })).status).toBe(403)
  })

  test('show no rows that the maker may not see', async () => {
    const admin = await person(t, { in: org })
    const role = (
      await make(admin, {
        name: 'Own invoices',
        permissions: [
          'users.read',
          'users.write',
          'roles.read',
          'roles.write',
          'receivables.read',
          'receivables.write',
        ],
        row_access: 'assigned',
      })
    ).body
    const as = await person(t, { in: org, roles: [role.code] })
    const wide = { name: 'Wide', permissions: ['receivables.read'], row_access: 'all' }
    expect((await make(as, wide)).status).toBe(403)
    expect((await make(as, { ...wide, row_access: 'assigned', name: 'Narrow' })).status).toBe(201)
    const put = await call(t, `PUT /api/admin/roles/${role.id}`, { as, json: { ...role, row_access: 'all' } })
    expect(put.status).toBe(403)
    const given = (await make(admin, { ...wide, name: 'Wide, given' })).body
    const self = await call(t, `PUT /api/admin/users/${as.id}`, {
      as,
      json: { role_codes: [role.code, given.code] },
    })
    expect(self.status).toBe(403)
    const seesAll = await someone([given.code])
    expect((await call(t, `POST /api/admin/users/${seesAll.id}/reset-link`, { as })).status).toBe(403)
  })

  test('a preset keeps its name; a role in use is not removed, one without people is', async () => {
    const admin = await person(t, { in: org })
    const { roles } = (await call(t, 'GET /api/admin/roles', { as: admin })).body
    const biller = roles.find((each: { code: string }) => each.code === 'biller')
    const renamed = await call(t, `PUT /api/admin/roles/${biller.id}`, {
      as: admin,
      json: { ...biller, name: 'Renamed' },
    })
    expect(renamed.body.name).toBe('Biller')
    expect((await call(t, `DELETE /api/admin/roles/${biller.id}`, { as: admin })).body.code).toBe(
      'preset_role',
    )
    const role = (await make(admin, { name: 'Brief', permissions: [] })).body
    const who = await someone([role.code])
    expect((await call(t, `DELETE /api/admin/roles/${role.id}`, { as: admin })).body.code).toBe('role_in_use')
    await call(t, `PUT /api/admin/users/${who.id}`, { as: admin, json: { role_codes: [] } })
    expect((await call(t, `DELETE /api/admin/roles/${role.id}`, { as: admin })).status).toBe(204)
  })

  test('two roles of one name do not make a third code', async () => {
    const admin = await person(t, { in: org })
    expect((await make(admin, { name: 'Same', permissions: [] })).status).toBe(201)
    expect((await make(admin, { name: 'same', permissions: [] })).status).toBe(409)
  })
})

describe('the last administrator', () => {
  let house: Organisation
  let only: Person
  beforeAll(async () => {
    house = await organisation(t)
    only = await person(t, { in: house })
  })
  const put = (id: number, json: unknown, as = only) => call(t, `PUT /api/admin/users/${id}`, { as, json })

  test('stays: not weakened, not switched off, not removed, nor their role emptied', async () => {
    expect((await put(only.id, { role_codes: ['director'] })).body.code).toBe('last_administrator')
    expect((await put(only.id, { role_codes: [] })).body.code).toBe('last_administrator')
    expect((await put(only.id, { is_active: false })).status).toBe(409)
    expect((await call(t, `DELETE /api/admin/users/${only.id}`, { as: only })).status).toBe(409)
    const { roles } = (await call(t, 'GET /api/admin/roles', { as: only })).body
    const role = roles.find((each: { code: string }) => each.code === 'tenant_admin')
    const emptied = await call(t, `PUT /api/admin/roles/${role.id}`, {
      as: only,
      json: { ...role, permissions: ['users.read'] },
    })
    expect(emptied.body.code).toBe('last_administrator')
    expect((await call(t, 'GET /api/admin/users', { as: only })).status).toBe(200)
  })

  test('stays against a superuser who entered, too', async () => {
    const root = await person(t, { is_superuser: true })
    const { body } = await call(t, `POST /api/tenants/${house.id}/enter`, { as: root })
    const as = { ...root, headers: { authorization: `Bearer ${body.access_token}` } }
    expect((await put(only.id, { is_active: false }, as)).body.code).toBe('last_administrator')
    expect((await put(only.id, { role_codes: ['biller'] }, as)).body.code).toBe('last_administrator')
    expect((await call(t, `DELETE /api/admin/users/${only.id}`, { as })).body.code).toBe('last_administrator')
  })

  test('one who is switched off, or deleted, does not count', async () => {
    const second = await person(t, { in: house })
    expect((await put(second.id, { is_active: false })).status).toBe(200)
    expect((await put(only.id, { role_codes: [] })).body.code).toBe('last_administrator')
    await call(t, `DELETE /api/admin/users/${second.id}`, { as: only })
    expect((await put(only.id, { role_codes: [] })).body.code).toBe('last_administrator')
  })

  test('two who remove each other at the same moment: one stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const place = await organisation(t)
      const [a, b] = [await person(t, { in: place }), await person(t, { in: place })]
      const answers = await Promise.all([
        call(t, `DELETE /api/admin/users/${b.id}`, { as: a }),
        call(t, `DELETE /api/admin/users/${a.id}`, { as: b }),
      ])
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      // Who was looked up while the other's removal was under way may be known for half a second more.
      const inside = async () => {
        const left = await Promise.all([a, b].map((as) => call(t, 'GET /api/admin/users', { as })))
        return left.filter(({ status }) => status === 200).length
      }
      await expect.poll(inside, { timeout: 1_000, interval: 50 }).toBe(1)
    }
  })

  test('two who weaken themselves at the same moment: one stays', async () => {
    const place = await organisation(t)
    const [a, b] = [await person(t, { in: place }), await person(t, { in: place })]
    const answers = await Promise.all([put(a.id, { role_codes: [] }, a), put(b.id, { role_codes: [] }, b)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  })
})

describe('superusers', () => {
  test('are changed by nobody who is none', async () => {
    const admin = await person(t, { in: org })
    const root = await person(t, { in: org, roles: ['biller'], is_superuser: true, signedIn: false })
    for (const [method, path, json] of [
      ['PUT', `/api/admin/users/${root.id}`, { full_name: 'X' }],
      ['PUT', `/api/users/${root.id}`, { password: 'Another-harbour-8' }],
      ['DELETE', `/api/admin/users/${root.id}`, undefined],
      ['POST', `/api/admin/users/${root.id}/reset-link`, undefined],
    ] as const)
      expect((await call(t, `${method} ${path}`, { as: admin, json })).status).toBe(403)
  })

  test('nobody becomes one by any route', async () => {
    const admin = await person(t, { in: org })
    await call(t, 'PUT /api/profile', {
      as: admin,
      json: { full_name: 'X', email: admin.email, is_superuser: true },
    })
    await call(t, `PUT /api/admin/users/${admin.id}`, { as: admin, json: { is_superuser: true } })
    expect((await call(t, 'GET /api/tenants', { as: admin })).status).toBe(403)
    expect((await call(t, 'POST /api/tenants', { as: admin, json: {} })).status).toBe(422)
    const tenant = { name: 'Mine', code: 'mine', currency: 'USD', timezone: 'UTC', country: 'US' }
    expect((await call(t, 'POST /api/tenants', { as: admin, json: tenant })).status).toBe(403)
  })
})

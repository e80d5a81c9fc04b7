import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everyRowOf } from '../../server/core/scope.ts'
import { type TestApp, testApp } from '../app.ts'
import { browser, browserOf, call } from '../call.ts'
import { type Organisation, organisation, type Person, password, person, signIn } from '../given.ts'

// Ways into an organisation and between them: memberships, requests to join, invitations, reset links, superusers.

let t: TestApp
let org: Organisation
let admin: Person
beforeAll(async () => {
  t = await testApp()
  org = await organisation(t, { name: 'Harbour Trading' })
  admin = await person(t, { in: org, full_name: 'Ada Admin' })
})
afterAll(() => t.close())

let n = 0
const fresh = () => {
  n += 1
  return { username: `guest${n}`, email: `guest${n}@example.com` }
}
const lastEvent = async (kind: string, as: Person = admin) =>
  (await call(t, 'GET /api/admin/audit', { as, query: { kind } })).body.items[0]
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const tokenOf = (link: string) => link.split('/').at(-1)!

describe('requests to join', () => {
  const register = async (more: Record<string, unknown> = {}) => {
    const input = { ...fresh(), password }
    const { body } = await call(t, 'POST /api/auth/register', { json: { ...input, ...more } })
    const as = { ...body, headers: { authorization: `Bearer ${await signIn(t, input.username)}` } }
    return as as Person
  }
  const requests = async () => (await call(t, 'GET /api/admin/join-requests', { as: admin })).body.items
  const requestOf = async (who: Person) =>
    (await requests()).find((each: { username: string }) => each.username === who.username)

  test('asked by code or number, once; let in by an administrator, with roles; the next token is inside', async () => {
    const who = await register({ tenant: org.id })
    for (const code of [org.code.toUpperCase(), String(org.id)])
      await call(t, 'POST /api/organisations/join', { as: who, json: { code } })
    const mine = (await requests()).filter((each: { username: string }) => each.username === who.username)
    expect(mine).toHaveLength(1)
    expect(await lastEvent('join_request.opened')).toMatchObject({
      subject_id: mine[0].id,
      user: { id: who.id },
    })

    const approved = await call(t, `POST /api/admin/join-requests/${mine[0].id}/approve`, {
      as: admin,
      json: { role_codes: ['collector'] },
    })
    expect(approved.status).toBe(200)
    expect(await lastEvent('join_request.approved')).toMatchObject({
      subject_id: mine[0].id,
      data: { user_id: who.id, roles: ['collector'] },
    })
    const inside = bearer(await signIn(t, who.username))
    expect((await call(t, 'GET /api/auth/me', { as: inside })).body).toMatchObject({
      tenant: org.id,
      roles: ['Collector'],
    })
    expect(await requestOf(who)).toBeUndefined()
  })

  test('the session that waited is inside after its next refresh', async () => {
    const input = { ...fresh(), password }
    await call(t, 'POST /api/auth/register', { json: { ...input, tenant: org.code } })
    const waiting = await browser(t, input.username)
    expect(waiting.me).toMatchObject({ tenant: null, pending: 'no_organisation', permissions: [] })
    const { id } = await requestOf(waiting.me as Person)
    await call(t, `POST /api/admin/join-requests/${id}/approve`, {
      as: admin,
      json: { role_codes: ['biller'] },
    })
    const renewed = await call(t, 'POST /api/session/refresh', { as: waiting })
    expect(renewed.body).toMatchObject({ tenant: { id: org.id }, pending: null, roles: [{ code: 'biller' }] })
  })

  test('declined, nobody is in; decided twice, the second is 404', async () => {
    const who = await register({ tenant: org.code })
    const { id } = await requestOf(who)
    expect((await call(t, `POST /api/admin/join-requests/${id}/decline`, { as: admin })).status).toBe(200)
    expect((await call(t, 'GET /api/users', { as: who })).body.code).toBe('no_organisation')
    for (const decision of ['approve', 'decline'])
      expect(
        (
          await call(t, `POST /api/admin/join-requests/${id}/${decision}`, {
            as: admin,
            json: { role_codes: ['biller'] },
          })
        ).status,
      ).toBe(404)
  })

  test('approving wants a role, and one that exists', async () => {
    const who = await register({ tenant: org.code })
    const { id } = await requestOf(who)
    for (const role_codes of [[], ['emperor']])
      expect(
        (await call(t, `POST /api/admin/join-requests/${id}/approve`, { as: admin, json: { role_codes } }))
          .status,
      ).toBe(422)
    expect(await requestOf(who)).toBeDefined()
  })
})

describe('SIGNUP', () => {
  const tenant = { name: 'Own Shop', currency: 'UZS', timezone: 'Asia/Tashkent', country: 'UZ' }
  test('request: nobody makes an organisation of their own', async () => {
    const who = await person(t, {})
    const answer = await call(t, 'POST /api/organisations', { as: who, json: { ...tenant, code: 'shop-0' } })
    expect([answer.status, answer.body.code]).toEqual([403, 'signup_off'])
    expect((await call(t, 'GET /api/session/options')).body.signup).toBe('request')
  })
})

describe('invitations', () => {
  const invite = async (json: Record<string, unknown>) =>
    call(t, 'POST /api/admin/invitations', { as: admin, json: { role_codes: ['biller'], ...json } })
  const accept = (token: string, json: unknown, as?: { headers: Record<string, string> }) =>
    call(t, `POST /api/invitations/${token}/accept`, { json, as })
  const chosen = () => ({ username: fresh().username, full_name: 'Gwen Guest', password })

  test('the link tells what it offers, makes a member and signs them in; then it is spent', async () => {
    const region = await call(t, 'POST /api/admin/regions', { as: admin, json: { name: 'North' } })
    const outlet = await call(t, 'POST /api/admin/outlets', { as: admin, json: { name: 'Quay' } })
    const { email } = fresh()
    const made = await invite({
      email: email.toUpperCase(),
      full_name: 'Gwen',
      role_codes: ['biller', 'pharmacy_write'],
      region_id: region.body.id,
      outlets: [{ outlet_id: outlet.body.id, can_write: true }],
    })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: expect.any(Number),
      email,
      state: 'open',
      expires_at: expect.any(String),
      link: expect.stringMatching(/^http:\/\/127\.0\.0\.1:8000\/invite\/\d+\.[\w-]{43}$/),
    })
    const token = tokenOf(made.body.link)
    expect((await call(t, `GET /api/invitations/${token}`)).body).toEqual({
      organisation: 'Harbour Trading',
      email,
      full_name: 'Gwen',
      has_account: false,
    })
    const answer = await accept(token, chosen())
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ email, tenant: { id: org.id }, pending: null })
    expect(answer.body.roles.map((role: { code: string }) => role.code).sort()).toEqual([
      'biller',
      'pharmacy_write',
    ])
    expect((await call(t, 'GET /api/session', { as: browserOf(answer) })).status).toBe(200)
    const { body: user } = await call(t, `GET /api/admin/users/${answer.body.id}`, { as: admin })
    expect(user).toMatchObject({
      region: { id: region.body.id, name: 'North' },
      outlets: [{ outlet_id: outlet.body.id, name: 'Quay', can_write: true }],
    })
    expect(await lastEvent('invitation.accepted')).toMatchObject({ data: { user_id: answer.body.id, email } })

    expect((await call(t, `GET /api/invitations/${token}`)).status).toBe(404)
    expect((await accept(token, chosen())).status).toBe(404)
  })

  test('a person who has an account signs in to it first; the link alone does not open it', async () => {
    const elsewhere = await person(t, { in: await organisation(t) })
    const stranger = await person(t, { in: await organisation(t) })
    const { link } = (await invite({ email: elsewhere.email })).body
    const token = tokenOf(link)
    expect((await call(t, `GET /api/invitations/${token}`)).body.has_account).toBe(true)
    for (const as of [undefined, stranger]) {
      const answer = await accept(token, chosen(), as)
      expect([answer.status, answer.body.code, answer.raw.cookies]).toEqual([409, 'sign_in_first', []])
    }
    const joined = await accept(token, null, elsewhere)
    expect(joined.status).toBe(200)
    expect(joined.body).toMatchObject({ id: elsewhere.id, tenant: { id: org.id } })
    expect(joined.body.tenants).toHaveLength(2)
  })

  test('revoked, run out or replaced, the link is dead', async () => {
    const { email } = fresh()
    const first = (await invite({ email })).body
    const second = (await invite({ email })).body
    expect((await accept(tokenOf(first.link), chosen())).status).toBe(404)
    expect((await call(t, `DELETE /api/admin/invitations/${second.id}`, { as: admin })).status).toBe(204)
    expect((await accept(tokenOf(second.link), chosen())).status).toBe(404)
    expect((await call(t, `DELETE /api/admin/invitations/${second.id}`, { as: admin })).status).toBe(404)
    const states = (await call(t, 'GET /api/admin/invitations', { as: admin })).body.items
    expect(
      states
        .filter((each: { email: string }) => each.email === email)
        .map((each: { state: string }) => each.state),
    ).toEqual(['revoked', 'revoked'])
  })

  test.each([
    ['another secret', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['another organisation', (token: string) => token.replace(/^\d+/, '1000')],
    ['no organisation', (token: string) => token.replace(/^\d+\./, '')],
    ['a negative number', (token: string) => `-${token}`],
    ['SQL', () => "1.' or true --"],
  ])('a link with %s: 404, as for any other', async (_what, change) => {
    const { link } = (await invite({ email: fresh().email })).body
    const answer = await call(t, `GET /api/invitations/${encodeURIComponent(change(tokenOf(link)))}`)
    expect([answer.status, answer.body.code]).toEqual([404, 'invitation_gone'])
  })

  test('a weak password, a name taken or missing is told, and the link stays open', async () => {
    const { link } = (await invite({ email: fresh().email })).body
    const token = tokenOf(link)
    for (const json of [
      { ...chosen(), password: '123' },
      { ...chosen(), username: admin.username },
      { ...chosen(), full_name: '' },
      null,
    ])
      expect((await accept(token, json)).status).toBe(422)
    expect((await accept(token, chosen())).status).toBe(200)
  })

  test('a member is not invited again', async () => {
    const answer = await invite({ email: admin.email })
    expect([answer.status, answer.body.code]).toEqual([409, 'already_member'])
  })

  test('after fourteen days it has run out', async () => {
    const later = await testInvitation()
    t.clock.ahead(14 * 24 * 3_600_000 - 60_000)
    expect((await call(t, `GET /api/invitations/${later}`)).status).toBe(200)
    t.clock.ahead(120_000)
    expect((await accept(later, chosen())).status).toBe(404)
    admin = { ...admin, ...bearer(await signIn(t, admin.username)) }
  })
  const testInvitation = async () => tokenOf((await invite({ email: fresh().email })).body.link)
})

describe('reset links', () => {
  const link = async (who: Person) =>
    tokenOf((await call(t, `POST /api/admin/users/${who.id}/reset-link`, { as: admin })).body.link)
  const reset = (token: string, new_password: string) =>
    call(t, 'POST /api/auth/reset-password', { json: { token, new_password } })

  test('choose a new password once; all sessions end', async () => {
    const who = await person(t, { in: org, roles: ['Biller'] })
    const token = await link(who)
    expect(await lastEvent('user.reset_link_made')).toMatchObject({
      subject_id: who.id,
      user: { id: admin.id },
    })
    const weak = await reset(token, 'short')
    expect([weak.status, weak.body.errors[0].path]).toEqual([422, 'new_password'])
    expect((await reset(token, 'Another-harbour-8')).status).toBe(200)
    expect((await call(t, 'GET /api/auth/me', { as: who })).status).toBe(401)
    await expect(signIn(t, who.username, 'Another-harbour-8')).resolves.toEqual(expect.any(String))
    const again = await reset(token, 'Third-harbour-7')
    expect([again.status, again.body.code]).toEqual([400, 'reset_link_invalid'])
  })

  test('a newer link ends the older; a day ends both; made-up ones never worked', async () => {
    const who = await person(t, { in: org, roles: ['Biller'], signedIn: false })
    const [older, newer] = [await link(who), await link(who)]
    expect((await reset(older, 'Another-harbour-8')).status).toBe(400)
    for (const token of ['', 'x'.repeat(43), "' or true --", `${newer}x`])
      expect((await reset(token, 'Another-harbour-8')).status).toBe(400)
    t.clock.ahead(24 * 3_600_000 + 1_000)
    expect((await reset(newer, 'Another-harbour-8')).status).toBe(400)
    admin = { ...admin, ...bearer(await signIn(t, admin.username)) }
  })

  test('used ten times at once, it works once', async () => {
    const who = await person(t, { in: org, roles: ['Biller'], signedIn: false })
    const token = await link(who)
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, each) => reset(token, `Another-harbour-${each}`)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('somebody who belongs elsewhere too is reset by nobody but themselves', async () => {
    const who = await person(t, { in: await organisation(t), roles: ['Biller'] })
    const { link: invitation } = (
      await call(t, 'POST /api/admin/invitations', {
        as: admin,
        json: { email: who.email, role_codes: ['biller'] },
      })
    ).body
    await call(t, `POST /api/invitations/${tokenOf(invitation)}/accept`, { as: who, json: null })
    for (const [target, json] of [
      [`POST /api/admin/users/${who.id}/reset-link`, undefined],
      [`PUT /api/users/${who.id}`, { password: 'Another-harbour-8' }],
      [`PUT /api/admin/users/${who.id}`, { email: 'stolen@example.com' }],
    ] as const)
      expect(await call(t, target as 'PUT /', { as: admin, json })).toMatchObject({
        status: 403,
        body: { code: 'belongs_elsewhere' },
      })
    // Roles here are this organisation's to give.
    const roles = await call(t, `PUT /api/admin/users/${who.id}`, {
      as: admin,
      json: { role_codes: ['collector'] },
    })
    expect(roles.status).toBe(200)
    // Removed here, they keep their account and the other organisation.
    expect((await call(t, `DELETE /api/admin/users/${who.id}`, { as: admin })).status).toBe(200)
    const me = await call(t, 'GET /api/auth/me', { as: bearer(await signIn(t, who.username)) })
    expect(me.body.tenant).toBe(who.tenant_id)
  })

  test('asked for by its owner, the request is seen by their administrators', async () => {
    const who = await person(t, { in: org, roles: ['Biller'], signedIn: false })
    await call(t, 'POST /api/auth/forgot-password', { json: { email: who.email.toUpperCase() } })
    expect(await lastEvent('user.reset_asked')).toMatchObject({ subject_id: who.id })
  })
})

describe('several organisations', () => {
  let other: Organisation
  let host: Person
  let both: Person
  beforeAll(async () => {
    other = await organisation(t, { name: 'Other Place' })
    host = await person(t, { in: other })
    both = await person(t, { in: org, roles: ['Collector'] })
    const { link } = (
      await call(t, 'POST /api/admin/invitations', {
        as: host,
        json: { email: both.email, role_codes: ['Director'] },
      })
    ).body
    const joined = await call(t, `POST /api/invitations/${tokenOf(link)}/accept`, { as: both, json: null })
    expect(joined.status).toBe(200)
  })

  test('switching opens the other with the roles of there, and the next sign-in remembers', async () => {
    const desk = await browser(t, both.username)
    const from = (desk.me.tenant as { id: number }).id
    const to = from === org.id ? other.id : org.id
    const switched = await call(t, 'POST /api/session/switch', { as: desk, json: { tenant_id: to } })
    expect(switched.status).toBe(200)
    expect(switched.body.tenant.id).toBe(to)
    const there = browserOf(switched)
    expect((await call(t, 'GET /api/admin/users', { as: there })).status).toBe(to === other.id ? 200 : 403)
    // The session of before is over.
    expect((await call(t, 'GET /api/session', { as: desk })).status).toBe(401)
    expect(((await browser(t, both.username)).me.tenant as { id: number }).id).toBe(to)
    const back = await call(t, 'POST /api/session/switch', { as: there, json: { tenant_id: from } })
    expect(back.body.roles).not.toEqual(switched.body.roles)
  })

  test('a client with a bearer token gets tokens of the other, and keeps the one it has', async () => {
    const mine = bearer(await signIn(t, both.username))
    const here = (await call(t, 'GET /api/auth/me', { as: mine })).body.tenant
    const to = here === org.id ? other.id : org.id
    const switched = await call(t, 'POST /api/session/switch', { as: mine, json: { tenant_id: to } })
    expect(switched.body).toMatchObject({
      tenant: { id: to },
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'bearer',
    })
    expect(switched.raw.cookies).toEqual([])
    const there = bearer(switched.body.access_token)
    expect((await call(t, 'GET /api/auth/me', { as: there })).body.tenant).toBe(to)
    expect((await call(t, 'GET /api/auth/me', { as: mine })).body.tenant).toBe(here)
  })

  test('a token of one organisation reads nothing of the other', async () => {
    const desk = await browser(t, both.username)
    const here = (desk.me.tenant as { id: number }).id
    const wanted = here === other.id ? admin : host
    if (here === other.id)
      expect((await call(t, `GET /api/admin/users/${wanted.id}`, { as: desk })).status).toBe(404)
    else expect((await call(t, `GET /api/users/${wanted.id}`, { as: desk })).status).toBe(403)
  })

  test.each([
    ['where they are not', () => 999_999],
    [
      'which they left',
      async () => {
        const place = await organisation(t)
        await person(t, { in: place })
        return place.id
      },
    ],
  ])('no switch to an organisation %s: 404', async (_what, id) => {
    const desk = await browser(t, both.username)
    const { status } = await call(t, 'POST /api/session/switch', {
      as: desk,
      json: { tenant_id: await id() },
    })
    expect(status).toBe(404)
    expect((await call(t, 'GET /api/session', { as: desk })).status).toBe(200)
  })

  test('removed from the open one, their session is outside at once, and the other still opens', async () => {
    const desk = await browser(t, both.username)
    const here = (desk.me.tenant as { id: number }).id
    const [boss, rest] = here === other.id ? [host, org] : [admin, other]
    await call(t, `DELETE /api/admin/users/${both.id}`, { as: boss })
    expect((await call(t, 'GET /api/users', { as: desk })).body.code).toBe('no_organisation')
    expect((await call(t, 'GET /api/session', { as: desk })).body).toMatchObject({ tenant: null })
    const switched = await call(t, 'POST /api/session/switch', { as: desk, json: { tenant_id: rest.id } })
    expect([switched.status, switched.body.tenant?.id]).toEqual([200, rest.id])
  })
})

describe('superusers', () => {
  const input = (code: string) => ({
    name: 'New Place',
    code,
    currency: 'INR',
    timezone: 'Asia/Kolkata',
    country: 'IN',
  })

  test('are in no organisation, list and make them, and enter one: audited there', async () => {
    const root = await person(t, { is_superuser: true, username: 'root' })
    expect((await call(t, 'GET /api/auth/me', { as: root })).body).toMatchObject({
      tenant: null,
      role: 'admin',
    })
    for (const target of ['GET /api/users', 'GET /api/admin/users', 'GET /api/admin/audit'] as const)
      expect((await call(t, target, { as: root })).status).toBe(403)

    const made = await call(t, 'POST /api/tenants', { as: root, json: input('new-place') })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: expect.any(Number),
      ...input('new-place'),
      is_active: true,
      is_demo: false,
      created_at: expect.any(String),
    })
    expect((await call(t, 'POST /api/tenants', { as: root, json: input('NEW-place') })).status).toBe(409)
    const { items } = (await call(t, 'GET /api/tenants', { as: root })).body
    expect(items).toContainEqual(made.body)

    const entered = await call(t, `POST /api/tenants/${org.id}/enter`, { as: root })
    expect(entered.body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 1800,
      tenant: org.id,
    })
    const inside = bearer(entered.body.access_token)
    expect((await call(t, 'GET /api/admin/users', { as: inside })).status).toBe(200)
    expect(await lastEvent('organisation.entered')).toMatchObject({
      subject_id: org.id,
      user: { id: root.id },
      data: { by: 'superuser' },
    })
    // The token of outside stays outside, and does not see the other organisation.
    expect((await call(t, 'GET /api/admin/users', { as: root })).status).toBe(403)
    expect((await call(t, 'POST /api/tenants/999999/enter', { as: root })).status).toBe(404)
  })

  test('in a browser the cookies move along', async () => {
    const root = await person(t, { is_superuser: true, signedIn: false })
    const desk = await browser(t, root.username)
    expect(desk.me).toMatchObject({ tenant: null, pending: null, is_superuser: true })
    const entered = await call(t, `POST /api/tenants/${org.id}/enter`, { as: desk })
    expect(entered.raw.cookies).toHaveLength(2)
    const cookie = entered.raw.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const me = await call(t, 'GET /api/session', { headers: { cookie } })
    expect(me.body.tenant.id).toBe(org.id)
    expect((await call(t, 'GET /api/session', { as: desk })).status).toBe(401)
  })

  test.each(['GET /api/tenants', 'POST /api/tenants', 'POST /api/tenants/1/enter'] as const)(
    '%s is for nobody else',
    async (target) => {
      const json = target === 'POST /api/tenants' ? input('not-mine') : undefined
      expect((await call(t, target, { as: admin, json })).status).toBe(403)
      expect((await call(t, target, { json })).status).toBe(401)
    },
  )

  test('one who lost that stays not where they entered', async () => {
    const root = await person(t, { is_superuser: true })
    const { body } = await call(t, `POST /api/tenants/${org.id}/enter`, { as: root })
    const inside = bearer(body.access_token)
    const client = await t.database.bulk.connect()
    await client.query('update users set is_superuser = false where id = $1', [root.id])
    client.release()
    await expect
      .poll(async () => (await call(t, 'GET /api/admin/users', { as: inside })).status, {
        timeout: 1_000,
        interval: 50,
      })
      .toBe(403)
  })
})

describe('an organisation that was switched off', () => {
  test('opens for nobody: not signed in, not by key, not by invitation', async () => {
    const place = await organisation(t)
    const boss = await person(t, { in: place })
    const { key } = (
      await call(t, 'POST /api/profile/api-keys', { as: boss, json: { name: 'K', scopes: ['users.read'] } })
    ).body
    const { link } = (
      await call(t, 'POST /api/admin/invitations', {
        as: boss,
        json: { email: fresh().email, role_codes: ['biller'] },
      })
    ).body
    const client = await t.database.bulk.connect()
    await client.query('update tenants set is_active = false where id = $1', [place.id])
    client.release()
    await expect
      .poll(async () => (await call(t, 'GET /api/admin/users', { as: boss })).status, {
        timeout: 1_000,
        interval: 50,
      })
      .toBe(403)
    expect((await call(t, 'GET /api/admin/users', { headers: { 'x-api-key': key } })).status).toBe(401)
    expect((await call(t, `GET /api/invitations/${tokenOf(link)}`)).status).toBe(404)
    const root = await person(t, { is_superuser: true })
    expect((await call(t, `POST /api/tenants/${place.id}/enter`, { as: root })).status).toBe(404)
  })
})

test('no secret lies readable in the database, and none in the audit trail', async () => {
  const who = await person(t, { in: org, roles: ['tenant_admin'] })
  const login = (await call(t, 'POST /api/auth/login', { form: { username: who.username, password } })).body
  const second = (await call(t, 'POST /api/profile/second-factor', { as: who })).body
  const key = (
    await call(t, 'POST /api/profile/api-keys', { as: who, json: { name: 'K', scopes: ['users.read'] } })
  ).body
  const invitation = (
    await call(t, 'POST /api/admin/invitations', {
      as: who,
      json: { email: fresh().email, role_codes: ['biller'] },
    })
  ).body
  const weak = await person(t, { in: org, roles: ['Biller'], signedIn: false })
  const reset = (await call(t, `POST /api/admin/users/${weak.id}/reset-link`, { as: who })).body
  const ticket = (await call(t, 'POST /api/realtime/ticket', { as: who })).body.ticket
  await call(t, `PUT /api/users/${weak.id}`, { as: who, json: { password: 'Secret-harbour-5' } })
  const secrets = {
    password,
    'new password': 'Secret-harbour-5',
    access: login.access_token,
    refresh: login.refresh_token,
    totp: second.secret,
    key: key.key.slice(-43),
    invitation: tokenOf(invitation.link).split('.')[1],
    reset: tokenOf(reset.link),
    ticket,
  }
  const owner = new pg.Client(t.testDatabase.owner)
  await owner.connect()
  const { rows: tables } = await owner.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  )
  await owner.query(`begin; ${everyRowOf(org.id)}`)
  for (const { name } of tables) {
    for (const [what, secret] of Object.entries(secrets)) {
      expect(secret?.length, what).toBeGreaterThan(10)
      const { rows } = await owner.query(`select 1 from ${name} x where strpos(x::text, $1) > 0 limit 1`, [
        secret,
      ])
      expect([what, name, rows.length]).toEqual([what, name, 0])
    }
  }
  await owner.end()
})

describe('the audit trail', () => {
  test('says who did what to whom, with old and new values and the request id', async () => {
    const who = await person(t, { in: org, roles: ['Biller'], full_name: 'Old Name', signedIn: false })
    const changed = await call(t, `PUT /api/admin/users/${who.id}`, {
      as: admin,
      json: { full_name: 'New Name', role_codes: ['collector'] },
    })
    expect(await lastEvent('user.updated')).toEqual({
      id: expect.any(Number),
      kind: 'user.updated',
      subject: 'user',
      subject_id: who.id,
      user: { id: admin.id, full_name: 'Ada Admin' },
      at: expect.any(String),
      request_id: changed.headers['x-request-id'],
      data: {
        changed: {
          full_name: { from: 'Old Name', to: 'New Name' },
          roles: { from: ['biller'], to: ['collector'] },
        },
      },
    })
  })

  test('is searched by words, kind, person and day', async () => {
    const search = async (query: Record<string, string>) =>
      (await call(t, 'GET /api/admin/audit', { as: admin, query })).body
    const all = await search({ page_size: '500' })
    expect(all.items.map((each: { id: number }) => each.id)).toEqual(
      [...all.items.map((each: { id: number }) => each.id)].sort((a, b) => b - a),
    )
    expect((await search({ search: 'New Name' })).total).toBe(1)
    expect(
      (await search({ kind: 'role' })).items.every((each: { kind: string }) => each.kind.startsWith('role.')),
    ).toBe(true)
    expect((await search({ user_id: String(admin.id) })).total).toBeGreaterThan(5)
    expect((await search({ to: '2020-01-01' })).total).toBe(0)
    expect((await search({ page: '2', page_size: '1' })).items[0].id).toBe(all.items[1].id)
    expect((await call(t, 'GET /api/admin/audit/kinds', { as: admin })).body.items).toContain(
      'session.opened',
    )
  })

  test('cannot be changed by the server’s own account', async () => {
    const client = await t.database.bulk.connect()
    const trial = async (statement: string) => {
      await client.query(`begin; set local app.tenant_id = '${org.id}'; set local app.user_id = '0'`)
      const outcome = await client.query(statement).catch((error: Error) => error.message)
      await client.query('rollback')
      return outcome
    }
    for (const statement of ['delete from events', "update events set data = '{}'", 'truncate events'])
      expect(await trial(statement)).toMatch(/permission denied/)
    client.release()
  })
})

test('a superuser in no organisation is told to enter one, not to join one', async () => {
  const desk = await person(t, { is_superuser: true })
  const answer = await call(t, 'GET /api/users', { as: desk })
  expect(answer).toMatchObject({ status: 403, body: { code: 'no_organisation' } })
  expect(answer.body.detail).toMatch(/Enter one/)
})

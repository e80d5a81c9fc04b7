import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { call } from '../call.ts'
import { organisation, password, person } from '../given.ts'

describe('behind a proxy that speaks TLS', () => {
  let proxied: TestApp
  let name: string
  beforeAll(async () => {
    proxied = await testApp({}, { TRUST_PROXY: '10.0.0.0/8' })
    name = (await person(proxied, { in: await organisation(proxied), signedIn: false })).username
  })
  afterAll(() => proxied.close())
  const signIn = (ip: string, headers: Record<string, string>) =>
    call(proxied, 'POST /api/session', { json: { identifier: name, password }, ip, headers })

  test('cookies are bound to the host and travel over TLS alone', async () => {
    const { raw } = await signIn('10.0.0.7', { 'x-forwarded-proto': 'https' })
    expect(raw.cookies.map((cookie) => cookie.name)).toEqual([
      '__Host-duebook_access',
      '__Host-duebook_refresh',
    ])
    for (const cookie of raw.cookies) expect(cookie).toMatchObject({ secure: true, path: '/' })
    for (const cookie of raw.cookies) expect(cookie.domain).toBeUndefined()
  })

  test('the trusted proxy says who calls; anybody else does not', async () => {
    const seen = async (ip: string, forwarded: string) => {
      const { body, raw } = await signIn(ip, { 'x-forwarded-for': forwarded })
      const cookie = raw.cookies.map((each) => `${each.name}=${each.value}`).join('; ')
      const { items } = (await call(proxied, 'GET /api/profile/sessions', { headers: { cookie }, ip })).body
      expect(body.csrf_token).toEqual(expect.any(String))
      return items.find((each: { current: boolean }) => each.current).ip
    }
    expect(await seen('10.0.0.7', '203.0.113.9')).toBe('203.0.113.9')
    expect(await seen('10.0.0.7', '6.6.6.6, 203.0.113.10')).toBe('203.0.113.10')
    expect(await seen('198.51.100.3', '6.6.6.6')).toBe('198.51.100.3')
  })
})

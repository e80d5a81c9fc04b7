import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { asSystem } from '../../server/core/scope.ts'
import { forgetSessions } from '../../server/modules/identity/seen-sessions.ts'
import { type TestApp, testApp } from '../app.ts'
import { call } from '../call.ts'
import { type Organisation, organisation, type Person, person } from '../given.ts'

// Sockets, over a port that listens: who may open one, how, and what they hear.

let t: TestApp
let address: string
let org: Organisation
let admin: Person
let stranger: Person
beforeAll(async () => {
  t = await testApp()
  address = (await t.app.listen({ port: 0, host: '127.0.0.1' })).replace('http', 'ws')
  org = await organisation(t)
  admin = await person(t, { in: org })
  stranger = await person(t, { in: await organisation(t) })
})
afterAll(() => t.close())

type Frame = Record<string, unknown>
type Socket = {
  socket: WebSocket
  frames: Frame[]
  /** The next frame that passes, however long it takes to come. */
  next(test: (frame: Frame) => boolean): Promise<Frame>
  closed: Promise<{ code: number; reason: string }>
}
function connect(
  path: string,
  options: { protocols?: string[]; headers?: Record<string, string> } = {},
): Socket {
  const socket = new WebSocket(`${address}${path}`, options.protocols ?? [], {
    headers: options.headers ?? {},
  })
  const frames: Frame[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)))
    for (const wake of waiting) wake()
  })
  socket.on('error', () => {})
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  return {
    socket,
    frames,
    closed,
    next: (passes) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = frames.find(passes)
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
        void closed.then(({ code }) => reject(new Error(`closed with ${code}`)))
      }),
  }
}
const ready = async (socket: Socket) => {
  await socket.next(({ type }) => type === 'ready')
  return socket
}
const ticketOf = async (who: Person) =>
  (await call(t, 'POST /api/realtime/ticket', { as: who })).body.ticket as string
const department = (as: Person, name: string) =>
  call(t, 'POST /api/admin/departments', { as, json: { name } })

describe('ways in', () => {
  test('a ticket, once', async () => {
    const ticket = await ticketOf(admin)
    const first = await ready(connect(`/ws/events?ticket=${ticket}`))
    expect((await connect(`/ws/events?ticket=${ticket}`).closed).code).toBe(4401)
    expect(first.socket.readyState).toBe(WebSocket.OPEN)
  })

  test('of many sockets with one ticket, one opens', async () => {
    const ticket = await ticketOf(admin)
    const sockets = Array.from({ length: 8 }, () => connect(`/ws/events?ticket=${ticket}`))
    const outcomes = await Promise.all(
      sockets.map((each) =>
        Promise.race([
          ready(each).then(
            () => 'open',
            () => 'refused',
          ),
          each.closed.then(({ code }) => code),
        ]),
      ),
    )
    expect(outcomes.filter((each) => each === 'open')).toHaveLength(1)
  })

  test.each([
    ['?token=', () => connect(`/ws/events?token=${admin.token}`)],
    ['a subprotocol', () => connect('/ws/events', { protocols: ['bearer', admin.token] })],
    [
      'an access_token subprotocol',
      () => connect('/ws/events', { protocols: ['access_token', admin.token] }),
    ],
    [
      'the first frame',
      () => {
        const made = connect('/ws/events')
        made.socket.once('open', () => made.socket.send(JSON.stringify({ token: admin.token })))
        return made
      },
    ],
  ])('a token by %s', async (_how, make) => {
    await ready(make())
  })

  test('an API key, for what its scopes let it hear', async () => {
    const { key } = (
      await call(t, 'POST /api/profile/api-keys', {
        as: admin,
        json: { name: 'K', scopes: ['settings.read'] },
      })
    ).body
    await ready(connect(`/ws/events?token=${key}`))
  })

  test.each([
    ['a made-up ticket', () => connect(`/ws/events?ticket=${'x'.repeat(43)}`)],
    ['an empty ticket', () => connect('/ws/events?ticket=')],
    ['a made-up token', () => connect('/ws/events?token=nonsense')],
    [
      'an unsigned token',
      () => connect(`/ws/events?token=${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`),
    ],
    ['a subprotocol without a token after it', () => connect('/ws/events', { protocols: ['bearer', 'x'] })],
    [
      'a first frame without a token',
      () => {
        const made = connect('/ws/events')
        made.socket.once('open', () => made.socket.send('hello'))
        return made
      },
    ],
    [
      'a first frame of binary rubbish',
      () => {
        const made = connect('/ws/events')
        made.socket.once('open', () => made.socket.send(Buffer.from([0, 255, 254])))
        return made
      },
    ],
    [
      'a cookie alone',
      () => connect('/ws/events?ticket=none', { headers: { cookie: `duebook_access=${admin.token}` } }),
    ],
  ])('%s: 4401', async (_what, make) => {
    const socket = make()
    expect((await socket.closed).code).toBe(4401)
    expect(socket.frames).toEqual([])
  })

  test('a ticket that waited half a minute, and a token that ran out: 4401', async () => {
    const ticket = await ticketOf(admin)
    t.clock.ahead(31_000)
    expect((await connect(`/ws/events?ticket=${ticket}`).closed).code).toBe(4401)
    const who = await person(t, { in: org })
    t.clock.ahead(31 * 60_000)
    expect((await connect(`/ws/events?token=${who.token}`).closed).code).toBe(4401)
    for (const each of [admin, stranger]) {
      const fresh = await call(t, 'POST /api/auth/token', {
        json: { username: each.username, password: 'Sunlit-harbour-9' },
      })
      each.token = fresh.body.access_token
      each.headers.authorization = `Bearer ${each.token}`
    }
  })

  test('a ticket of a session that ended: 4401', async () => {
    const who = await person(t, { in: org })
    const ticket = await ticketOf(who)
    await call(t, 'POST /api/auth/logout', { as: who })
    expect((await connect(`/ws/events?ticket=${ticket}`).closed).code).toBe(4401)
  })

  test('somebody without an organisation, or without the permission: 4403', async () => {
    const outside = await person(t, {})
    expect((await connect(`/ws/events?token=${outside.token}`).closed).code).toBe(4403)
    const biller = await person(t, { in: org, roles: ['Biller'] })
    for (const path of ['/ws/invoices/1', '/ws/batches/1', '/ws/dashboard/metrics', '/ws/chat?batch_id=1']) {
      const joined = `${path}${path.includes('?') ? '&' : '?'}token=${biller.token}`
      expect([path, (await connect(joined).closed).code]).toEqual([path, 4403])
      expect([path, (await connect(`${joined}x`).closed).code]).toEqual([path, 4401])
    }
  })
})

describe('foreign pages', () => {
  test.each(['https://evil.example', 'null', 'http://127.0.0.1:1'])(
    'from %s: 4403, even with a good ticket',
    async (origin) => {
      const socket = connect(`/ws/events?ticket=${await ticketOf(admin)}`, { headers: { origin } })
      expect((await socket.closed).code).toBe(4403)
      expect(socket.frames).toEqual([])
    },
  )

  test('our own page and those of FRONTEND_URL open theirs', async () => {
    for (const origin of [address.replace('ws', 'http'), 'http://localhost:5173'])
      await ready(connect(`/ws/events?ticket=${await ticketOf(admin)}`, { headers: { origin } }))
  })
})

describe('what is heard', () => {
  test('the events of one’s own organisation, ids only', async () => {
    const [mine, theirs] = await Promise.all([
      ready(connect(`/ws/events?token=${admin.token}`)),
      ready(connect(`/ws/events?token=${stranger.token}`)),
    ])
    const made = await department(admin, 'Heard by us alone')
    const heard = await mine.next(({ kind }) => kind === 'department.created')
    expect(heard).toEqual({
      type: 'event',
      id: expect.any(Number),
      kind: 'department.created',
      subject: 'department',
      subject_id: made.body.id,
    })
    // By the time their own event arrives, ours would have.
    await department(stranger, 'Heard by them alone')
    await theirs.next(({ kind }) => kind === 'department.created')
    const departments = theirs.frames.filter(({ kind }) => kind === 'department.created')
    expect(departments).toHaveLength(1)
    expect(departments[0]!.subject_id).not.toBe(made.body.id)
  })

  test('nothing that the listener may not know of', async () => {
    const biller = await person(t, { in: org, roles: ['Biller'] })
    const [theirs, ours] = await Promise.all([
      ready(connect(`/ws/events?token=${biller.token}`)),
      ready(connect(`/ws/events?token=${admin.token}`)),
    ])
    await department(admin, 'Not for billers')
    await ours.next(({ kind }) => kind === 'department.created')
    expect(theirs.frames).toEqual([{ type: 'ready' }])
  })

  test('nothing of a change that was rolled back', async () => {
    const mine = await ready(connect(`/ws/events?token=${admin.token}`))
    await department(admin, 'Twice')
    expect((await department(admin, 'twice')).status).toBe(409)
    const last = await department(admin, 'Once more')
    await mine.next(({ subject_id }) => subject_id === last.body.id)
    expect(mine.frames.filter(({ kind }) => kind === 'department.created')).toHaveLength(2)
  })
})

describe('limits', () => {
  test('a frame of more than 64 KiB ends the socket, not the server', async () => {
    const small = await ready(connect(`/ws/events?token=${admin.token}`))
    small.socket.send('x'.repeat(60 * 1024))
    const large = await ready(connect(`/ws/events?token=${admin.token}`))
    large.socket.send('x'.repeat(65 * 1024))
    expect((await large.closed).code).toBe(1009)
    expect(small.socket.readyState).toBe(WebSocket.OPEN)
    expect((await call(t, 'GET /healthz')).status).toBe(200)
  })

  test('the 21st socket of one person is refused; closing one makes room', async () => {
    const who = await person(t, { in: org })
    const sockets = await Promise.all(
      Array.from({ length: 20 }, () => ready(connect(`/ws/events?token=${who.token}`))),
    )
    expect((await connect(`/ws/events?token=${who.token}`).closed).code).toBe(4429)
    await ready(connect(`/ws/events?token=${admin.token}`))
    sockets[0]!.socket.close()
    await sockets[0]!.closed
    await expect
      .poll(async () => {
        const again = connect(`/ws/events?token=${who.token}`)
        return Promise.race([
          ready(again).then(
            () => 'open',
            () => 'refused',
          ),
          again.closed.then(() => 'refused'),
        ])
      })
      .toBe('open')
  })
})

describe('a socket that stays', () => {
  const CHECKED_MS = 10_000
  const checkedAgain = () => vi.advanceTimersByTimeAsync(CHECKED_MS)
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  test('hears by the roles of now, not by those it came with', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const who = await person(t, { in: org })
    const [theirs, ours] = await Promise.all([
      ready(connect(`/ws/events?token=${who.token}`)),
      ready(connect(`/ws/events?token=${admin.token}`)),
    ])
    await asSystem(t.database, 'test', async (system) => {
      const scope = await system.enter(org.id)
      const biller = await scope.db
        .selectFrom('roles')
        .select('id')
        .where('name', '=', 'Biller')
        .executeTakeFirstOrThrow()
      await scope.db
        .updateTable('membership_roles')
        .set({ role_id: biller.id })
        .where('user_id', '=', who.id)
        .execute()
    })
    await expect
      .poll(async () => {
        await checkedAgain()
        const { body } = await department(admin, `After the demotion ${Math.random()}`)
        await ours.next(({ subject_id }) => subject_id === body.id)
        await sleep(50)
        return theirs.frames.some(({ subject_id }) => subject_id === body.id)
      })
      .toBe(false)
    expect(theirs.socket.readyState).toBe(WebSocket.OPEN)
  })

  test('outlives a database that is away, and not the end of its session', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const who = await person(t, { in: org })
    const mine = await ready(connect(`/ws/events?token=${who.token}`))
    const away = vi.spyOn(t.database.pool, 'connect').mockImplementation(() => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
    })
    forgetSessions()
    await checkedAgain()
    expect(away).toHaveBeenCalled()
    expect((await connect(`/ws/events?token=${who.token}`).closed).code).toBe(1013)
    expect(mine.socket.readyState).toBe(WebSocket.OPEN)
    away.mockRestore()
    await call(t, 'POST /api/auth/logout', { as: who })
    await checkedAgain()
    expect((await mine.closed).code).toBe(4401)
  })

  test('closes when its person moves to another organisation', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const who = await person(t, { in: org })
    const mine = await ready(connect(`/ws/events?ticket=${await ticketOf(who)}`))
    await asSystem(t.database, 'test', async ({ db }) => {
      await db.updateTable('users').set({ is_superuser: true }).where('id', '=', who.id).execute()
      await db
        .updateTable('sessions')
        .set({ current_tenant_id: stranger.tenant_id })
        .where('user_id', '=', who.id)
        .execute()
    })
    await checkedAgain()
    expect((await mine.closed).code).toBe(4403)
  })
})

test('clients that leave before they are known leave nothing behind', async () => {
  const who = await person(t, { in: org })
  const door = Promise.withResolvers<void>()
  const pool = t.database.pool
  const connectNow = pool.connect.bind(pool) as () => Promise<never>
  const held = vi.spyOn(pool, 'connect').mockImplementation(() => door.promise.then(connectNow))
  forgetSessions()
  await Promise.all(
    Array.from({ length: 25 }, async () => {
      const { socket, closed } = connect(`/ws/events?token=${who.token}`)
      socket.once('open', () => socket.terminate())
      await closed
    }),
  )
  await sleep(100)
  expect(held).toHaveBeenCalled()
  held.mockRestore()
  door.resolve()
  await sleep(200)
  await expect
    .poll(async () => {
      const again = connect(`/ws/events?token=${who.token}`)
      const outcome = await Promise.race([
        ready(again).then(
          () => 'open',
          () => 'refused',
        ),
        again.closed.then(({ code }) => code),
      ])
      again.socket.close()
      return outcome
    })
    .toBe('open')
})

test('closing the server closes its sockets', async () => {
  const lived = await ready(connect(`/ws/events?token=${admin.token}`))
  const closing = t.app.close()
  expect((await lived.closed).code).toBeGreaterThanOrEqual(1001)
  await closing
})

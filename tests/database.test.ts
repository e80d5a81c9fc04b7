import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from './database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

async function query(config: pg.ClientConfig, sql: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client(config)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('a clone is migrated, and each login is who it should be', async () => {
  expect(await query(database.app, 'select current_user, current_database()')).toEqual([
    { current_user: 'duebook_app', current_database: database.name },
  ])
  expect(await query(database.jobs, 'select current_user')).toEqual([{ current_user: 'duebook_jobs' }])
  const [{ version }] = (await query(
    database.app,
    'select max(version) as version from schema_migrations',
  )) as [{ version: number }]
  expect(version).toBeGreaterThan(0)
})

test('the runtime role owns nothing, and may enqueue jobs but not touch their tables', async () => {
  const [{ owned }] = (await query(
    database.app,
    'select count(*)::int as owned from pg_class where relowner = current_user::regrole',
  )) as [{ owned: number }]
  expect(owned).toBe(0)
  await query(database.app, `select graphile_worker.enqueue('greet', '{"name": "Ada"}', 'once')`)
  await query(database.app, `select graphile_worker.enqueue('greet', '{"name": "Bob"}', 'once')`)
  expect(await query(database.jobs, 'select payload from graphile_worker._private_jobs')).toEqual([
    { payload: { name: 'Bob' } },
  ])
  await expect(query(database.app, 'select * from graphile_worker._private_jobs')).rejects.toThrow(
    'permission denied',
  )
  await expect(query(database.app, `select graphile_worker.add_job('greet')`)).rejects.toThrow(
    'permission denied',
  )
  await expect(query(database.app, 'create table public.x ()')).rejects.toThrow('permission denied')
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../tests/database.ts'
import { temporaryFolder } from '../tests/server-process.ts'
import { migrate, schemaVersion } from './migrate.ts'

const log = pino({ level: 'silent' })
const temporary = temporaryFolder('migrations')
let database: TestDatabase
let folder: string
let count = 0

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => {
  await database.drop()
  temporary.remove()
})
beforeEach(async () => {
  await query('drop schema if exists trial cascade; create schema trial; truncate schema_migrations')
  count += 1
  folder = join(temporary.path, String(count))
  mkdirSync(folder)
  file('0001_first.sql', 'create table trial.first (n int);')
})

const file = (name: string, sql: string) => writeFileSync(join(folder, name), sql)
const run = () => migrate(database, log, folder)

async function query(sql: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client(database.owner)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function failure(): Promise<string> {
  try {
    await run()
    return 'no failure'
  } catch (error) {
    return (error as Error).message
  }
}

test('each file is applied once, in order, and recorded', async () => {
  file('0002_second.sql', 'insert into trial.first values (1);')
  await run()
  await run()
  file('0003_third.sql', 'insert into trial.first values (2);')
  await run()
  expect(await query('select n from trial.first order by n')).toEqual([{ n: 1 }, { n: 2 }])
  expect(await query('select version, name from schema_migrations order by 1')).toEqual([
    { version: 1, name: '0001_first.sql' },
    { version: 2, name: '0002_second.sql' },
    { version: 3, name: '0003_third.sql' },
  ])
  expect(schemaVersion(folder)).toBe(3)
})

test('two servers that start together apply it once', async () => {
  await Promise.all([run(), run(), run()])
  expect(await query('select count(*)::int as applied from schema_migrations')).toEqual([{ applied: 1 }])
})

test('a failing file leaves nothing, and its error names file, line, statement and reason', async () => {
  file(
    '0002_wrong.sql',
    'create table trial.kept ();\n\n-- a comment; with a semicolon\ninsert into trial.nowhere\n  values (1);\n',
  )
  expect(await failure()).toBe(
    [
      'Migration 0002_wrong.sql failed at line 4 (statement 2: insert into trial.nowhere)',
      'PostgreSQL says: relation "trial.nowhere" does not exist (42P01)',
      'Nothing of this file was kept.',
    ].join('\n  '),
  )
  expect(
    await query(`select to_regclass('trial.first') as first, to_regclass('trial.kept') as kept`),
  ).toEqual([{ first: 'trial.first', kept: null }])
  expect(await query('select max(version) as version from schema_migrations')).toEqual([{ version: 1 }])
})

test('an error without a position is found by its statement, past quotes and bodies that hold semicolons', async () => {
  file(
    '0002_late.sql',
    `/* first; /* nested; */ */
create function trial.f() returns text language plpgsql as $body$
begin
  return 'a;b';
end;
$body$;
insert into trial.first values (1);
do $$ begin raise exception 'not today; ''never'''; end $$;
select 1;`,
  )
  expect(await failure()).toMatch(/^Migration 0002_late.sql failed at line 8 \(statement 3: do \$\$/)
})

test('a file changed after it was applied stops the start', async () => {
  await run()
  file('0001_first.sql', 'create table trial.first (n bigint);')
  expect(await failure()).toMatch(/0001_first.sql was changed after the database applied it/)
})

test('a file with other line ends is the same file', async () => {
  file('0001_first.sql', 'create table trial.first (\n  n int\n);')
  await run()
  file('0001_first.sql', 'create table trial.first (\r\n  n int\r\n);')
  await run()
})

test('a database newer than the code stops the start', async () => {
  await run()
  await query(`insert into schema_migrations (version, name, checksum) values (9, '0009_future.sql', '')`)
  expect(await failure()).toMatch(
    /made by a newer Duebook \(it has migration 0009_future.sql, this code ends at 0001_first.sql\)/,
  )
})

test('a number below the newest applied is refused', async () => {
  file('0003_third.sql', 'select 1;')
  await run()
  file('0002_second.sql', 'select 1;')
  expect(await failure()).toMatch(/0002_second.sql is older than what the database applied \(3\)/)
})

test('two files with one number, and other names, are refused', async () => {
  file('0001_other.sql', 'select 1;')
  expect(await failure()).toMatch(/Two migrations have the number 0001/)
  file('add-column.sql', 'select 1;')
  expect(await failure()).toMatch(/is not named like 0001_words.sql|Two migrations/)
})

test('a file may not end its own transaction', async () => {
  file('0002_commit.sql', 'create table trial.x ();\ncommit;')
  expect(await failure()).toMatch(/0002_commit.sql, line 2: each migration is one transaction already/)
})

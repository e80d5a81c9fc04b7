import { parseArgs } from 'node:util'
import { z } from 'zod'
import { migrate } from '../db/migrate.ts'
import { ConfigError, loadConfig } from './core/config.ts'
import { openDataFolder, StartError } from './core/data-folder.ts'
import { openDatabase } from './core/database.ts'
import { Refusal } from './core/errors.ts'
import { createLog } from './core/log.ts'
import { openPostgres } from './core/postgres.ts'
import { asSystem } from './core/scope.ts'
import { createFirstUser } from './modules/identity/first-users.ts'

const usage = `Makes a user from the command line, whether the server runs or not.

  npm run user -- create --email EMAIL [--username NAME] [--full-name NAME] [--phone PHONE] [--superuser]
                         [--organisation CODE --role ROLE ...]
                         (--password-stdin | --password-hash HASH)

The password is read from standard input, never from the command line:
  echo 'a long password' | npm run user -- create --email you@example.com --superuser --password-stdin`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      email: { type: 'string' },
      username: { type: 'string' },
      'full-name': { type: 'string' },
      phone: { type: 'string' },
      superuser: { type: 'boolean', default: false },
      organisation: { type: 'string' },
      role: { type: 'string', multiple: true },
      'password-stdin': { type: 'boolean', default: false },
      'password-hash': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || positionals[0] !== 'create' || !values.email) {
    console.error(usage)
    return values.help ? 0 : 2
  }
  if (values['password-stdin'] === (values['password-hash'] !== undefined)) {
    console.error('Give the password with --password-stdin, or a hash of it with --password-hash.')
    return 2
  }
  if (!values.superuser && !values.organisation) {
    console.error('Say --superuser, or --organisation CODE with at least one --role.')
    return 2
  }
  const password = values['password-stdin'] ? (await readInput()).replace(/\r?\n$/, '') : undefined

  const config = loadConfig()
  const log = createLog({ logLevel: 'warn' })
  openDataFolder(config.dataDir)
  const postgres = await openPostgres(config, log, { join: true })
  try {
    await migrate(postgres, log)
    const database = await openDatabase(postgres.app, { pool: 2, bulk: 1 })
    try {
      const id = await asSystem(database, 'command line: create user', (system) =>
        createFirstUser(system, {
          email: values.email!,
          username: values.username,
          full_name: values['full-name'],
          phone: values.phone,
          password,
          password_hash: values['password-hash'],
          is_superuser: values.superuser,
          organisation: values.organisation,
          roles: values.role ?? [],
        }),
      )
      console.log(`Made user ${id}: ${values.email}${values.superuser ? ', superuser' : ''}.`)
      return 0
    } finally {
      await database.close()
    }
  } finally {
    await postgres.stop()
  }
}

async function readInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk
  return text
}

try {
  process.exitCode = await main()
} catch (error) {
  const known =
    error instanceof Refusal ||
    error instanceof ConfigError ||
    error instanceof StartError ||
    error instanceof z.ZodError
  if (error instanceof z.ZodError) console.error(error.issues.map((issue) => issue.message).join('\n'))
  else console.error(known || error instanceof TypeError ? (error as Error).message : error)
  process.exitCode = 1
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../tests/server-process.ts'
import { type Config, ConfigError, loadConfig, SETTING_NAMES } from './config.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = temporaryFolder('config')
afterAll(folder.remove)

const none = '/nowhere/.env'
const load = (environment: Record<string, string>) => loadConfig(environment, none)

function problems(environment: Record<string, string>): readonly string[] {
  try {
    load(environment)
    return []
  } catch (error) {
    return (error as ConfigError).problems
  }
}

test.each<[name: string, value: string, key: keyof Config, expected: unknown]>([
  ['PORT', '9000', 'port', 9000],
  ['PORT', '0', 'port', 0],
  ['HOST', '0.0.0.0', 'host', '0.0.0.0'],
  ['HOST', '::1', 'host', '::1'],
  ['DATA_DIR', '/srv/duebook', 'dataDir', '/srv/duebook'],
  ['DATA_DIR', './elsewhere', 'dataDir', resolve(root, 'elsewhere')],
  ['DATABASE_URL', 'postgresql://u:p@h:5432/d', 'databaseUrl', 'postgresql://u:p@h:5432/d'],
  ['DATABASE_URL', 'postgres://u@/d?host=/run', 'databaseUrl', 'postgres://u@/d?host=/run'],
  ['SECRET_KEY', 'sixteen-letters-', 'secretKey', 'sixteen-letters-'],
  ['ACCESS_TOKEN_EXPIRE_MINUTES', '5', 'accessTokenExpireMinutes', 5],
  ['FRONTEND_URL', 'http://localhost:5173', 'frontendOrigins', ['http://localhost:5173']],
  [
    'FRONTEND_URL',
    ' https://a.example/ , http://b:1 ',
    'frontendOrigins',
    ['https://a.example', 'http://b:1'],
  ],
  ['MAX_UPLOAD_SIZE', '10485760', 'maxUploadSize', 10_485_760],
  ['IMPORT_MAX_SIZE', '50MB', 'importMaxSize', 50 * 1024 * 1024],
  ['IMPORT_MAX_SIZE', '512 kb', 'importMaxSize', 512 * 1024],
  ['IMPORT_MAX_SIZE', '1 GiB', 'importMaxSize', 1024 ** 3],
  ['ALLOWED_EXTENSIONS', 'PDF, .Jpg,png', 'allowedExtensions', ['.pdf', '.jpg', '.png']],
  ['RATE_LIMIT_REQUESTS', '100', 'rateLimit', { requests: 100, period: 60 }],
  ['TRUST_PROXY', '10.0.0.0/8, ::1', 'trustProxy', ['10.0.0.0/8', '::1']],
  ['TRUST_PROXY', 'off', 'trustProxy', false],
  ['SIGNUP', 'Off', 'signup', 'off'],
  ['LOG_LEVEL', 'DEBUG', 'logLevel', 'debug'],
  ['PUBLIC_URL', 'https://due.example/', 'publicUrl', 'https://due.example'],
  ['HOST', '0.0.0.0', 'publicUrl', 'http://localhost:8000'],
  ['HOST', '::1', 'publicUrl', 'http://[::1]:8000'],
  ['PORT', '', 'port', 8000],
])('%s=%s gives %s', (name, value, key, expected) => {
  expect(load({ [name]: value })[key]).toEqual(expected)
})

test.each<[name: string, value: string]>([
  ['PORT', 'http'],
  ['PORT', '70000'],
  ['PORT', '-1'],
  ['HOST', 'http://localhost'],
  ['HOST', 'localhost:8000'],
  ['DATABASE_URL', 'mysql://u:p@h/d'],
  ['DATABASE_URL', 'h/d'],
  ['SECRET_KEY', 'short'],
  ['SECRET_KEY', 'your-secret-key-here-generate-with-openssl-rand-hex-32'],
  ['ALGORITHM', 'none'],
  ['ALGORITHM', 'RS256'],
  ['ACCESS_TOKEN_EXPIRE_MINUTES', '0'],
  ['FRONTEND_URL', '*'],
  ['FRONTEND_URL', 'localhost:5173'],
  ['FRONTEND_URL', 'http://localhost:5173/app'],
  ['MAX_UPLOAD_SIZE', 'ten'],
  ['MAX_UPLOAD_SIZE', '0'],
  ['IMPORT_MAX_SIZE', '5 TB'],
  ['ALLOWED_EXTENSIONS', '.pdf,../x'],
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', '1'],
  ['TRUST_PROXY', '0.0.0.0/0'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['SIGNUP', 'everybody'],
  ['DEMO', 'yes'],
  ['ADMIN_EMAIL', 'admin'],
  ['LOG_LEVEL', 'loud'],
  ['PUBLIC_URL', 'due.example'],
  ['SENDGRID_URL', 'api.sendgrid.com'],
  ['SMSPORTAL_URL', 'https://rest.example/?a=b'],
  ['SMTP_PRIVATE', 'yes'],
])('%s=%s is refused in a sentence that names it', (name, value) => {
  expect(problems({ [name]: value })[0]).toMatch(new RegExp(`^${name} .*expected .*\\.$`))
})

test('every mistake is told at once, and no secret', () => {
  const all = problems({
    PORT: 'x',
    SECRET_KEY: 'hush',
    DATABASE_URL: 'mysql://root:hush@h/d',
    ADMIN_PASSWORD: 'hush',
    RATE_LIMIT_PERIOD: '60',
    ADMIN_PHONE: '+998901234567',
  })
  expect(all).toHaveLength(6)
  expect(all.join('\n')).not.toContain('hush')
})

test.each<[Record<string, string>, RegExp]>([
  [{ ADMIN_EMAIL: 'a@b.example' }, /ADMIN_EMAIL is set and ADMIN_PASSWORD is not/],
  [{ ADMIN_PASSWORD: 'long enough' }, /ADMIN_PASSWORD is set and ADMIN_EMAIL is not/],
  [{ ADMIN_USERNAME: 'root' }, /belong to ADMIN_EMAIL/],
  [{ RATE_LIMIT_PERIOD: '60' }, /RATE_LIMIT_REQUESTS is not/],
  [{ DB_NAME: 'd' }, /expected DB_NAME and DB_USER/],
  [{ DATABASE_APP_URL: 'postgres://u@h/d' }, /DATABASE_URL is not/],
])('%o do not go together', (environment, sentence) => {
  expect(problems(environment)).toEqual([expect.stringMatching(sentence)])
})

describe('DB_NAME and its parts', () => {
  const parts = { DB_NAME: 'posightful_db', DB_USER: 'postgres', DB_PASSWORD: 'p@ss/word#1' }

  test('build DATABASE_URL', () => {
    expect(load({ ...parts, DB_HOST: 'db', DB_PORT: '5433' }).databaseUrl).toBe(
      'postgresql://postgres:p%40ss%2Fword%231@db:5433/posightful_db',
    )
    expect(load({ DB_NAME: 'd', DB_USER: 'u' }).databaseUrl).toBe('postgresql://u@localhost:5432/d')
    expect(load({ DB_NAME: 'd', DB_USER: 'u', DB_HOST: '/run/postgresql' }).databaseUrl).toBe(
      'postgresql://u@%2Frun%2Fpostgresql:5432/d',
    )
  })

  test('give way to DATABASE_URL', () => {
    expect(load({ ...parts, DATABASE_URL: 'postgres://u@h/d' }).databaseUrl).toBe('postgres://u@h/d')
  })
})

const admin = { ADMIN_EMAIL: 'a@b.example', ADMIN_PASSWORD: 'long enough' }
test.each<[Record<string, string>, boolean, boolean]>([
  [{}, true, false],
  [{ DEMO: 'on' }, true, false],
  [{ DEMO: 'off' }, false, false],
  [{ HOST: 'localhost' }, true, false],
  [{ HOST: '0.0.0.0' }, false, false],
  [{ HOST: '0.0.0.0', DEMO: 'on' }, true, true],
  [{ DATABASE_URL: 'postgres://u@h/d' }, false, false],
  [{ DATABASE_URL: 'postgres://u@h/d', DEMO: 'on' }, true, true],
  [{ DB_NAME: 'd', DB_USER: 'u' }, false, false],
  [admin, false, false],
  [{ ...admin, DEMO: 'on' }, true, true],
])('the demo with %o: on %s, forced %s', (environment, on, forced) => {
  expect(load(environment).demo).toEqual({ on, forced })
})

describe('the .env file', () => {
  const file = join(folder.path, '.env')

  test('is read with its comments, and the environment wins', () => {
    writeFileSync(
      file,
      [
        '# File Upload',
        'MAX_UPLOAD_SIZE=1048576  # 1MB',
        'ALLOWED_EXTENSIONS=.pdf,.jpg',
        'SECRET_KEY="with # and spaces, quoted"',
        'PORT=9001',
        'COLOUR=red',
      ].join('\n'),
    )
    const config = loadConfig({ PORT: '9002' }, file)
    expect(config).toMatchObject({
      maxUploadSize: 1_048_576,
      allowedExtensions: ['.pdf', '.jpg'],
      secretKey: 'with # and spaces, quoted',
      port: 9002,
    })
    expect(config.warnings).toEqual(['The .env file sets COLOUR, which Duebook does not know.'])
    expect(loadConfig({ PORT: '' }, file).port).toBe(8000)
  })

  test('of the FinSentry document works, its example secret excepted', () => {
    const text = `
# Database
DATABASE_URL=postgresql://user:password@localhost:5432/finsentry
# Security
SECRET_KEY=0123456789abcdef0123456789abcdef
ALGORITHM=HS256
ACCESS_TOKEN_EXPIRE_MINUTES=30
# CORS
FRONTEND_URL=http://localhost:5173
# File Upload
MAX_UPLOAD_SIZE=10485760  # 10MB
ALLOWED_EXTENSIONS=.pdf,.jpg,.jpeg,.png
# Rate Limiting
RATE_LIMIT_REQUESTS=100
RATE_LIMIT_PERIOD=60
`
    writeFileSync(file, text)
    expect(loadConfig({}, file)).toMatchObject({
      databaseUrl: 'postgresql://user:password@localhost:5432/finsentry',
      maxUploadSize: 10_485_760,
      rateLimit: { requests: 100, period: 60 },
      demo: { on: false, forced: false },
      warnings: [],
    })
  })
})

describe('.env.example', () => {
  const example = join(root, '.env.example')

  test('names every setting, in order, and no other', () => {
    const names = [...readFileSync(example, 'utf8').matchAll(/^#?([A-Z_]+)=/gm)].map((match) => match[1])
    expect(names).toEqual(SETTING_NAMES)
  })

  test('copied as it is gives the defaults', () => {
    expect(loadConfig({}, example)).toEqual(load({}))
  })

  const readme = existsSync(join(root, 'README.md')) ? readFileSync(join(root, 'README.md'), 'utf8') : ''
  test.skipIf(!readme.includes('| `PORT`'))('and the table of README name the same settings', () => {
    const cells = [...readme.matchAll(/^\| (`[A-Z_]+`[^|]*)\|/gm)].map((match) => match[1]!)
    const names = cells.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map((match) => match[1]))
    expect(names.toSorted()).toEqual(SETTING_NAMES.toSorted())
  })
})

test('the configuration cannot be changed', () => {
  const config = load({})
  expect(() => {
    ;(config.frontendOrigins as string[]).push('http://evil.example')
  }).toThrow(TypeError)
  expect(() => {
    ;(config.demo as { on: boolean }).on = false
  }).toThrow(TypeError)
})

test('the error is one readable message', () => {
  expect(new ConfigError(['PORT is "x"; expected a number.', 'B is wrong.']).message).toContain(
    '2 mistakes:\n  - PORT is "x"; expected a number.\n  - B is wrong.',
  )
})

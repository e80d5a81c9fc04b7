import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'

// The one place that reads the environment and the .env file. Everything else is given a Config.

const ROOT = resolve(import.meta.dirname, '../..')
const MB = 1024 * 1024

/** Origins of the usual development servers (Vite, Next, Angular, Create React App). */
const DEVELOPMENT_ORIGINS = ['localhost', '127.0.0.1'].flatMap((host) =>
  [5173, 9002, 4200, 3000].map((port) => `http://${host}:${port}`),
)

export type Config = Readonly<{
  port: number
  host: string
  /** Absolute path. */
  dataDir: string
  /** null: the embedded PostgreSQL. */
  databaseUrl: string | null
  /** null: application connections use DATABASE_URL and run as duebook_app. */
  databaseAppUrl: string | null
  /** null: one is generated once and kept in the data folder. */
  secretKey: string | null
  accessTokenExpireMinutes: number
  /** Origins that may call from a browser. */
  frontendOrigins: readonly string[]
  /** Bytes; payables documents. */
  maxUploadSize: number
  /** Lower case, with their dots. */
  allowedExtensions: readonly string[]
  /** Bytes; import files. */
  importMaxSize: number
  /** Bytes of files on invoices and customers, per organisation. */
  attachmentQuota: number
  /** `requests` null: the built-in limits. `period` in seconds. */
  rateLimit: Readonly<{ requests: number | null; period: number }>
  /** Addresses and CIDR ranges of proxies whose X-Forwarded-* headers count. */
  trustProxy: readonly string[] | false
  signup: 'request' | 'organisation' | 'off'
  /** `forced`: on although it would be off by default, so its passwords are random. */
  demo: Readonly<{ on: boolean; forced: boolean }>
  /** The superuser to create at the first start. */
  admin: Readonly<{ email: string; password: string; username: string | null; phone: string | null }> | null
  logLevel: (typeof LOG_LEVELS)[number]
  /** Where providers of mail and texts are called; `sendgridUrl` null: SendGrid itself, in the channel's region. */
  messages: Readonly<{
    sendgridUrl: string | null
    smsportalUrl: string
    privateSmtp: boolean
    /** Longest that a provider may think. */
    timeoutMs: number
  }>
  /** Links in mails and invitations begin with it; no slash at the end. */
  publicUrl: string
  /** Sentences worth showing at the start. */
  warnings: readonly string[]
}>

/** Every wrong setting at once; the message is meant for the person who starts the server. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: string[]) {
    super(`The configuration has ${problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}:
${problems.map((problem) => `  - ${problem}`).join('\n')}
Settings come from the environment and from the .env file; .env.example explains each.`)
    this.problems = problems
  }
}

/** One setting: `read` answers undefined for a value it refuses; `expected` finishes the sentence "expected …". */
function setting<T>(expected: string, read: (text: string) => T | undefined) {
  return z
    .string()
    .transform((text, context): T => {
      const value = read(text)
      if (value !== undefined) return value
      context.addIssue({ code: 'custom', message: expected })
      return z.NEVER
    })
    .optional()
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const text = (expected: string, atLeast = 1) =>
  setting(expected, (value) => (value.length >= atLeast ? value : undefined))
const wholeNumber = (from: number, to: number) =>
  setting(`a whole number from ${from} to ${to}`, (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    return number >= from && number <= to ? number : undefined
  })
const oneOf = <const T extends readonly string[]>(values: T) =>
  setting(
    `one of: ${values.join(', ')}`,
    (value) => values.find((one) => one === value.toLowerCase()) as T[number],
  )
const size = () => setting('a size such as 10485760 or 10 MB, up to 4 GB', (value) => readSize(value))
const webAddress = () =>
  setting('an address such as https://duebook.example.com', (value) =>
    /^https?:\/\//.test(value) && URL.canParse(value) && !/[?#]/.test(value)
      ? value.replace(/\/+$/, '')
      : undefined,
  )
const databaseUrl = () =>
  setting(
    'an address such as postgresql://user:password@host:5432/name (special characters percent-encoded)',
    (value) =>
      // user@/name?host=/folder, a Unix socket, is right for PostgreSQL though not for URL
      /^postgres(ql)?:\/\//.test(value) && URL.canParse(value.replace('@/', '@localhost/'))
        ? value
        : undefined,
  )

const Settings = z.object({
  PORT: wholeNumber(0, 65535),
  HOST: setting('a host name or address such as 127.0.0.1 or 0.0.0.0, without http:// and port', (value) =>
    isIP(value) || /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(value) ? value : undefined,
  ),
  DATA_DIR: text('a folder'),
  DATABASE_URL: databaseUrl(),
  DATABASE_APP_URL: databaseUrl(),
  DB_NAME: text('the name of a database'),
  DB_USER: text('the name of a database user'),
  DB_PASSWORD: text('a password'),
  DB_HOST: text('a host name'),
  DB_PORT: wholeNumber(1, 65535),
  SECRET_KEY: setting(
    'at least 16 characters of your own (an example copied from a document is no secret); leave it unset and one is generated',
    (value) => (value.length >= 16 && !/^your-secret-key/i.test(value) ? value : undefined),
  ),
  ALGORITHM: setting('HS256, the only algorithm supported', (value) =>
    value === 'HS256' ? value : undefined,
  ),
  ACCESS_TOKEN_EXPIRE_MINUTES: wholeNumber(1, 1440),
  FRONTEND_URL: setting(
    'origins such as http://localhost:5173, separated by commas (no * and no path: signed-in browsers may call from them)',
    (value) => readList(value, readOrigin),
  ),
  MAX_UPLOAD_SIZE: size(),
  ALLOWED_EXTENSIONS: setting('file endings such as .pdf,.jpg, separated by commas', (value) =>
    readList(value, (ending) =>
      /^\.?[a-z0-9]+$/i.test(ending) ? `.${ending.toLowerCase().replace(/^\./, '')}` : undefined,
    ),
  ),
  IMPORT_MAX_SIZE: size(),
  ATTACHMENT_QUOTA: setting('a size such as 10 GB or 500 MB, up to 1024 GB', (value) =>
    readSize(value, 1024 ** 4),
  ),
  RATE_LIMIT_REQUESTS: wholeNumber(1, 1_000_000),
  RATE_LIMIT_PERIOD: wholeNumber(1, 86_400),
  TRUST_PROXY: setting(
    'the addresses or CIDR ranges of your proxies, separated by commas, such as 10.0.0.0/8. ' +
      '"true" or a whole range of everybody would believe any address a caller claims, ' +
      'and a number of hops counts all callers behind the proxy as one',
    readProxies,
  ),
  SIGNUP: oneOf(['request', 'organisation', 'off']),
  DEMO: oneOf(['on', 'off']),
  ADMIN_EMAIL: setting('an e-mail address', (value) =>
    z.email().safeParse(value).success ? value : undefined,
  ),
  ADMIN_PASSWORD: text('at least 8 characters', 8),
  ADMIN_USERNAME: text('a user name'),
  ADMIN_PHONE: text('a phone number'),
  LOG_LEVEL: oneOf(LOG_LEVELS),
  SENDGRID_URL: webAddress(),
  SMSPORTAL_URL: webAddress(),
  SMTP_PRIVATE: oneOf(['on', 'off']),
  PUBLIC_URL: webAddress(),
})

type Name = keyof typeof Settings.shape

/** The names of all settings, in the order of .env.example. */
export const SETTING_NAMES = Object.keys(Settings.shape) as Name[]

/** Their values are never shown, not even wrong ones. */
const SECRETS: readonly Name[] = [
  'DATABASE_URL',
  'DATABASE_APP_URL',
  'DB_PASSWORD',
  'SECRET_KEY',
  'ADMIN_PASSWORD',
]

/**
 * Reads the .env file (when there is one) and the environment, which wins. An empty value counts as unset.
 * Throws ConfigError with every mistake.
 */
export function loadConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  file: string = resolve(ROOT, '.env'),
): Config {
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const given: Partial<Record<Name, string>> = {}
  for (const name of SETTING_NAMES) {
    const value = (environment[name] ?? fromFile[name])?.trim()
    if (value) given[name] = value
  }

  const parsed = Settings.safeParse(given)
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => sentence(issue, given))
  problems.push(...contradictions(given))
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)

  const s = parsed.data
  const host = s.HOST ?? '127.0.0.1'
  const port = s.PORT ?? 8000
  const url = s.DATABASE_URL ?? urlFromParts(given)
  const demoByDefault = isLoopback(host) && url === null && s.ADMIN_EMAIL === undefined
  const demoOn = s.DEMO === undefined ? demoByDefault : s.DEMO === 'on'
  return deepFreeze<Config>({
    port,
    host,
    dataDir: resolve(ROOT, s.DATA_DIR ?? 'data'),
    databaseUrl: url,
    databaseAppUrl: s.DATABASE_APP_URL ?? null,
    secretKey: s.SECRET_KEY ?? null,
    accessTokenExpireMinutes: s.ACCESS_TOKEN_EXPIRE_MINUTES ?? 30,
    frontendOrigins: s.FRONTEND_URL ?? DEVELOPMENT_ORIGINS,
    maxUploadSize: s.MAX_UPLOAD_SIZE ?? 10 * MB,
    allowedExtensions: s.ALLOWED_EXTENSIONS ?? ['.pdf', '.jpg', '.jpeg', '.png'],
    importMaxSize: s.IMPORT_MAX_SIZE ?? 200 * MB,
    attachmentQuota: s.ATTACHMENT_QUOTA ?? 10_240 * MB,
    rateLimit: { requests: s.RATE_LIMIT_REQUESTS ?? null, period: s.RATE_LIMIT_PERIOD ?? 60 },
    trustProxy: s.TRUST_PROXY ?? false,
    signup: s.SIGNUP ?? 'request',
    demo: { on: demoOn, forced: demoOn && !demoByDefault },
    admin:
      s.ADMIN_EMAIL && s.ADMIN_PASSWORD
        ? {
            email: s.ADMIN_EMAIL,
            password: s.ADMIN_PASSWORD,
            username: s.ADMIN_USERNAME ?? null,
            phone: s.ADMIN_PHONE ?? null,
          }
        : null,
    logLevel: s.LOG_LEVEL ?? 'info',
    messages: {
      sendgridUrl: s.SENDGRID_URL ?? null,
      smsportalUrl: s.SMSPORTAL_URL ?? 'https://rest.smsportal.com',
      privateSmtp: s.SMTP_PRIVATE === 'on',
      timeoutMs: 20_000,
    },
    publicUrl: s.PUBLIC_URL ?? `http://${hostInUrl(host)}:${port}`,
    warnings: Object.keys(fromFile)
      .filter((name) => !SETTING_NAMES.includes(name as Name))
      .map((name) => `The .env file sets ${name}, which Duebook does not know.`),
  })
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function sentence(issue: z.core.$ZodIssue, given: Partial<Record<Name, string>>): string {
  const name = issue.path[0] as Name
  const value = SECRETS.includes(name) ? 'is not usable (its value is not shown)' : `is "${given[name]}"`
  return `${name} ${value}; expected ${issue.message}.`
}

/** Settings that do not go together. */
function contradictions(given: Partial<Record<Name, string>>): string[] {
  const problems: string[] = []
  if (Boolean(given.ADMIN_EMAIL) !== Boolean(given.ADMIN_PASSWORD)) {
    const [set, unset] = given.ADMIN_EMAIL
      ? ['ADMIN_EMAIL', 'ADMIN_PASSWORD']
      : ['ADMIN_PASSWORD', 'ADMIN_EMAIL']
    problems.push(`${set} is set and ${unset} is not; expected both or neither.`)
  }
  if ((given.ADMIN_USERNAME || given.ADMIN_PHONE) && !given.ADMIN_EMAIL && !given.ADMIN_PASSWORD) {
    problems.push('ADMIN_USERNAME and ADMIN_PHONE belong to ADMIN_EMAIL, which is not set.')
  }
  if (given.RATE_LIMIT_PERIOD && !given.RATE_LIMIT_REQUESTS) {
    problems.push(
      'RATE_LIMIT_PERIOD is set and RATE_LIMIT_REQUESTS is not; expected both, or the requests alone.',
    )
  }
  const parts = (['DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_PORT'] as const).filter(
    (name) => given[name],
  )
  if (parts.length > 0 && !given.DATABASE_URL && !(given.DB_NAME && given.DB_USER)) {
    problems.push(
      `${parts.join(', ')} ${parts.length > 1 ? 'are' : 'is'} set; expected DB_NAME and DB_USER too.`,
    )
  }
  if (given.DATABASE_APP_URL && !given.DATABASE_URL && parts.length === 0) {
    problems.push('DATABASE_APP_URL is set and DATABASE_URL is not; expected both, or DATABASE_URL alone.')
  }
  return problems
}

function urlFromParts(given: Partial<Record<Name, string>>): string | null {
  if (!given.DB_NAME || !given.DB_USER) return null
  const secret = given.DB_PASSWORD ? `:${encodeURIComponent(given.DB_PASSWORD)}` : ''
  const host = given.DB_HOST ?? 'localhost'
  const place = host.startsWith('/') ? encodeURIComponent(host) : hostInUrl(host) // a folder holds a Unix socket
  return `postgresql://${encodeURIComponent(given.DB_USER)}${secret}@${place}:${given.DB_PORT ?? 5432}/${encodeURIComponent(given.DB_NAME)}`
}

function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return isIP(host) === 6 ? `[${host}]` : host
}

function readSize(text: string, most = 4096 * MB): number | undefined {
  const [, digits, unit] = /^(\d+)\s*([kmg]?)i?b?$/i.exec(text) ?? []
  if (!digits) return undefined
  const bytes = Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf((unit ?? '').toLowerCase())
  return bytes >= 1 && bytes <= most ? bytes : undefined
}

/** A comma list; undefined when it is empty or `read` refuses an element. */
function readList<T>(text: string, read: (element: string) => T | undefined): T[] | undefined {
  const elements = text
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
  const values = elements.map(read)
  return values.length > 0 && values.every((value) => value !== undefined) ? (values as T[]) : undefined
}

function readOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^*]+$/.test(text) || !URL.canParse(text)) return undefined
  const { origin, href } = new URL(text)
  return href === `${origin}/` ? origin : undefined
}

function readProxies(text: string): string[] | false | undefined {
  if (/^(off|false)$/i.test(text)) return false
  return readList(text, (element) => {
    const [address = '', bits, ...more] = element.split('/')
    const longest = { 0: 0, 4: 32, 6: 128 }[isIP(address)]
    if (!longest || more.length > 0) return undefined
    if (bits === undefined) return element
    return /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= longest ? element : undefined
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}

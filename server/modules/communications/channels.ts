import { sql } from 'kysely'
import { type ApiDeps, expectVersion, type Http } from '../../core/api.ts'
import type { Config } from '../../core/config.ts'
import type { Keyring } from '../../core/crypto.ts'
import { randomToken, sha256 } from '../../core/crypto.ts'
import { invalidField, notFound, Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import type { Kind } from './address.ts'
import { type ChannelSettings, neededSecrets } from './messages.ts'
import { providers } from './providers/all.ts'
import type { OpenChannel } from './providers/provider.ts'
import type { ChannelInput } from './schemas.ts'

type Row = {
  id: number
  outlet_id: number | null
  outlet: { id: number; name: string } | null
  kind: Kind
  provider: keyof typeof neededSecrets
  settings: ChannelSettings
  secret_names: string[]
  has_webhook: boolean
  concurrency: number
  waiting: number
  paused_until: string | null
  last_error: string | null
  last_error_at: string | null
  tested_at: string | null
  version: number
}

const secretWords: Record<string, string> = {
  api_key: 'The API key is missing.',
  client_id: 'The client id is missing.',
  api_secret: 'The API secret is missing.',
}

async function rowsOf(scope: Scope, where: ReturnType<typeof sql>) {
  const { rows } = await sql<Row>`
    select c.id, c.outlet_id, case when o.id is not null then json_build_object('id', o.id, 'name', o.name) end as outlet, c.kind, c.provider, c.settings,
           c.secret_names, c.webhook_hash is not null as has_webhook, c.concurrency, c.paused_until, c.last_error, c.last_error_at, c.tested_at, c.version,
           (select count(*)::int from messages m where m.tenant_id = ${scope.tenantId} and m.kind = c.kind and m.outlet_id is not distinct from c.outlet_id
               and m.state in ('pending', 'sending')) as waiting
      from channels c left join outlets o on o.tenant_id = ${scope.tenantId} and o.id = c.outlet_id
     where c.tenant_id = ${scope.tenantId} and ${where} order by o.name nulls first, c.kind, c.id`.execute(
    scope.db,
  )
  return rows.map(({ outlet_id: _, ...row }) => {
    const missing = neededSecrets[row.provider]
      .filter((name) => !row.secret_names.includes(name))
      .map((name) => secretWords[name]!)
    if (row.provider === 'smtp' && !row.settings.host) missing.push('The mail server is missing.')
    return { ...row, missing, is_ready: missing.length === 0 }
  })
}

export async function listChannels(
  scope: Scope,
  query: { outlet_id?: number | undefined; kind?: Kind | undefined } = {},
) {
  return {
    items: await rowsOf(
      scope,
      sql`${query.kind ? sql`c.kind = ${query.kind}` : sql`true`}
          and ${query.outlet_id === undefined ? sql`true` : query.outlet_id === 0 ? sql`c.outlet_id is null` : sql`c.outlet_id = ${query.outlet_id}`}`,
    ),
  }
}

export async function readChannel(scope: Scope, id: number) {
  const [row] = await rowsOf(scope, sql`c.id = ${id}`)
  if (!row) throw notFound('This channel')
  return row
}

const sealed = (scope: Scope, outletId: number | null, kind: Kind) =>
  `channel ${scope.tenantId} ${outletId ?? 0} ${kind}`

/**
 * Sets by what an outlet (or the organisation) sends one kind of message: one channel each, so setting it again changes it. Secrets that
 * are not named stay, unless the provider changes.
 */
export async function saveChannel(
  scope: Scope,
  keys: Keyring,
  input: ChannelInput,
  http?: Http,
): Promise<Awaited<ReturnType<typeof readChannel>>> {
  const outletId = input.outlet_id ?? null
  const { kind, provider } = input
  if (provider !== 'outbox' && provider !== 'shared' && (kind === 'sms') !== (provider === 'smsportal'))
    throw invalidField(
      'provider',
      kind === 'sms'
        ? 'Texts leave by SMSPortal, or stay in the outbox.'
        : 'SMSPortal sends texts, no e-mail.',
    )
  if (provider === 'shared' && outletId === null)
    throw invalidField(
      'provider',
      'An outlet can share the channel of the organisation; the organisation needs its own.',
    )
  if (outletId !== null) {
    const { rows } =
      await sql`select 1 from outlets where tenant_id = ${scope.tenantId} and id = ${outletId}`.execute(
        scope.db,
      )
    if (rows.length === 0) throw notFound('This outlet')
  }
  const { rows: known } = await sql<{
    id: number
    provider: string
    settings: ChannelSettings
    secret: string | null
    concurrency: number
    version: number
  }>`
    select id, provider, settings, secret, concurrency, version from channels
     where tenant_id = ${scope.tenantId} and kind = ${kind} and outlet_id is not distinct from ${outletId}::bigint for update`.execute(
    scope.db,
  )
  const [before] = known
  if (before && http) expectVersion(http, before)
  const isSame = before?.provider === provider
  const context = sealed(scope, outletId, kind)
  const secrets: Record<string, string> =
    (isSame && before.secret ? unsealed(keys, before.secret, context) : null) ?? {}
  for (const [name, value] of Object.entries(input.secrets ?? {})) {
    if (value === undefined) continue
    if (value) secrets[name] = value
    else delete secrets[name]
  }
  const names = Object.keys(secrets).sort()
  const secret = names.length > 0 ? keys.seal(JSON.stringify(secrets), context) : null
  const settings = JSON.stringify(input.settings ?? (isSame ? before.settings : {}))
  const concurrency = input.concurrency ?? before?.concurrency ?? 4
  const { rows } = await sql<{ id: number }>`
    insert into channels as c (tenant_id, outlet_id, kind, provider, settings, secret, secret_names, concurrency, created_at, updated_at)
    values (${scope.tenantId}, ${outletId}, ${kind}, ${provider}, ${settings}::jsonb, ${secret}, ${names}, ${concurrency}, ${scope.now}, ${scope.now})
    on conflict (tenant_id, outlet_id, kind) do update
       set provider = excluded.provider, settings = excluded.settings, secret = excluded.secret, secret_names = excluded.secret_names,
           concurrency = excluded.concurrency, paused_until = null, last_error = null, last_error_at = null, tested_at = null,
           version = c.version + 1, updated_at = excluded.updated_at
    returning id`.execute(scope.db)
  const { id } = rows[0]!
  // Which secrets were set is told; none of them.
  await scope.record(before ? 'channel.changed' : 'channel.added', id, {
    outlet_id: outletId,
    kind,
    provider,
    secrets: Object.keys(input.secrets ?? {}),
  })
  return readChannel(scope, id)
}

/** The channel with its keys, for the time of a call to its provider. */
export async function openChannel(
  scope: Scope,
  { keys, config }: Pick<ApiDeps, 'keys' | 'config'>,
  id: number,
): Promise<{ channel: OpenChannel; concurrency: number; locked: string | null }> {
  const { rows } = await sql<{
    kind: Kind
    provider: OpenChannel['provider'] | 'shared'
    settings: ChannelSettings
    secret: string | null
    outlet_id: number | null
    outlet_name: string | null
    outlet_email: string | null
    concurrency: number
  }>`
    select c.kind, c.provider, c.settings, c.secret, c.outlet_id, c.concurrency, o.name as outlet_name, o.email as outlet_email
      from channels c left join outlets o on o.tenant_id = ${scope.tenantId} and o.id = c.outlet_id
     where c.tenant_id = ${scope.tenantId} and c.id = ${id}`.execute(scope.db)
  const [row] = rows
  if (!row) throw notFound('This channel')
  const { provider, settings, secret, kind, outlet_id } = row
  if (provider === 'shared')
    throw new Refusal(
      409,
      'channel_shared',
      'This outlet sends by the channel of the organisation. Test that one.',
    )
  const opened = secret ? unsealed(keys, secret, sealed(scope, outlet_id, kind)) : {}
  return {
    concurrency: row.concurrency,
    locked: opened ? null : 'Its keys were sealed with another SECRET_KEY. Enter them again in the channel.',
    channel: {
      tenant_id: scope.tenantId,
      id,
      kind,
      provider,
      settings,
      secrets: opened ?? {},
      from: {
        email: settings.from_email || row.outlet_email || noReply(config),
        name: settings.from_name || row.outlet_name || scope.tenant.name,
      },
    },
  }
}

function unsealed(keys: Keyring, secret: string, context: string): Record<string, string> | null {
  try {
    return JSON.parse(keys.open(secret, context))
  } catch {
    return null
  }
}

const noReply = ({ publicUrl }: Config) => `no-reply@${new URL(publicUrl).hostname.replace(/^www\./, '')}`

/** Asks the provider whether the keys are good; nobody is told anything. Outside any scope but for reading and noting. */
export async function testChannel(
  deps: ApiDeps,
  within: <T>(work: (scope: Scope) => Promise<T>) => Promise<T>,
  id: number,
) {
  const { channel, missing } = await within(async (scope) => {
    const { channel, locked } = await openChannel(scope, deps, id)
    return { channel, missing: locked ? [locked] : (await readChannel(scope, id)).missing }
  })
  const result =
    missing.length > 0
      ? { ok: false, detail: missing.join(' ') }
      : await providers[channel.provider].test(channel, deps.config)
  const detail = withoutSecrets(result.detail, channel.secrets)
  await within(async (scope) => {
    await sql`
      update channels set tested_at = ${scope.now}, last_error = ${result.ok ? null : detail.slice(0, 500)}, last_error_at = ${result.ok ? null : scope.now}
       where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
    await scope.record('channel.tested', id, { ok: result.ok })
  })
  return { ok: result.ok, detail }
}

/** A provider that repeats a key in its words does not have it shown. */
export function withoutSecrets(text: string, secrets: Readonly<Record<string, string>>): string {
  return Object.values(secrets).reduce(
    (words, secret) => (secret.length >= 6 ? words.replaceAll(secret, '…') : words),
    text,
  )
}

/** A new address for the provider's reports, answered this once; the one before ends. */
export async function makeWebhook(scope: Scope, config: Config, id: number) {
  const channel = await readChannel(scope, id)
  if (channel.provider !== 'sendgrid' && channel.provider !== 'smsportal')
    throw new Refusal(
      409,
      'no_reports',
      'This channel has no reports: they come from SendGrid and SMSPortal.',
    )
  const token = `${scope.tenantId}.${randomToken(24)}`
  await sql`
    update channels set webhook_hash = ${sha256(token)}, version = version + 1, updated_at = ${scope.now}
     where tenant_id = ${scope.tenantId} and id = ${id}`.execute(scope.db)
  await scope.record('channel.webhook_made', id)
  return { url: `${config.publicUrl}/api/webhooks/${channel.provider}/${token}` }
}

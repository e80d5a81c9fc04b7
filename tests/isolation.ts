import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InjectOptions, RouteOptions } from 'fastify'
import { sql } from 'kysely'
import pg from 'pg'
import { z } from 'zod'
import { randomToken, sha256 } from '../server/core/crypto.ts'
import { asSystem, everyRowOf, type RowAccess, type Scope } from '../server/core/scope.ts'
import { hashPassword } from '../server/modules/identity/passwords.ts'
import { insertPerson } from '../server/modules/identity/people.ts'
import { rolePresets } from '../server/modules/identity/presets.ts'
import { forgetSessions } from '../server/modules/identity/seen-sessions.ts'
import { openSession } from '../server/modules/identity/sessions.ts'
import { signAccessToken } from '../server/modules/identity/tokens.ts'
import { codeKey } from '../server/modules/receivables/rules.ts'
import type { TestApp } from './app.ts'
import { type Organisation, organisation, type Person, password, person } from './given.ts'

// Every route x every kind of caller x every kind of object, walked from the registry, so that a new route joins by
// itself. What a route wants is read from its schemas; which table an id belongs to is read from its name. A new table
// needs a maker below, a new kind of id a line in `nounOf`: the test says so when one is missing.

/** Stands in every text that tenant B holds; B's amounts are made of the digits. Nobody else may ever read either. */
export const canary = 'Zanzibarcanary'
export const canaryDigits = '4815162342'
/** The number of an invoice of tenant A that is assigned to nobody and in a region of its own. */
export const sibling = 'SIBLING-7731'

const passwordHash = hashPassword(password)
let counter = 0
const next = () => ++counter

// ---- two organisations ----------------------------------------------------------------------------------------------

/** Somebody's own objects are as good as missing for everybody else, in their own organisation too. */
const personal = new Set(['sessions', 'api_keys', 'notifications', 'views', 'assignments'])

type Make = (world: World, scope: Scope, owner: number, word: string) => Promise<number>
const insert = async (scope: Scope, statement: ReturnType<typeof sql>) =>
  ((await statement.execute(scope.db)).rows[0] as { id: number }).id

/** Makes one row of a table and answers its id. `word` goes into its texts. */
const makers: Record<string, Make> = {
  users: async (_world, scope, _owner, word) => {
    const n = next()
    const id = await insertPerson(scope, {
      username: `${word}.${n}`,
      email: `${word}.${n}@example.com`,
      full_name: `${word} ${n}`,
      phone_number: '+15550100',
      password_hash: await passwordHash,
    })
    // In `sql`, because makers also run while the tenant filter is away.
    await sql`insert into memberships (tenant_id, user_id) values (${scope.tenantId}, ${id})`.execute(
      scope.db,
    )
    await sql`insert into membership_roles (tenant_id, user_id, role_id)
      select tenant_id, ${id}, id from roles where tenant_id = ${scope.tenantId} and code = 'biller'`.execute(
      scope.db,
    )
    return id
  },
  regions: (_world, scope, _owner, word) =>
    insert(
      scope,
      sql`insert into regions (tenant_id, code, name) values (${scope.tenantId}, ${`${word}-${next()}`}, ${`${word} ${next()}`}) returning id`,
    ),
  departments: (_world, scope, _owner, word) =>
    insert(
      scope,
      sql`insert into departments (tenant_id, name, name_key) values (${scope.tenantId}, ${`${word} ${next()}`}, ${`${word} ${next()}`}) returning id`,
    ),
  outlets: (_world, scope, _owner, word) =>
    insert(
      scope,
      sql`insert into outlets (tenant_id, code, name, address) values (${scope.tenantId}, ${`${word}-${next()}`}, ${`${word} ${next()}`}, ${word}) returning id`,
    ),
  roles: (_world, scope, _owner, word) =>
    insert(
      scope,
      sql`insert into roles (tenant_id, code, name, family, description, permissions)
          values (${scope.tenantId}, ${`own_${next()}`}, ${`${word} ${next()}`}, 'ours', ${word}, '{receivables.read}') returning id`,
    ),
  invitations: (_world, scope, owner, word) =>
    insert(
      scope,
      sql`insert into invitations (tenant_id, email, full_name, role_ids, token_hash, invited_by, expires_at)
          values (${scope.tenantId}, ${`${word.toLowerCase()}.${next()}@example.com`}, ${word}, '{}', ${sha256(randomToken())}, ${owner}, now() + interval '1 day') returning id`,
    ),
  join_requests: async (_world, scope, _owner, word) => {
    const n = next()
    const user = await insertPerson(scope, {
      username: `${word}.asks.${n}`,
      email: `${word}.asks.${n}@example.com`,
      full_name: word,
      password_hash: await passwordHash,
    })
    return insert(
      scope,
      sql`insert into join_requests (tenant_id, user_id) values (${scope.tenantId}, ${user}) returning id`,
    )
  },
  sessions: (_world, scope, owner, word) =>
    insert(
      scope,
      sql`insert into sessions (user_id, current_tenant_id, door, user_agent, expires_at)
          values (${owner}, ${scope.tenantId}, 'web', ${word}, now() + interval '1 day') returning id`,
    ),
  api_keys: (_world, scope, owner, word) =>
    insert(
      scope,
      sql`insert into api_keys (tenant_id, user_id, name, prefix, key_hash, scopes)
          values (${scope.tenantId}, ${owner}, ${word}, 'dbk_', ${sha256(randomToken())}, '{receivables.read}') returning id`,
    ),
  statement_links: async (world, scope, owner, word) => {
    const customer = await makers.customers!(world, scope, owner, word)
    return insert(
      scope,
      sql`insert into statement_links (tenant_id, customer_id, note, token_hash, created_by, created_at, expires_at)
          values (${scope.tenantId}, ${customer}, ${word}, ${sha256(randomToken())}, ${owner}, now(), now() + interval '1 day') returning id`,
    )
  },
  views: (_world, scope, owner, word) =>
    insert(
      scope,
      sql`insert into views (tenant_id, user_id, page, name, query, created_at, updated_at)
          values (${scope.tenantId}, ${owner}, '/receivables/invoices', ${word}, 'status=overdue', now(), now()) returning id`,
    ),
  tenants: async (_world, scope) => scope.tenantId,
  customers: (_world, scope, _owner, word) =>
    insert(
      scope,
      sql`insert into customers (tenant_id, key, code, name, email) values (${scope.tenantId}, ${`c${next()}`}, ${`C${next()}`}, ${`${word} ${next()}`}, ${`${word}@example.com`}) returning id`,
    ),
  invoices: async (world, scope, owner, word) => {
    const customer = await makers.customers!(world, scope, owner, word)
    const amount = word === canary ? Number(canaryDigits) : 12_345
    const number = `${word}-${next()}`
    const id = await insert(
      scope,
      sql`insert into invoices (tenant_id, customer_id, number, number_key, currency, amount, open_amount, invoice_date, due_date, notes)
          values (${scope.tenantId}, ${customer}, ${number}, ${codeKey(number)}, 'USD', ${amount}, ${amount}, '2026-01-01', '2026-01-31', ${word}) returning id`,
    )
    await sql`insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on) values (${scope.tenantId}, ${id}, 'invoice', ${amount}, '2026-01-01')`.execute(
      scope.db,
    )
    return id
  },
  credits: async (world, scope, owner, word) => {
    const customer = await makers.customers!(world, scope, owner, word)
    return creditOf(scope, customer, word)
  },
  payments: async (world, scope, owner, word) => {
    const customer = await makers.customers!(world, scope, owner, word)
    const document = await creditOf(scope, customer, word)
    const amount = word === canary ? Number(canaryDigits) : 12_345
    return insert(
      scope,
      sql`insert into payments (tenant_id, customer_id, document_id, currency, amount, received_on, reference, note, created_by)
          values (${scope.tenantId}, ${customer}, ${document}, 'USD', ${amount}, '2026-01-10', ${word}, ${word}, ${owner}) returning id`,
    )
  },
  allocations: async (world, scope, owner, word) => {
    const invoice = await makers.invoices!(world, scope, owner, word)
    const amount = word === canary ? Number(canaryDigits) : 12_345
    return insert(
      scope,
      sql`insert into payment_allocations (tenant_id, kind, invoice_id, amount, said_on, counts_from, created_by, created_at)
          values (${scope.tenantId}, 'mark', ${invoice}, ${amount}, '2026-01-10', '2026-01-10', ${owner}, now()) returning id`,
    )
  },
  write_offs: async (world, scope, owner, word) => {
    const [invoice, role] = [
      await makers.invoices!(world, scope, owner, word),
      await makers.roles!(world, scope, owner, word),
    ]
    const amount = word === canary ? Number(canaryDigits) : 12_345
    await sql`insert into write_off_limits (tenant_id, role_id, amount) values (${scope.tenantId}, ${role}, ${amount})`.execute(
      scope.db,
    )
    return insert(
      scope,
      sql`insert into write_offs (tenant_id, invoice_id, amount, reason, note, state, requested_at, requested_by)
          values (${scope.tenantId}, ${invoice}, ${amount}, 'other', ${word}, 'requested', now(),
                  -- Who may approve is given what others asked for.
                  (select ${owner}::bigint where not exists (
                     select from membership_roles mr join roles r on r.tenant_id = ${scope.tenantId} and r.id = mr.role_id
                      where mr.tenant_id = ${scope.tenantId} and mr.user_id = ${owner} and 'receivables.write_off_approve' = any(r.permissions)))) returning id`,
    )
  },
  comments: async (world, scope, owner, word) => {
    const invoice = await makers.invoices!(world, scope, owner, word)
    return insert(
      scope,
      sql`insert into invoice_comments (tenant_id, invoice_id, user_id, body) values (${scope.tenantId}, ${invoice}, ${owner}, ${word}) returning id`,
    )
  },
  dispute_reasons: (_world, scope, _owner, word) => {
    const name = `${word} reason ${next()}`
    return insert(
      scope,
      sql`insert into dispute_reasons (tenant_id, name, name_key) values (${scope.tenantId}, ${name}, ${name.toLowerCase()}) returning id`,
    )
  },
  disputes: async (world, scope, owner, word) => {
    const [invoice, reason] = [
      await makers.invoices!(world, scope, owner, word),
      await makers.dispute_reasons!(world, scope, owner, word),
    ]
    const amount = word === canary ? Number(canaryDigits) : 12_345
    const id = await insert(
      scope,
      sql`insert into disputes (tenant_id, invoice_id, reason_id, opened_amount, note, opened_on, due_on, opened_by, opened_at, updated_at)
          values (${scope.tenantId}, ${invoice}, ${reason}, ${amount}, ${word}, '2026-01-01', '2026-01-08', ${owner}, now(), now()) returning id`,
    )
    await sql`insert into dispute_intervals (tenant_id, dispute_id, invoice_id, amount, opened_on, opened_at)
      values (${scope.tenantId}, ${id}, ${invoice}, ${amount}, '2026-01-01', now())`.execute(scope.db)
    await sql`insert into dispute_comments (tenant_id, dispute_id, user_id, body, created_at)
      values (${scope.tenantId}, ${id}, ${owner}, ${word}, now())`.execute(scope.db)
    return id
  },
  attachments: async (world, scope, owner, word) => {
    const invoice = await makers.invoices!(world, scope, owner, word)
    const bytes = `${word} ${next()}`
    const digest = sha256(bytes).toString('hex')
    const folder = join(world.test.deps.config.dataDir, 'files', String(scope.tenantId), digest.slice(0, 2))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, digest.slice(2)), bytes)
    return insert(
      scope,
      sql`insert into attachments (tenant_id, subject, subject_id, file_sha256, file_name, size, mime, user_id, created_at)
          values (${scope.tenantId}, 'invoice', ${invoice}, ${digest}, ${`${word}.txt`}, ${bytes.length}, 'text/plain', ${owner}, now()) returning id`,
    )
  },
  contacts: async (world, scope, owner, word) => {
    const customer = await makers.customers!(world, scope, owner, word)
    // Seen by those who see its invoice.
    await sql`insert into invoices (tenant_id, customer_id, number, number_key, currency, amount, open_amount) values (${scope.tenantId}, ${customer}, ${`${word}-${next()}`}, ${`k${next()}`}, 'USD', 0, 0)`.execute(
      scope.db,
    )
    return insert(
      scope,
      sql`insert into contacts (tenant_id, customer_id, name, email) values (${scope.tenantId}, ${customer}, ${word}, ${`${word}@example.com`}) returning id`,
    )
  },
  attempts: async (world, scope, owner, word) => {
    const contact = await makers.contacts!(world, scope, owner, word)
    const id = await insert(
      scope,
      sql`insert into contact_attempts (tenant_id, customer_id, user_id, contact_id, channel, outcome, note, attempted_at)
          select ${scope.tenantId}, customer_id, ${owner}, id, 'call', 'spoke', ${word}, now() from contacts
           where tenant_id = ${scope.tenantId} and id = ${contact} returning id`,
    )
    await sql`insert into attempt_invoices (tenant_id, attempt_id, invoice_id)
      select ${scope.tenantId}, ${id}, i.id from invoices i join contact_attempts a on a.tenant_id = ${scope.tenantId} and a.customer_id = i.customer_id and a.id = ${id}
       where i.tenant_id = ${scope.tenantId}`.execute(scope.db)
    return id
  },
  tasks: async (world, scope, owner, word) => {
    const invoice = await makers.invoices!(world, scope, owner, word)
    return insert(
      scope,
      sql`insert into tasks (tenant_id, customer_id, invoice_id, owner_id, title, due_on)
          select ${scope.tenantId}, customer_id, id, ${owner}, ${word}, '2026-01-01' from invoices
           where tenant_id = ${scope.tenantId} and id = ${invoice} returning id`,
    )
  },
  notifications: async (_world, scope, owner, word) => {
    await sql`insert into notification_preferences (tenant_id, user_id) values (${scope.tenantId}, ${owner}) on conflict do nothing`.execute(
      scope.db,
    )
    return insert(
      scope,
      sql`insert into notifications (tenant_id, user_id, kind, subject, text) values (${scope.tenantId}, ${owner}, 'mention', 'invoice', ${word}) returning id`,
    )
  },
  assignment_rules: async (world, scope, owner, word) => {
    const member = await makers.users!(world, scope, owner, word)
    const id = await insert(
      scope,
      sql`insert into assignment_rules (tenant_id, name, position, is_on) values (${scope.tenantId}, ${word}, 1, false) returning id`,
    )
    await sql`insert into assignment_rule_people (tenant_id, rule_id, user_id) values (${scope.tenantId}, ${id}, ${member})`.execute(
      scope.db,
    )
    return id
  },
  assignments: async (_world, scope, owner) => {
    const id = await insert(
      scope,
      sql`insert into assignment_acts (tenant_id, made_by, made_at) values (${scope.tenantId}, ${owner}, now()) returning id`,
    )
    await sql`insert into assignment_act_items (tenant_id, act_id, subject, subject_id) values (${scope.tenantId}, ${id}, 'task', ${owner})`.execute(
      scope.db,
    )
    return id
  },
  absences: async (world, scope, owner, word) => {
    const standIn = await makers.users!(world, scope, owner, word)
    const id = await insert(
      scope,
      sql`insert into absences (tenant_id, user_id, stand_in_id, from_on, until_on, note)
          values (${scope.tenantId}, ${owner}, ${standIn}, '2150-01-01', '2150-01-02', ${word}) returning id`,
    )
    await sql`insert into absence_items (tenant_id, absence_id, subject, subject_id) values (${scope.tenantId}, ${id}, 'task', ${owner})`.execute(
      scope.db,
    )
    return id
  },
  promises: async (world, scope, owner, word) => {
    const invoice = await makers.invoices!(world, scope, owner, word)
    const amount = word === canary ? Number(canaryDigits) : 12_345
    const id = await insert(
      scope,
      sql`insert into promises (tenant_id, customer_id, currency, amount, promised_on, tolerance_days, made_on, made_at, made_by, note)
          select ${scope.tenantId}, customer_id, 'USD', ${amount}, '2199-01-05', 2, '2026-01-01', now(), ${owner}, ${word}
            from invoices where tenant_id = ${scope.tenantId} and id = ${invoice} returning id`,
    )
    await sql`insert into promise_invoices (tenant_id, promise_id, invoice_id, amount) values (${scope.tenantId}, ${id}, ${invoice}, ${amount})`.execute(
      scope.db,
    )
    return id
  },
  policies: async (world, scope, owner, word) => {
    const id = await insert(
      scope,
      sql`insert into dunning_policies (tenant_id, name) values (${scope.tenantId}, ${`${word} ${next()}`}) returning id`,
    )
    await sql`insert into dunning_steps (tenant_id, policy_id, version, step, delay_days, gap_days, channel, language, subject, body)
      values (${scope.tenantId}, ${id}, 1, 1, 3, 0, 'email', 'en', ${word}, ${word})`.execute(scope.db)
    const customer = await makers.customers!(world, scope, owner, word)
    await sql`insert into dunning_customers (tenant_id, customer_id, policy_id) values (${scope.tenantId}, ${customer}, ${id})`.execute(
      scope.db,
    )
    return id
  },
  blocks: async (world, scope, owner, word) => {
    const invoice = await makers.invoices!(world, scope, owner, word)
    return insert(
      scope,
      sql`insert into dunning_blocks (tenant_id, customer_id, invoice_id, until, reason)
          select ${scope.tenantId}, customer_id, id, '2199-01-01', ${word} from invoices where tenant_id = ${scope.tenantId} and id = ${invoice} returning id`,
    )
  },
  dead_addresses: (_world, scope, _owner, word) =>
    insert(
      scope,
      sql`insert into dead_addresses (tenant_id, address, reason) values (${scope.tenantId}, ${`${word}.${next()}@example.com`.toLowerCase()}, ${word}) returning id`,
    ),
  messages: async (world, scope, owner, word) => {
    const [invoice, policy] = [
      await makers.invoices!(world, scope, owner, word),
      await makers.policies!(world, scope, owner, word),
    ]
    const amount = word === canary ? Number(canaryDigits) : 12_345
    const id = await insert(
      scope,
      sql`insert into dunning_messages (tenant_id, customer_id, currency, policy_id, policy_version, step, channel, language, recipient, subject, body,
                                        amount, prepared_on, prepared_at)
          select ${scope.tenantId}, customer_id, 'USD', ${policy}, 1, 1, 'email', 'en', ${`${word}@example.com`}, ${word}, ${word}, ${amount}, '2026-02-05', now()
            from invoices where tenant_id = ${scope.tenantId} and id = ${invoice} returning id`,
    )
    await sql`insert into dunning_message_invoices (tenant_id, message_id, invoice_id, step, amount, days_overdue)
      values (${scope.tenantId}, ${id}, ${invoice}, 1, ${amount}, 5)`.execute(scope.db)
    return id
  },
  sources: (_world, scope, _owner, word) =>
    insert(
      scope,
      sql`insert into import_sources (tenant_id, target, key, name, mapping)
          values (${scope.tenantId}, 'receivables', ${`${word} ${next()}`}, ${word}, ${JSON.stringify({ amount: word })}) returning id`,
    ),
  imports: async (world, scope, owner, word) => {
    const [source, customer] = [
      await makers.sources!(world, scope, owner, word),
      await makers.customers!(world, scope, owner, word),
    ]
    const invoice = await makers.invoices!(world, scope, owner, word)
    const id = await insert(
      scope,
      sql`insert into imports (tenant_id, target, status, file_sha256, file_name, file_size, as_of, created_by, published_at, source_id, kind)
          values (${scope.tenantId}, 'receivables', 'published', ${sha256(randomToken()).toString('hex')}, ${`${word}.csv`}, 10, '2026-02-01', ${owner}, now(), ${source}, 'changes') returning id`,
    )
    await sql`insert into import_accounts (tenant_id, import_id, customer_id, key, name) values (${scope.tenantId}, ${id}, ${customer}, ${word}, ${word})`.execute(
      scope.db,
    )
    await sql`insert into import_rows (tenant_id, import_id, row, outcome, customer_id, currency, amount, open_amount, region)
      values (${scope.tenantId}, ${id}, 3, 'new', ${customer}, 'USD', 100, 100, ${word})`.execute(scope.db)
    await sql`insert into outstanding_sheets (tenant_id, import_id, month, financial_year, level) values (${scope.tenantId}, ${id}, '2026-02-01', '2025-2026', 'customer')`.execute(
      scope.db,
    )
    await sql`insert into import_books (tenant_id, version) values (${scope.tenantId}, 1) on conflict do nothing`.execute(
      scope.db,
    )
    await sql`insert into missing_decisions (tenant_id, import_id, invoice_id, decision, decided_at) values (${scope.tenantId}, ${id}, ${invoice}, 'open', now())`.execute(
      scope.db,
    )
    await sql`insert into import_rows (tenant_id, import_id, row, outcome, number, problems, cells)
      values (${scope.tenantId}, ${id}, 2, 'rejected', ${word}, ${JSON.stringify([{ column: 'due_date', value: word, reason: 'not a day' }])}, ${[word]})`.execute(
      scope.db,
    )
    return id
  },
  schedules: async (_world, scope, owner, word) => {
    await sql`insert into rates (tenant_id, currency, day, rate, source) values (${scope.tenantId}, 'EUR', '2026-01-01', 1.1, ${word}) on conflict do nothing`.execute(
      scope.db,
    )
    return insert(
      scope,
      sql`insert into report_schedules (tenant_id, name, every, user_ids, next_on, created_by)
          values (${scope.tenantId}, ${`${word} ${next()}`}, 'day', ${[owner]}, '2199-01-01', ${owner}) returning id`,
    )
  },
  packs: async (world, scope, owner, word) => {
    const schedule = await makers.schedules!(world, scope, owner, word)
    const id = await insert(
      scope,
      sql`insert into report_packs (tenant_id, schedule_id, as_of, currency, file_sha256, file_name, file_size)
          values (${scope.tenantId}, ${schedule}, '2026-01-01', 'USD', ${sha256(randomToken()).toString('hex')}, ${`${word}.pdf`}, 10) returning id`,
    )
    await sql`insert into report_deliveries (tenant_id, pack_id, user_id) values (${scope.tenantId}, ${id}, ${owner})`.execute(
      scope.db,
    )
    return id
  },
  pharmacies: async (_world, scope, _owner, word) => {
    const id = await insert(
      scope,
      sql`insert into outlets (tenant_id, code, name, kind, email) values (${scope.tenantId}, ${`${word}-${next()}`}, ${`${word} ${next()}`}, 'pharmacy', ${`${word}@example.com`}) returning id`,
    )
    await sql`insert into pharmacies (tenant_id, outlet_id, bank_name) values (${scope.tenantId}, ${id}, ${word})`.execute(
      scope.db,
    )
    // Open to everybody whose role shows debtors; that a closed one refuses is tested with the debtors.
    await sql`insert into outlet_access (tenant_id, user_id, outlet_id, can_read, can_write)
      select ${scope.tenantId}, m.user_id, ${id}, true, true from memberships m where m.tenant_id = ${scope.tenantId}`.execute(
      scope.db,
    )
    await sql`insert into debtor_layouts (tenant_id, outlet_id, layout, columns, last_used_at) values (${scope.tenantId}, ${id}, ${word}, ${JSON.stringify({ [word]: 'd60' })}, now())`.execute(
      scope.db,
    )
    return id
  },
  channels: async (world, scope, owner, word) => {
    const outlet = await makers.outlets!(world, scope, owner, word)
    return insert(
      scope,
      sql`insert into channels (tenant_id, outlet_id, kind, provider, settings, created_at, updated_at)
          values (${scope.tenantId}, ${outlet}, 'email', 'sendgrid', ${JSON.stringify({ from_name: word })}::jsonb, now(), now()) returning id`,
    )
  },
  // One that failed, to a customer whose invoice says who sees it.
  sent_messages: async (world, scope, owner, word) => {
    const contact = await makers.contacts!(world, scope, owner, word)
    const channel = await makers.channels!(world, scope, owner, word)
    const id = await insert(
      scope,
      sql`insert into messages (tenant_id, dedupe_key, kind, purpose, customer_id, recipient, address, subject, text, state, error, send_after, attempts, channel_id, created_at, updated_at)
          select ${scope.tenantId}, ${`${word} ${next()}`}, 'email', 'reminder', customer_id, ${`${word}@example.com`}, ${`${word.toLowerCase()}@example.com`}, ${word}, ${word},
                 'failed', ${word}, now(), 1, ${channel}, now(), now() from contacts where tenant_id = ${scope.tenantId} and id = ${contact} returning id`,
    )
    await sql`insert into message_events (tenant_id, message_id, attempt, kind, report_key, detail, at, received_at)
      values (${scope.tenantId}, ${id}, 1, 'bounced', ${`${word} ${next()}`}, ${word}, now(), now())`.execute(
      scope.db,
    )
    return id
  },
  reports: async (world, scope, owner, word) => {
    const pharmacy = pharmacyOf(world, scope)
    const id = await insert(
      scope,
      sql`insert into debtor_reports (tenant_id, outlet_id, file_sha256, file_name, file_size, mime, status, title, totals, uploaded_by, uploaded_at)
          values (${scope.tenantId}, ${pharmacy}, ${sha256(randomToken()).toString('hex')}, ${`${word}.pdf`}, 10, 'application/pdf', 'needs_review', ${word},
                  '{}', ${owner}, now()) returning id`,
    )
    await sql`insert into debtor_report_lines (tenant_id, outlet_id, report_id, line, page, text, kind, x0, y0, width, height)
      values (${scope.tenantId}, ${pharmacy}, ${id}, 0, 1, ${word}, 'account', 1, 1, 1, 1)`.execute(scope.db)
    return id
  },
  debtors: async (world, scope, owner, word) => {
    const pharmacy = pharmacyOf(world, scope)
    const report = await makers.reports!(world, scope, owner, word)
    const amount = word === canary ? Number(canaryDigits) : 12_345
    const id = await insert(
      scope,
      sql`insert into customers (tenant_id, outlet_id, key, code, name, email) values (${scope.tenantId}, ${pharmacy}, ${`d${next()}`}, ${`D${next()}`}, ${`${word} ${next()}`}, ${`${word}@example.com`}) returning id`,
    )
    await sql`insert into debtor_balances (tenant_id, outlet_id, report_id, customer_id, row, acc_no, name, name_key, current, d30, d60, d90, d120, d150, d180,
        balance, email, is_medical_aid_control, is_control, read_as_medical_aid, page, line, confidence)
      values (${scope.tenantId}, ${pharmacy}, ${report}, ${id}, 0, ${word}, ${word}, ${word.toLowerCase()}, 0, 0, ${amount}, 0, 0, 0, 0, ${amount},
              ${`${word}@example.com`}, false, false, false, 1, 0, 1)`.execute(scope.db)
    await sql`update debtor_reports set status = 'completed' where tenant_id = ${scope.tenantId} and id = ${report}`.execute(
      scope.db,
    )
    await sql`update pharmacies set report_id = ${report} where tenant_id = ${scope.tenantId} and outlet_id = ${pharmacy}`.execute(
      scope.db,
    )
    return id
  },
  campaigns: async (world, scope, owner, word) => {
    const pharmacy = pharmacyOf(world, scope)
    const debtor = await makers.debtors!(world, scope, owner, word)
    const id = await insert(
      scope,
      sql`insert into campaigns (tenant_id, outlet_id, name, kind, source, ageing_buckets, state, created_by, created_at)
          values (${scope.tenantId}, ${pharmacy}, ${`${word} ${next()}`}, 'email', 'campaign', '{d60}', 'draft', ${owner}, now()) returning id`,
    )
    await sql`insert into campaign_members (tenant_id, campaign_id, customer_id, acc_no, name, amount, gate, reason)
      values (${scope.tenantId}, ${id}, ${debtor}, ${word}, ${word}, 1, 'paid', ${word})`.execute(scope.db)
    await sql`insert into escalation_steps (tenant_id, outlet_id, bucket, kind, subject) values (${scope.tenantId}, ${pharmacy}, 'd60', 'email', ${word})
      on conflict do nothing`.execute(scope.db)
    return id
  },
  // Their words, and the hours beside them.
  templates: async (world, scope, owner, word) => {
    const outlet = await makers.pharmacies!(world, scope, owner, word)
    await sql`insert into sending_rules (tenant_id, outlet_id, week, language, updated_at)
      values (${scope.tenantId}, ${outlet}, ${JSON.stringify([null, null, null, null, null, null, { from: word, until: word }])}::jsonb, 'en', now())`.execute(
      scope.db,
    )
    return insert(
      scope,
      sql`insert into message_templates (tenant_id, outlet_id, purpose, kind, language, subject, body, created_at, updated_at)
          values (${scope.tenantId}, ${outlet}, 'reminder', 'email', 'en', ${word}, ${word}, now(), now()) returning id`,
    )
  },
  suppressions: (_world, scope, owner, word) =>
    insert(
      scope,
      sql`insert into suppressions (tenant_id, kind, address, reason, source, created_by, since)
          values (${scope.tenantId}, 'email', ${`${word.toLowerCase()}.${next()}@example.com`}, 'manual', ${word}, ${owner}, now()) returning id`,
    ),
  habits: async (world, scope, owner, word) => {
    const customer = await makers.customers!(world, scope, owner, word)
    const told = word === canary ? JSON.stringify({ [word]: Number(canaryDigits) }) : null
    await sql`insert into prediction_models (tenant_id, trained_on, invoices, back_test, updated_at)
      values (${scope.tenantId}, '2026-01-01', 1, ${told}, now()) on conflict do nothing`.execute(scope.db)
    await sql`insert into worklist_weights (tenant_id, weights, updated_at) values (${scope.tenantId}, ${told ?? '{}'}, now()) on conflict do nothing`.execute(
      scope.db,
    )
    await sql`insert into worklist_pauses (tenant_id, user_id, customer_id, until_on, kind, reason, created_at)
      values (${scope.tenantId}, ${owner}, ${customer}, '2199-01-01', 'snooze', ${word}, now())`.execute(
      scope.db,
    )
    const lateness = word === canary ? Number(canaryDigits) : 3
    await sql`insert into customer_habits (tenant_id, customer_id, log_odds, days_late, recently, ever, invoices, late)
      values (${scope.tenantId}, ${customer}, 0.5, ${lateness}, 0.1, 0.2, 7, 3)`.execute(scope.db)
    return customer
  },
}

/** Debtors and their reports are of the one pharmacy that each organisation has from the start. */
const pharmacyOf = (world: World, scope: Scope) =>
  world.ids[scope.tenantId === world.a.id ? 'a' : 'b'].pharmacies!

/** A credit of a customer, all of it unapplied. */
async function creditOf(scope: Scope, customer: number, word: string): Promise<number> {
  const amount = word === canary ? -Number(canaryDigits) : -12_345
  const id = await insert(
    scope,
    sql`insert into invoices (tenant_id, customer_id, number, number_key, document_type, currency, amount, open_amount, invoice_date, notes)
        values (${scope.tenantId}, ${customer}, ${`${word}-${next()}`}, ${`k${next()}`}, 'credit_note', 'USD', ${amount}, ${amount}, '2026-01-01', ${word}) returning id`,
  )
  await sql`insert into invoice_entries (tenant_id, invoice_id, kind, amount, effective_on) values (${scope.tenantId}, ${id}, 'invoice', ${amount}, '2026-01-01')`.execute(
    scope.db,
  )
  return id
}

export type ActorId = string
export type Caller = {
  id: ActorId
  /** Null for callers without an account. */
  user_id: number | null
  /** What their roles allow; null when they are in no organisation. */
  permissions: ReadonlySet<string> | null
  row_access: RowAccess | null
  is_superuser: boolean
  headers: Record<string, string>
  /** Whether their session may have ended, so that the next call needs a new one. */
  stale: boolean
}
export type World = {
  test: TestApp
  owner: pg.Client
  a: Organisation
  b: Organisation
  administratorOfA: Person
  callers: Caller[]
  /** One id of each table in each organisation; of A, those that belong to the administrator. */
  ids: { a: Record<string, number>; b: Record<string, number> }
  tables: readonly string[]
  random: () => number
}

export async function twoOrganisations(test: TestApp, random: () => number): Promise<World> {
  // Another database of this process may have had sessions of the same numbers.
  forgetSessions()
  const owner = new pg.Client(test.testDatabase.owner)
  await owner.connect()
  const a = await organisation(test, { name: 'Alpha' })
  const b = await organisation(test, { name: `${canary} Ltd`, code: canary.toLowerCase() })
  const administratorOfA = await person(test, { in: a })
  const administratorOfB = await person(test, { in: b, username: `${canary}.admin`, full_name: canary })
  const callers: Caller[] = []
  for (const preset of rolePresets) {
    const who = await person(test, { in: a, roles: [preset.code], signedIn: false })
    callers.push({
      id: preset.code,
      user_id: who.id,
      permissions: new Set(preset.permissions),
      row_access: preset.row_access,
      is_superuser: false,
      headers: {},
      stale: true,
    })
  }
  const outside = await person(test, { signedIn: false })
  const superuser = await person(test, { is_superuser: true, signedIn: false })
  const none = { permissions: null, row_access: null, is_superuser: false, headers: {}, stale: false }
  callers.push(
    { ...none, id: 'no organisation', user_id: outside.id, stale: true },
    { ...none, id: 'superuser outside', user_id: superuser.id, is_superuser: true, stale: true },
    { ...none, id: 'anonymous', user_id: null },
  )
  const world: World = {
    test,
    owner,
    a,
    b,
    administratorOfA,
    callers,
    ids: { a: {}, b: {} },
    tables: [...test.database.tenantTables].sort(),
    random,
  }
  callers.push({
    ...none,
    id: 'expired',
    user_id: null,
    headers: { authorization: `Bearer ${await expired(test, administratorOfA)}` },
  })
  for (const noun of Object.keys(makers)) {
    world.ids.a[noun] = await make(world, noun, 'a', administratorOfA.id, 'alpha')
    world.ids.b[noun] = await make(world, noun, 'b', administratorOfB.id, canary)
  }
  await make(world, 'invoices', 'a', administratorOfA.id, sibling)
  await inside(test, b, async (scope) => {
    await sql`insert into outlet_access (tenant_id, user_id, outlet_id) values (${b.id}, ${administratorOfB.id}, ${world.ids.b.outlets!})`.execute(
      scope.db,
    )
    await scope.record('invoice.disputed', world.ids.b.invoices!, { note: canary })
  })
  return world
}

const inside = <T>(test: TestApp, { id }: Organisation, work: (scope: Scope) => Promise<T>) =>
  asSystem(test.deps.database, 'given', async (system) => work(await system.enter(id)))

async function make(
  world: World,
  noun: string,
  side: 'a' | 'b',
  ownerId: number,
  word: string,
): Promise<number> {
  const maker = makers[noun]
  if (!maker) throw new Error(`tests/isolation.ts has no maker for ${noun}`)
  return inside(world.test, world[side], (scope) => maker(world, scope, ownerId, word))
}

async function expired(test: TestApp, who: Person): Promise<string> {
  const claims = JSON.parse(Buffer.from(who.token.split('.')[1]!, 'base64url').toString())
  return signAccessToken(
    test.deps.keys.tokens,
    { user_id: who.id, session_id: claims.sid, tenant_id: who.tenant_id, role: null },
    -60,
    new Date(),
  )
}

/** Headers of a session that is open, without the cost of a sign-in. */
async function headersOf(world: World, caller: Caller): Promise<Record<string, string>> {
  if (caller.user_id === null || !caller.stale) return caller.headers
  const { deps } = world.test
  const tokens = await asSystem(deps.database, 'given', (system) =>
    openSession(system, deps, {
      user_id: caller.user_id!,
      tenant_id: caller.permissions ? world.a.id : null,
      door: 'tracker',
      ip: '127.0.0.1',
      user_agent: 'isolation',
      role: null,
    }),
  )
  caller.headers = { authorization: `Bearer ${tokens.access}` }
  caller.stale = false
  return caller.headers
}

/** What tenant B holds, and its people's accounts, as one digest per table. */
export async function digest(world: World): Promise<Record<string, string>> {
  const { owner, b } = world
  const people = `(select user_id from memberships where tenant_id = ${b.id})`
  const sources = [
    ...world.tables.map((table) => [table, `${table} x where tenant_id = ${b.id}`]),
    ['tenants', `tenants x where id = ${b.id}`],
    ['users', `users x where id in ${people}`],
    ...['credentials', 'sessions', 'recovery_codes', 'password_resets'].map((table) => [
      table,
      `${table} x where user_id in ${people}`,
    ]),
  ]
  const parts = sources.map(
    ([name, from]) =>
      `select '${name}' as name, md5(coalesce(string_agg(x::text, E'\\n' order by x::text), '')) as digest from ${from}`,
  )
  await owner.query(`begin; ${everyRowOf(b.id)}`)
  try {
    const { rows } = await owner.query<{ name: string; digest: string }>(parts.join(' union all '))
    return Object.fromEntries(rows.map((row) => [row.name, row.digest]))
  } finally {
    await owner.query('rollback')
  }
}

/** Tenant tables of which B holds no row, or none that a canary would give away. */
export async function tablesWithoutCanary(world: World): Promise<string[]> {
  const { owner, b } = world
  // Nothing but numbers in them.
  const numbersOnly = new Set([
    'memberships',
    'membership_roles',
    'outlet_access',
    'join_requests',
    'import_books',
    'missing_decisions',
    'payment_allocations',
    'write_off_limits',
    'attempt_invoices',
    'notification_preferences',
    'assignment_rule_people',
    'absence_items',
    'assignment_acts',
    'assignment_act_items',
    'outstanding_sheets',
    'dunning_customers',
    'report_deliveries',
  ])
  const found: string[] = []
  await owner.query(`begin; ${everyRowOf(b.id)}`)
  for (const table of world.tables) {
    const marked = numbersOnly.has(table)
      ? ''
      : `and (x::text ilike '%${canary}%' or x::text like '%${canaryDigits}%')`
    const { rows } = await owner.query(`select 1 from ${table} x where tenant_id = ${b.id} ${marked} limit 1`)
    if (rows.length === 0) found.push(table)
  }
  await owner.query('rollback')
  return found.sort()
}

// ---- probes ---------------------------------------------------------------------------------------------------------

export const kinds = ['own', 'sibling', 'foreign', 'missing'] as const
export type Kind = (typeof kinds)[number]
const MISSING = 900_000_000_001

type Part = 'path' | 'query' | 'body'
/** One id that a route takes. */
export type Reference = { part: Part; path: string; noun: string }
export type Route = {
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  access: string[]
  references: Reference[]
  schema: { params?: z.ZodType; querystring?: z.ZodType; body?: z.ZodType; consumes?: string[] }
  twin: string | null
}
export type Probe = { route: Route; caller: Caller; reference: Reference | null; kind: Kind }

/** The routes of the API, each with its twin of the other slash; sockets and pages are tested by themselves. */
export function apiRoutes(test: TestApp): Route[] {
  const all = test.app.registry.filter(
    (route) =>
      !route.websocket &&
      !['HEAD', 'OPTIONS'].includes(String(route.method)) &&
      !/^\/(docs|swagger|redoc|assets)\b/.test(route.url),
  )
  const urls = new Map(all.map((route) => [`${route.method} ${route.url}`, route]))
  const routes: Route[] = []
  for (const route of all) {
    const { url } = route
    const other = url.endsWith('/') ? url.slice(0, -1) : `${url}/`
    const twin = urls.get(`${route.method} ${other}`)
    const hidden = (each: RouteOptions) => (each.schema as { hide?: boolean } | undefined)?.hide === true
    if (twin && hidden(route) && !hidden(twin)) continue
    const schema = (route.schema ?? {}) as Route['schema']
    routes.push({
      id: `${route.method} ${url}`,
      method: route.method as Route['method'],
      url,
      access: [route.config?.access ?? []].flat() as string[],
      references: referencesOf(url, schema),
      schema,
      twin: twin && hidden(twin) ? other : null,
    })
  }
  return routes
}

type Json = { [key: string]: unknown } & {
  type?: string | string[]
  anyOf?: Json[]
  properties?: Record<string, Json>
  items?: Json
  enum?: unknown[]
  const?: unknown
  format?: string
  minimum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
}
const jsonSchemas = new WeakMap<z.ZodType, Json>()
function jsonSchema(schema: z.ZodType): Json {
  const known = jsonSchemas.get(schema)
  if (known) return known
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json
  jsonSchemas.set(schema, made)
  return made
}

/** The alternative that says most: of a list or an object the object, of null or a value the value. */
const chosen = (schema: Json): Json => {
  const options = schema.anyOf ?? (schema.oneOf as Json[] | undefined)
  if (!options) return schema
  const useful = options.filter((each) => each.type !== 'null')
  return chosen(useful.find((each) => each.properties) ?? useful[0]!)
}

/** Which table an id of this name belongs to, or null when the field is no id. */
function nounOf(name: string, url: string): string | null {
  // What providers call names of theirs.
  if (name === 'sender_id' || name === 'client_id') return null
  if (url.includes('/communications/messages') && (name === 'id' || name === 'message_ids'))
    return 'sent_messages'
  if (name === 'id') {
    const segment = /([\w-]+)\/:id\b/.exec(url)?.[1]
    return segment ? segment.replaceAll('-', '_') : null
  }
  if (/^(reassign_to|assigned_to|owner_id|follow_up_owner_id|stand_in_id|made_by)$/.test(name)) return 'users'
  if (name === 'rule_ids') return 'assignment_rules'
  if (name === 'policy_id') return 'policies'
  if (/^pharmacy_ids?$/.test(name)) return 'pharmacies'
  if (name === 'smsportal_client_id') return null
  // In the audit trail, an id of whatever the subject is.
  if (name === 'subject_id') return url.includes('/attachments') ? 'invoices' : 'users'
  if (name === 'owner_id') return 'users'
  if (name === 'reason_id' || name === 'reason_ids' || name === 'parent_id') return 'dispute_reasons'
  const stem = /^(\w+)_ids?$/.exec(name)?.[1]
  return stem ? `${stem}s` : null
}

function referencesOf(url: string, schema: Route['schema']): Reference[] {
  const found: Reference[] = []
  const walk = (part: Part, json: Json, path: string) => {
    const shape = chosen(json)
    if (shape.items) return walk(part, shape.items, path)
    for (const [name, inner] of Object.entries(shape.properties ?? {})) {
      const at = path ? `${path}.${name}` : name
      const noun = nounOf(name, url)
      if (!noun) walk(part, inner, at)
      else if (makers[noun]) found.push({ part, path: at, noun })
      else throw new Error(`${url} takes ${at}: tests/isolation.ts has no maker for ${noun}`)
    }
  }
  if (schema.params) walk('path', jsonSchema(schema.params), '')
  if (schema.querystring) walk('query', jsonSchema(schema.querystring), '')
  if (schema.body) walk('body', jsonSchema(schema.body), '')
  return found
}

/** A field of a route that is no object: where it is, and what kind of value it takes. */
export type Field = { part: Part; path: string; type: string; format: string | undefined }
export function fieldsOf({ schema }: Route): Field[] {
  const found: Field[] = []
  const walk = (part: Part, json: Json, path: string) => {
    const shape = chosen(json)
    if (shape.items) return walk(part, shape.items, path ? `${path}.0` : '0')
    if (!shape.properties) {
      const type = [shape.type].flat().find((each) => each !== 'null') ?? 'string'
      return void found.push({ part, path, type, format: shape.format })
    }
    for (const [name, inner] of Object.entries(shape.properties))
      walk(part, inner, path ? `${path}.${name}` : name)
  }
  if (schema.params) walk('path', jsonSchema(schema.params), '')
  if (schema.querystring) walk('query', jsonSchema(schema.querystring), '')
  if (schema.body) walk('body', jsonSchema(schema.body), '')
  return found
}

/** The same call with another value in one field. */
export function withValue(route: Route, filled: Filled, field: Field, value: unknown): InjectOptions {
  const { ids: _, params, search, payload, ...rest } = filled
  // A form is bytes already: no field of it is changed.
  const isJson = payload !== undefined && Object.getPrototypeOf(payload) === Object.prototype
  const options = {
    ...rest,
    ...(payload === undefined ? {} : { payload: isJson ? structuredClone(payload) : payload }),
  }
  if (field.part === 'path')
    return { ...options, url: addressOf(route.url, { ...params, [field.path]: value }, search) }
  if (field.part === 'query')
    return { ...options, url: addressOf(route.url, params, { ...search, [field.path]: value }) }
  const steps = field.path.split('.')
  let place = options.payload as Record<string, unknown>
  for (const step of steps.slice(0, -1)) {
    place[step] ??= {}
    place = place[step] as Record<string, unknown>
  }
  place[steps.at(-1)!] = value
  return options
}

/** Values that the schemas accept, told by the field's name; everything else by its type. */
const samples: Record<string, (n: number) => unknown> = {
  username: (n) => `probe.${n}`,
  identifier: (n) => `probe.${n}`,
  email: (n) => `probe.${n}@example.com`,
  phone_number: () => '+998901234567',
  phone: () => '+998901234567',
  password: () => password,
  password2: () => password,
  old_password: () => password,
  new_password: () => password,
  new_password2: () => password,
  code: (n) => `probe-${n}`,
  currency: () => 'USD',
  country: () => 'US',
  timezone: () => 'UTC',
  role: () => 'Biller',
  roles: () => ['Biller'],
  role_names: () => ['Biller'],
  role_codes: () => ['biller'],
  permissions: () => ['receivables.read'],
  scopes: () => ['receivables.read'],
  ageing_buckets: () => [30, 60],
  working_days: () => [1, 2],
  from: () => '2026-01-01',
  to: () => '2030-01-01',
  as_of: () => '2026-03-31',
  day: () => '2026-01-31',
  known_on: () => undefined,
  from_known_on: () => undefined,
  to_known_on: () => undefined,
  reporting: () => undefined,
  next_follow_up: () => '2100-01-01',
  attempted_at: () => '2026-01-01T10:00:00Z',
  from_on: () => '2160-01-01',
  until_on: () => '2160-01-02',
  name_from: () => undefined,
  name_to: () => undefined,
  cause: () => undefined,
  due_from: () => '2026-01-01',
  due_to: () => '2030-01-01',
  promised_from: () => undefined,
  promised_to: () => undefined,
  amount_min: () => undefined,
  amount_max: () => undefined,
  customer: () => undefined,
  decided: () => 'true',
  due_on: () => '2100-01-01',
  paid_on: () => '2026-01-15',
  opened_on: () => '2026-01-10',
  closed_on: () => '2026-01-20',
  opened_from: () => '2026-01-01',
  opened_to: () => '2026-12-31',
  state: () => 'open',
  received_on: () => '2026-01-15',
  returned_on: () => '2026-01-15',
  received_from: () => '2026-01-01',
  received_to: () => '2030-01-01',
  // A page of the web app.
  path: () => '/receivables/invoices',
  promised_on: () => new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10),
  made_on: () => undefined,
  until: () => '2199-01-01',
  address: (n) => `probe.${n}@example.com`,
  language: () => 'en',
  status_words: () => undefined,
  mapping: () => undefined,
  import_outcome: () => undefined,
  expires_at: () => '2031-01-01T00:00:00Z',
  send_at: () => undefined,
  search: () => undefined,
  // Of channels: what the provider of a probe has no use for.
  states: () => undefined,
  purposes: () => undefined,
  from_email: () => undefined,
  reply_to: () => undefined,
  host: () => undefined,
  sender_id: () => undefined,
  webhook_key: () => undefined,
  signature_header: () => undefined,
  timestamp_header: () => undefined,
  kind: () => undefined,
  subject: () => undefined,
  bucket: () => undefined,
  status: () => undefined,
  // Asking to be let into a foreign organisation is what this field is for.
  tenant: () => undefined,
  token: () => randomToken(),
}

function fill(
  json: Json,
  name: string,
  url: string,
  idOf: (path: string, noun: string) => number,
  path = '',
): unknown {
  const shape = chosen(json)
  const noun = nounOf(name, url)
  const type = [shape.type].flat().find((each) => each !== 'null')
  if (noun && type !== 'array' && !shape.properties) return idOf(path, noun)
  if (shape.const !== undefined) return shape.const
  // Of a debtor's balance; an organisation's own are numbers of days.
  if (name === 'ageing_buckets' && /^\/(?:api\/)?pharmacies/.test(url))
    return type === 'array' ? ['d60'] : 'd60'
  if (type === 'object' && !shape.properties) return {}
  // An enumeration of the same name means its own words: `kind` of an outlet, `status` of a person.
  const sample = shape.enum && !['status', 'kind'].includes(name) ? undefined : samples[name]
  if (sample && !(shape.enum && name === 'kind')) return sample(next())
  if (shape.enum) return shape.enum[0]
  if (shape.properties) {
    const entries = Object.entries(shape.properties).map(([key, inner]) => [
      key,
      fill(inner, key, url, idOf, path ? `${path}.${key}` : key),
    ])
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  }
  if (type === 'array') return [fill(shape.items ?? {}, name, url, idOf, path)]
  if (type === 'boolean') return true
  if (type === 'integer' || type === 'number') return shape.minimum ?? 1
  return `probe ${next()}`.slice(0, shape.maxLength ?? 100)
}

export function probesOf(world: World): Probe[] {
  return apiRoutes(world.test).flatMap((route) =>
    world.callers.flatMap((caller): Probe[] =>
      // Superusers see the list of organisations and may step into each; that it is audited is tested with sign-in.
      caller.is_superuser && route.url.startsWith('/api/tenants')
        ? []
        : route.references.length === 0
          ? [{ route, caller, reference: null, kind: 'own' }]
          : route.references.flatMap((reference) =>
              kinds.map((kind) => ({ route, caller, reference, kind })),
            ),
    ),
  )
}
export const nameOf = ({ route, caller, reference, kind }: Probe) =>
  `${route.id} as ${caller.id}${reference ? `, ${reference.part} ${reference.path} ${kind}` : ''}`

/** Path, query and body, before they become a URL. */
export type Filled = InjectOptions & {
  ids: number[]
  params: Record<string, unknown>
  search: Record<string, unknown>
}

async function idFor(
  world: World,
  caller: Caller,
  noun: string,
  kind: Kind,
  fresh: boolean,
): Promise<number> {
  if (kind === 'missing') return MISSING
  if (kind === 'foreign') return world.ids.b[noun]!
  const other = world.callers.find((each) => each.user_id !== null && each !== caller && each.permissions)!
  const owner = kind === 'own' ? (caller.user_id ?? world.administratorOfA.id) : other.user_id!
  if (!fresh && !personal.has(noun)) return world.ids.a[noun]!
  return make(world, noun, 'a', owner, 'alpha')
}

/** The call of a probe, with every field that the route knows. */
export async function request(world: World, probe: Probe, kind: Kind): Promise<Filled> {
  const { route, caller, reference } = probe
  // Whoever is turned away at the door changes nothing: what is there will do.
  const unsafe = route.method !== 'GET' && admitted(probe) === null
  const ids: number[] = []
  const known = new Map<string, number>()
  for (const each of route.references) {
    const as = each === reference ? kind : 'own'
    const id = await idFor(world, caller, each.noun, as, unsafe)
    known.set(`${each.part} ${each.path}`, id)
    ids.push(id)
  }
  await makeOneCustomers(world, known)
  const part = (name: Part, schema: z.ZodType | undefined) =>
    schema && fill(jsonSchema(schema), '', route.url, (path) => known.get(`${name} ${path}`)!)
  const params = (part('path', route.schema.params) ?? {}) as Record<string, unknown>
  const query = (part('query', route.schema.querystring) ?? {}) as Record<string, unknown>
  const body = part('body', route.schema.body)
  const url = world.random() < 0.3 && route.twin ? route.twin : route.url
  return {
    method: route.method,
    url: addressOf(url, params, query),
    headers: await headersOf(world, caller),
    ...(route.schema.consumes?.includes('multipart/form-data') ? upload() : {}),
    ...(body === undefined ? {} : { payload: body as object }),
    ids,
    params,
    search: query,
  }
}

/** What a call names together, money and what it settles, is one customer's. */
async function makeOneCustomers(world: World, known: ReadonlyMap<string, number>) {
  const documents = ['allocations.invoice_id', 'credits.credit_id'].flatMap(
    (path) => known.get(`body ${path}`) ?? [],
  )
  if (documents.length === 0) return
  await inside(world.test, world.a, (scope) =>
    sql`
      update invoices i set customer_id = c.id
        from (select coalesce((select p.customer_id from payments p where p.tenant_id = ${world.a.id} and p.id = ${known.get('path id') ?? 0}),
                              (select k.customer_id from invoices k where k.tenant_id = ${world.a.id} and k.id = ${known.get('path id') ?? 0}),
                              (select b.id from customers b where b.tenant_id = ${world.a.id} and b.id = ${known.get('body customer_id') ?? 0})) as id) c
       where i.tenant_id = ${world.a.id} and i.id = any(${documents}) and c.id is not null`.execute(scope.db),
  )
}

export function addressOf(
  url: string,
  params: Record<string, unknown>,
  query: Record<string, unknown>,
): string {
  const path = url.replaceAll(/:(\w+)|\*$/g, (all, name = all) =>
    name in params ? encodeURIComponent(String(params[name])) : all,
  )
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  ).toString()
  return search ? `${path}?${search}` : path
}

function upload() {
  const csv =
    'operating_unit,customer_name,customer_id,invoice_number,invoice_date,due_date,invoice_amount,currency,payment_status\n' +
    `Main,Probe ${next()},P${next()},PR-${next()},2026-01-01,2026-01-31,10.00,USD,Overdue\n`
  const form = new FormData()
  form.set('as_of', '2026-03-31')
  form.set('file', new File([csv], 'probe.csv', { type: 'text/csv' }))
  return { payload: form }
}

/** An answer without what differs from call to call: the ids that were asked for, times, tokens, request ids. */
function normal(text: string, ids: number[]): string {
  let body = text
    .replaceAll(/[\w-]{36,43}/g, '<token>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/probe[. -]\d+/g, 'probe')
    .replaceAll(/"(id|version|status)":\d+/g, '"$1":0')
  for (const id of ids) body = body.replaceAll(new RegExp(`(?<![\\d.])${id}(?!\\d)`, 'g'), '#')
  return body
}

export type Outcome = { status: number; body: string; normal: string; headers: string }

async function send(world: World, probe: Probe, kind: Kind): Promise<Outcome> {
  const { ids, params: _, search: __, ...options } = await request(world, probe, kind)
  const raw = await world.test.app.inject(options)
  // Signing out, changing a password: what anybody may do to their own session.
  if (
    probe.route.method !== 'GET' &&
    probe.route.access.some((each) => /^(public|signed-in|member)$/.test(each))
  )
    probe.caller.stale = true
  return {
    status: raw.statusCode,
    body: raw.body,
    normal: `${raw.statusCode} ${normal(raw.body, ids)}`,
    headers: JSON.stringify(raw.headers),
  }
}

/** Whether the route's access lets this caller in, before anything is looked up. */
export function admitted({ route, caller }: Probe): number | null {
  const { access } = route
  if (access.includes('public')) return null
  if (caller.id === 'anonymous' || caller.id === 'expired') return 401
  if (access.includes('signed-in')) return null
  if (!caller.permissions) return 403
  return access.includes('member') || access.some((each) => caller.permissions!.has(each)) ? null : 403
}

/** Runs one probe; answers what is wrong with the answer, in words, and the status. */
export async function runProbe(
  world: World,
  probe: Probe,
  options: { reading?: boolean } = {},
): Promise<{ status: number; wrong: string[] }> {
  const { route, caller, reference, kind } = probe
  const wrong: string[] = []
  const outcome = await send(world, probe, kind)
  const { status } = outcome
  const seen = outcome.body + outcome.headers
  for (const secret of [canary, canary.toLowerCase(), canaryDigits, '48151623.42'])
    if (seen.includes(secret))
      wrong.push(`reads of tenant B: ${seen.slice(Math.max(0, seen.indexOf(secret) - 60))}`.slice(0, 200))
  if (caller.row_access !== 'all' && seen.includes(sibling)) wrong.push('reads an invoice that is not theirs')
  if (status >= 500 && !options.reading) wrong.push(`answers ${outcome.normal.slice(0, 200)}`)

  const refused = admitted(probe)
  if (refused !== null && status !== refused)
    wrong.push(`answers ${status} where access ${route.access} gives ${refused}`)
  if (
    refused === null &&
    (status === 401 || status === 403) &&
    kind === 'own' &&
    route.access.some((each) => each.includes('.'))
  )
    if (!/cannot give|may do more|do yourself/.test(outcome.body))
      wrong.push(`is refused: ${outcome.body.slice(0, 160)}`)

  const hides = kind === 'foreign' || (kind === 'sibling' && personal.has(reference?.noun ?? ''))
  if (reference && hides) {
    const missing = await send(world, probe, 'missing')
    if (missing.normal !== outcome.normal)
      wrong.push(
        `tells foreign from missing: ${outcome.normal.slice(0, 160)} / ${missing.normal.slice(0, 160)}`,
      )
    if (refused === null && reference.part === 'path' && status !== 404 && status !== 403)
      wrong.push(`answers ${status} instead of 404`)
    if (refused === null && reference.part === 'body' && status < 400)
      wrong.push(`takes an id of nobody's: ${outcome.normal.slice(0, 120)}`)
  }
  return { status, wrong }
}

/** Runs many; answers what was wrong, and which routes let somebody do something with their own. */
export async function runProbes(world: World, probes: readonly Probe[], options: { reading?: boolean } = {}) {
  const wrong: string[] = []
  const allowed = new Set<string>()
  let before = await digest(world)
  for (const [index, probe] of probes.entries()) {
    const outcome = await runProbe(world, probe, options)
    wrong.push(...outcome.wrong.map((each) => `${nameOf(probe)}: ${each}`))
    if (outcome.status < 400 && probe.kind === 'own') allowed.add(probe.route.id)
    if (index % 250 < 249 && index < probes.length - 1) continue
    const after = await digest(world)
    const changed = Object.keys(after).filter((table) => after[table] !== before[table])
    if (changed.length > 0)
      wrong.push(
        `One of the ${(index % 250) + 1} probes up to ${nameOf(probe)} changed tenant B's ${changed.join(', ')}`,
      )
    before = after
  }
  return { wrong, allowed }
}

// ---- the two walls --------------------------------------------------------------------------------------------------

/** Row-level security, on (enabled and forced) or off, for all tenant tables. */
export async function rowSecurity(world: World, on: boolean) {
  const { rows } = await world.owner.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`,
  )
  for (const { name } of rows) {
    await world.owner.query(
      `alter table ${name} ${on ? 'enable' : 'disable'} row level security, ${on ? '' : 'no '}force row level security`,
    )
  }
}

/** The filter that names tenant_id in every query; without it only what is written by hand in `sql` names it. */
export function tenantFilter(world: World, on: boolean) {
  const tables = world.test.database.tenantTables as Set<string>
  if (on) for (const table of world.tables) tables.add(table)
  else tables.clear()
}

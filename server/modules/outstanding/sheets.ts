import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/scope.ts'
import { addMonths, monthText, readMonth, readYear, yearOf } from './rules.ts'
import { remarks } from './schemas.ts'
import { peopleOf, rolesOf } from './told.ts'

// Which sheets a question is about, and what of them the asker sees.

export type SheetQuery = {
  month?: string | undefined
  financialYear?: string | undefined
  department?: string | undefined
  region?: string | undefined
}
/** What a query means. Names that mean nothing ask for nothing that is there: the answer is empty, not an error. */
export type Asked = {
  /** First day; the latest month with a sheet when none is named. */
  month: string
  year: string
  department_id: number | null
  department: string | undefined
  region: string | null
}

/** The first month of a financial year. */
const beginOf = (scope: Scope, year: string) =>
  `${year.slice(0, 4)}-${String(scope.tenant.financial_year_start).padStart(2, '0')}-01`
export const withinYear = (scope: Scope, year: string) => {
  const from = beginOf(scope, year)
  return { from, to: addMonths(from, 11) }
}

export async function readQuery(scope: Scope, query: SheetQuery): Promise<Asked> {
  const start = scope.tenant.financial_year_start
  const said = query.financialYear === undefined ? undefined : readYear(query.financialYear, start)
  const departments = await scope.db.selectFrom('departments').select(['id', 'name']).execute()
  const department = departments.find((each) => each.name.toLowerCase() === query.department?.toLowerCase())
  const department_id = query.department === undefined ? null : (department?.id ?? 0)
  const named = query.month === undefined ? undefined : readMonth(query.month, said, start)
  const month = named ?? (await latestMonth(scope, department_id, said)) ?? thisMonth(scope)
  return {
    month,
    // A month says its year: one that is left over from another choice does not count.
    year: named ? yearOf(named, start) : (said ?? yearOf(month, start)),
    department_id,
    department: department?.name ?? query.department,
    region: query.region ?? null,
  }
}
const thisMonth = (scope: Scope) => `${scope.today.slice(0, 7)}-01`

export async function latestMonth(
  scope: Scope,
  department_id: number | null,
  year: string | undefined,
): Promise<string | null> {
  const within = year ? withinYear(scope, year) : null
  const { rows } = await sql<{ month: string | null }>`
    select max(s.month) as month from outstanding_sheets s
      join imports m on m.tenant_id = s.tenant_id and m.id = s.import_id and m.status = 'published'
     where s.tenant_id = ${scope.tenantId}
       ${department_id === null ? sql`` : sql`and s.department_id = ${department_id}`}
       ${within ? sql`and s.month between ${within.from}::date and ${within.to}::date` : sql``}`.execute(
    scope.db,
  )
  return rows[0]!.month ?? (within ? within.from : null)
}

/** Who sees which customers of the sheets: engineers theirs, managers those of their region. `c` is the customer. */
export function mine(scope: Scope): RawBuilder<unknown> {
  const { row_access, region_ids, user_id } = scope.actor
  if (row_access === 'all') return sql`true`
  if (row_access === 'region') return sql`c.region_id = any(${[...region_ids]}::bigint[])`
  return row_access === 'assigned' ? sql`c.assigned_to = ${user_id}` : sql`false`
}

/** Regions by their code, as the document names them; words of a sheet that are none of the organisation's as they are. */
export const regionCode = sql`coalesce(g.code, lower(b.region), '')`

export type Sheet = { import_id: number; month: string; department_id: number | null; as_of: string }

/** The sheets in force of some months: of each month and department the last one published. */
export async function sheetsIn(
  scope: Scope,
  { department_id }: Pick<Asked, 'department_id'>,
  from: string,
  to: string,
): Promise<Sheet[]> {
  const { rows } = await sql<Sheet>`
    select distinct on (s.month, s.department_id) s.import_id, s.month, s.department_id, m.as_of
      from outstanding_sheets s
      join imports m on m.tenant_id = s.tenant_id and m.id = s.import_id and m.status = 'published'
     where s.tenant_id = ${scope.tenantId} and s.month between ${from}::date and ${to}::date
       ${department_id === null ? sql`` : sql`and s.department_id = ${department_id}`}
     order by s.month, s.department_id, s.import_id desc`.execute(scope.db)
  // Statistics lag behind an import: planned for one row, each row would be looked up in
  // each table (sums over 20,000 rows: 814 ms, hashed 88).
  await scope.client.query(`set local enable_nestloop = off; set local work_mem = '64MB'`)
  return rows
}

/**
 * What sheets say, in the organisation's currency, as far as the actor sees it: `b` a balance, `c` its customer, `g` its region, and
 * `i` the invoice as the books know it where it is wanted. To be read `overAllRows`: the customer decides who sees it. As in the view
 * `outstanding_balances`, from sheets that are known by now.
 */
export function balances(
  scope: Scope,
  { region }: Pick<Asked, 'region'>,
  sheets: readonly Sheet[],
  withInvoice = false,
) {
  const of = <Key extends keyof Sheet>(key: Key) => sheets.map((sheet) => sheet[key])
  return sql`
      from (select r.*, s.month, s.department_id, s.as_of
              from unnest(${of('import_id')}::bigint[], ${of('month')}::date[], ${of('department_id')}::bigint[], ${of('as_of')}::date[])
                   as s (sheet_id, month, department_id, as_of)
              join import_rows r on r.import_id = s.sheet_id
             where r.tenant_id = ${scope.tenantId} and r.import_id = any(${of('import_id')}::bigint[])
               and r.outcome in ('new', 'changed', 'unchanged', 'older')) b
      join customers c on c.tenant_id = ${scope.tenantId} and c.id = b.customer_id
      left join regions g on g.tenant_id = ${scope.tenantId} and g.id = case when b.region is null then c.region_id else b.region_id end
      ${withInvoice ? sql`left join invoices i on i.tenant_id = ${scope.tenantId} and i.id = b.invoice_id` : sql``}
     where b.currency = ${scope.tenant.currency} and ${mine(scope)}
       ${region === null ? sql`` : sql`and lower(${region}) in (${regionCode}, lower(g.name))`}`
}

/** How old it is, by the sheet's day when the invoice is dated, else as the sheet states it. */
export const ageText = sql`
  case when b.invoice_date is null then b.age_band
       when b.as_of - b.invoice_date <= 30 then '0-30' when b.as_of - b.invoice_date <= 90 then '31-90'
       when b.as_of - b.invoice_date <= 180 then '91-180' when b.as_of - b.invoice_date <= 365 then '181-365' else '>365' end`

/** What there is to choose from. */
export async function listChoices(scope: Scope) {
  const start = scope.tenant.financial_year_start
  const [sheets, departments, regions, engineers] = [
    await sql<{
      month: string
      financial_year: string
      department: string | null
      import_id: number
      as_of: string
    }>`
      select distinct on (s.month, s.department_id) s.month, s.financial_year, d.name as department, s.import_id, m.as_of
        from outstanding_sheets s
        join imports m on m.tenant_id = s.tenant_id and m.id = s.import_id and m.status = 'published'
        left join departments d on d.tenant_id = s.tenant_id and d.id = s.department_id
       where s.tenant_id = ${scope.tenantId}
       order by s.month desc, s.department_id, s.import_id desc`.execute(scope.db),
    await scope.db
      .selectFrom('departments')
      .select('name')
      .where('is_active', '=', true)
      .orderBy('name')
      .execute(),
    await scope.db
      .selectFrom('regions')
      .select(['code', 'name'])
      .where('is_active', '=', true)
      .orderBy('name')
      .execute(),
    await listEngineers(scope),
  ]
  const [latest] = sheets.rows
  const running = thisMonth(scope)
  const next = latest ? addMonths(latest.month, 1) : running
  const years = new Set([...sheets.rows.map((sheet) => sheet.financial_year), yearOf(running, start)])
  return {
    months: sheets.rows.map((sheet) => ({
      month: monthText(sheet.month),
      financialYear: sheet.financial_year,
      department: sheet.department,
      importId: scope.actor.row_access === 'all' ? sheet.import_id : null,
      asOf: sheet.as_of,
    })),
    financialYears: [...years].sort().reverse(),
    departments: departments.map(({ name }) => name),
    regions,
    engineers: engineers.map(({ id, name, region }) => ({ id: String(id), name, region })),
    team: await listTeam(scope),
    remarks: [...remarks],
    nextMonth: monthText(next > running ? running : next),
    currency: scope.tenant.currency,
    mayUpload: scope.may('receivables.import') && scope.actor.row_access === 'all',
    mayEdit: scope.may('receivables.write'),
    mayAssign: scope.may('receivables.assign'),
  }
}

/** Everybody with a role of the tracker, and their region. */
async function listTeam(scope: Scope) {
  const ids = await peopleOf(scope, ['outstanding_admin', 'country_manager', 'regional_manager', 'engineer'])
  const roles = await rolesOf(scope, ids)
  const { rows } = await sql<{ id: number; name: string; region: string | null }>`
    select u.id, coalesce(nullif(u.full_name, ''), u.username) as name, g.code as region
      from memberships m
      join users u on u.id = m.user_id and u.deleted_at is null and u.is_active
      left join regions g on g.tenant_id = m.tenant_id and g.id = m.region_id
     where m.tenant_id = ${scope.tenantId} and m.user_id = any(${ids}) order by lower(coalesce(nullif(u.full_name, ''), u.username)), u.id`.execute(
    scope.db,
  )
  return rows.map(({ id, name, region }) => ({ id: String(id), name, role: roles.get(id) ?? '', region }))
}

/** Engineers at work here, with the region they work in. */
export async function listEngineers(scope: Scope) {
  type Engineer = {
    id: number
    name: string
    username: string
    email: string
    region_id: number | null
    region: string | null
  }
  const { rows } = await sql<Engineer>`
    select u.id, coalesce(nullif(u.full_name, ''), u.username) as name, u.username, u.email, m.region_id, g.code as region
      from memberships m
      join users u on u.id = m.user_id and u.deleted_at is null and u.is_active
      left join regions g on g.tenant_id = m.tenant_id and g.id = m.region_id
     where m.tenant_id = ${scope.tenantId} and m.is_active
       and exists (select from membership_roles x join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id and r.code = 'engineer'
                    where x.tenant_id = m.tenant_id and x.user_id = m.user_id)
     order by lower(coalesce(nullif(u.full_name, ''), u.username)), u.id`.execute(scope.db)
  return rows
}

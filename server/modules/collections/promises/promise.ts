import { sql } from 'kysely'
import { notFound } from '../../../core/errors.ts'
import { wireNumber } from '../../../core/money.ts'
import type { Scope } from '../../../core/scope.ts'
import { undoable } from './make.ts'
import { wirePromise } from './promises.ts'
import { countedCells, promiseVerdicts } from './verdict.ts'
import { isVisible, type PromiseRow, promiseColumns, promiseNames } from './view.ts'

type Kept = {
  id: number
  customer_id: number
  state: string
  made_on: string
  made_at: string
  ended_at: string | null
  version: number
}

/** Refuses a promise that is not there, was undone, or of whose invoices the caller sees none. */
export async function requirePromise(scope: Scope, id: number, lock = false): Promise<Kept> {
  const { rows } = await sql<Kept>`
    select p.id, p.customer_id, p.state, p.made_on, p.made_at, p.ended_at, p.version from promises p
     where p.tenant_id = ${scope.tenantId} and p.id = ${id} and p.undone_at is null and ${isVisible(scope)}
     ${lock ? sql`for update of p` : sql``}`.execute(scope.db)
  if (!rows[0]) throw notFound('This promise')
  return rows[0]
}

type Details = PromiseRow & {
  needed: number
  ended_on: string | null
  ended_at: string | null
  ended_by: { id: number; full_name: string } | null
  superseded_by: number | null
  supersedes: number[]
  withdrawn_because: string | null
}

/** One promise with its arithmetic: which entries of the ledger count, and what was done about it. */
export async function getPromise(
  scope: Scope,
  id: number,
  { as_of = scope.today, known }: { as_of?: string | undefined; known?: 'now' | 'then' | undefined },
) {
  const { tenantId } = scope
  const one = sql`p.id = ${id} and ${isVisible(scope)}`
  const {
    rows: [row],
  } = await sql<Details>`
    select ${promiseColumns}, v.needed, p.ended_on, p.ended_at, p.superseded_by, p.withdrawn_because,
           case when e.id is not null then json_build_object('id', e.id, 'full_name', coalesce(nullif(e.full_name, ''), e.username)) end as ended_by,
           array(select s.id from promises s where s.tenant_id = ${tenantId} and s.superseded_by = p.id order by s.id) as supersedes
      from (${promiseVerdicts(scope, { as_of, known, which: one })}) v
      join promises p on p.tenant_id = ${tenantId} and p.id = v.promise_id
      ${promiseNames(scope)}
      left join users e on e.id = p.ended_by`.execute(scope.db)
  if (!row) throw notFound('This promise')
  const { currency } = row
  const money = (minor: number) => wireNumber(minor, currency)
  const [{ rows: counted }, { rows: invoices }, { rows: history }] = await Promise.all([
    sql<{
      invoice_id: number
      invoice_number: string
      amount: number
      paid_from: string
      paid_by: string
      is_estimate: boolean
      import_id: number | null
      file_name: string | null
      recorded_at: string
    }>`
      select k.invoice_id, i.number as invoice_number, k.amount, k.paid_from, k.paid_by, k.is_estimate, k.import_id, m.file_name, k.recorded_at
        from (${countedCells(scope, sql`(select * from promises p where p.tenant_id = ${tenantId} and p.id = ${id})`, as_of)}) k
        join invoices i on i.tenant_id = ${tenantId} and i.id = k.invoice_id
        left join imports m on m.tenant_id = ${tenantId} and m.id = k.import_id
       order by k.paid_by, k.invoice_id`.execute(scope.db),
    sql<{
      invoice_id: number
      invoice_number: string
      due_date: string | null
      amount: number
      open_amount: number
    }>`
      select i.id as invoice_id, i.number as invoice_number, i.due_date, pi.amount, i.open_amount
        from promise_invoices pi join invoices i on i.tenant_id = ${tenantId} and i.id = pi.invoice_id and not i.retracted
       where pi.tenant_id = ${tenantId} and pi.promise_id = ${id} order by i.aged_from nulls last, i.id`.execute(
      scope.db,
    ),
    sql<{
      id: number
      kind: string
      at: string
      user: { id: number; full_name: string } | null
      data: Record<string, unknown>
    }>`
      select e.id, e.kind, e.at, e.data,
             case when u.id is not null then json_build_object('id', u.id, 'full_name', coalesce(nullif(u.full_name, ''), u.username)) end as user
        from events e left join users u on u.id = e.user_id
       where e.tenant_id = ${tenantId} and e.subject = 'promise' and e.subject_id = ${id} order by e.id`.execute(
      scope.db,
    ),
  ])
  const paidFor = (invoice: number) =>
    counted.reduce((sum, each) => sum + (each.invoice_id === invoice ? each.amount : 0), 0)
  const { ended_at, needed, ...promise } = row
  return {
    ...wirePromise(promise),
    as_of,
    needed: money(needed),
    may_undo: scope.may('receivables.write') && undoable(scope, { ...row, ended_at }),
    may_withdraw: scope.may('receivables.write') && row.state === 'active' && row.verdict === 'open',
    invoices: invoices.map((each) => ({
      ...each,
      amount: money(each.amount),
      open_amount: money(each.open_amount),
      paid: money(paidFor(each.invoice_id)),
    })),
    counted: counted.map((each) => ({ ...each, amount: money(each.amount) })),
    history: history.map(({ data, ...event }) => ({
      ...event,
      data: typeof data.amount === 'number' ? { ...data, amount: money(data.amount) } : data,
    })),
  }
}

import { z } from 'zod'
import { currency, date, flag, id, text } from '../../../core/schema.ts'

const Person = z.object({ id: z.number(), full_name: z.string() })
const Load = z.array(z.object({ currency: z.string(), open_amount: z.number(), count: z.number() }))
export const rootCauses = [
  'Billing Error',
  'Delivery Issue',
  'PO Mismatch',
  'Customer Dispute',
  'Payment Processing',
  'Other',
] as const

/** By which it can be taken back; null when nothing was given. */
const act_id = z.number().nullable()

// ---- who works a customer -------------------------------------------------------------------------------------------

export const CustomerAssignment = z.object({ assigned_to: id.nullable() })
export const AssignedCustomer = z.object({
  id: z.number(),
  assigned_to: z.number().nullable(),
  assigned_to_name: z.string().nullable(),
  /** Open invoices that went with the customer. */
  invoices: z.number(),
  version: z.number(),
})
export const CustomersAssignment = z.object({
  assigned_to: id.nullable(),
  /** Without ids every customer that the filters of the address find. */
  customer_ids: z.array(id).min(1).max(10_000).optional(),
  dry_run: z.boolean().default(false),
})
export const AssignedCustomers = z.object({
  dry_run: z.boolean(),
  customers: z.number(),
  /** Customers that change hands, and their open invoices. */
  changed: z.number(),
  invoices: z.number(),
  totals: Load,
  act_id,
  from: z.array(Person.extend({ id: z.number().nullable(), count: z.number() })),
})

// ---- rules ----------------------------------------------------------------------------------------------------------

export const Rule = z.object({
  id: z.number(),
  name: z.string(),
  position: z.number(),
  is_on: z.boolean(),
  region_id: z.number().nullable(),
  region: z.string().nullable(),
  customer_id: z.number().nullable(),
  customer_name: z.string().nullable(),
  root_cause: z.string().nullable(),
  currency: z.string().nullable(),
  amount_min: z.number().nullable(),
  amount_max: z.number().nullable(),
  name_from: z.string().nullable(),
  name_to: z.string().nullable(),
  balance: z.string(),
  whole_customer: z.boolean(),
  people: z.array(Person),
  version: z.number(),
})
export const Rules = z.object({ items: z.array(Rule) })
const letters = z.preprocess((value) => (value === '' ? null : value), text(20).nullable().default(null))
const amount = z.number().min(-1e15).max(1e15).nullable().default(null)
export const RuleInput = z.object({
  name: text(120, 1),
  is_on: z.boolean().default(true),
  region_id: id.nullable().default(null),
  customer_id: id.nullable().default(null),
  root_cause: z.enum(rootCauses).nullable().default(null),
  /** Of the amounts; the organisation's unless said. */
  currency: currency.nullable().default(null),
  amount_min: amount,
  amount_max: amount,
  /** Customers whose names begin with these letters, or between them: A to F. */
  name_from: letters,
  name_to: letters,
  balance: z.enum(['count', 'amount']).default('count'),
  whole_customer: z.boolean().default(true),
  user_ids: z.array(id).min(1, 'Choose at least one person.').max(50),
})
export type RuleInput = z.output<typeof RuleInput>
export const RuleOrder = z.object({ rule_ids: z.array(id).min(1).max(500) })
export const ApplyRules = z.object({ dry_run: flag.default(true) })
const Got = z.object({ customers: z.number(), count: z.number(), totals: Load })
export const Applied = z.object({
  dry_run: z.boolean(),
  /** Rule by rule; `id` null: customers that somebody works already. */
  rules: z.array(
    Got.extend({
      id: z.number().nullable(),
      name: z.string().nullable(),
      people: z.array(Got.extend({ ...Person.shape, examples: z.array(z.string()) })),
    }),
  ),
  /** What each person gets in all, and has afterwards. */
  people: z.array(Got.extend({ ...Person.shape, had: z.number(), has: z.number() })),
  /** What no rule fits. */
  left: Got,
  act_id,
})
export const AssignmentUndone = z.object({
  invoices: z.number(),
  customers: z.number(),
  /** Moved on by somebody since, or of somebody who has left: these stay. */
  kept: z.number(),
})

// ---- absences -------------------------------------------------------------------------------------------------------

export const Absence = z.object({
  id: z.number(),
  user: Person,
  stand_in: Person,
  from_on: z.string(),
  until_on: z.string(),
  note: z.string().nullable(),
  state: z.enum(['planned', 'running', 'ended', 'cancelled']),
  invoices: z.number(),
  customers: z.number(),
  tasks: z.number(),
  version: z.number(),
})
export const Absences = z.object({ items: z.array(Absence) })
export const AbsenceInput = z.object({
  user_id: id,
  stand_in_id: id,
  from_on: date,
  until_on: date,
  note: z.preprocess((value) => (value === '' ? null : value), text(500).nullable().default(null)),
})
export const AbsenceChange = z.object({ until_on: date })

// ---- the team -------------------------------------------------------------------------------------------------------

export const TeamLoad = z.array(
  z.object({
    currency: z.string(),
    count: z.number(),
    open_amount: z.number(),
    overdue_count: z.number(),
    overdue_amount: z.number(),
  }),
)
export const Team = z.object({
  as_of: z.string(),
  people: z.array(
    z.object({
      ...Person.shape,
      username: z.string(),
      roles: z.array(z.string()),
      count: z.number(),
      overdue_count: z.number(),
      customers: z.number(),
      load: TeamLoad,
      tasks_open: z.number(),
      tasks_overdue: z.number(),
      contacts_week: z.number(),
      away: z
        .object({ from_on: z.string(), until_on: z.string(), stand_in: Person, running: z.boolean() })
        .nullable(),
    }),
  ),
  unassigned: z.object({
    count: z.number(),
    overdue_count: z.number(),
    customers: z.number(),
    load: TeamLoad,
  }),
})

import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import { CustomerFilters } from '../schemas.ts'
import { addAbsence, changeAbsence, endAbsence, listAbsences } from './absences.ts'
import { applyRules } from './apply-rules.ts'
import { assignCustomer, assignCustomers } from './customers.ts'
import { addRule, changeRule, listRules, orderRules, removeRule } from './rules.ts'
import {
  Absence,
  AbsenceChange,
  AbsenceInput,
  Absences,
  Applied,
  ApplyRules,
  AssignedCustomer,
  AssignedCustomers,
  AssignmentUndone,
  CustomerAssignment,
  CustomersAssignment,
  Rule,
  RuleInput,
  RuleOrder,
  Rules,
  Team,
} from './schemas.ts'
import { getTeam } from './team.ts'
import { undoAssignment } from './undo.ts'

const access = 'receivables.assign'

export function teamRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Receivables')
  api.get(
    '/api/receivables/team',
    { access, summary: 'Who has how much, and what nobody has', reply: Team },
    (scope) => getTeam(scope),
  )
  api.put(
    '/api/receivables/customers/:id/assignment',
    {
      access,
      summary: 'Give a customer to somebody: its open invoices and those to come',
      params: idParams,
      body: CustomerAssignment,
      reply: AssignedCustomer,
    },
    async (scope, { params, body }, http) => {
      const customer = await assignCustomer(scope, http, params.id, body.assigned_to)
      sendVersion(http, customer)
      return customer
    },
  )
  api.post(
    '/api/receivables/customers/assign',
    {
      access,
      summary: 'Give many customers to somebody: those named, or all that the filters find',
      query: CustomerFilters,
      body: CustomersAssignment,
      reply: AssignedCustomers,
    },
    (scope, { query, body }) => assignCustomers(scope, query, body),
  )
  api.get(
    '/api/receivables/assignment-rules',
    { access, summary: 'Rules that give to people what nobody works, in their order', reply: Rules },
    (scope) => listRules(scope),
  )
  api.post(
    '/api/receivables/assignment-rules',
    { access, summary: 'Add a rule, as the last', body: RuleInput, reply: Rule, status: 201 },
    (scope, { body }) => addRule(scope, body),
  )
  api.put(
    '/api/receivables/assignment-rules/:id',
    { access, summary: 'Change a rule', params: idParams, body: RuleInput, reply: Rule },
    async (scope, { params, body }, http) => {
      const rule = await changeRule(scope, http, params.id, body)
      sendVersion(http, rule)
      return rule
    },
  )
  api.delete(
    '/api/receivables/assignment-rules/:id',
    { access, summary: 'Remove a rule', params: idParams, reply: Rule },
    (scope, { params }, http) => removeRule(scope, http, params.id),
  )
  api.post(
    '/api/receivables/assignment-rules/order',
    { access, summary: 'Put the rules into an order', body: RuleOrder, reply: Rules },
    (scope, { body }) => orderRules(scope, body),
  )
  api.post(
    '/api/receivables/assignment-rules/apply',
    {
      access,
      summary: 'Give what nobody works to people by the rules; tells alone unless `dry_run` is false',
      body: ApplyRules,
      reply: Applied,
    },
    (scope, { body }) => applyRules(scope, body),
  )
  api.post(
    '/api/receivables/assignments/:id/undo',
    {
      access,
      summary: 'Take back what one has given to people in one go, by `act_id`',
      params: idParams,
      reply: AssignmentUndone,
    },
    (scope, { params }) => undoAssignment(scope, params.id),
  )
  api.get(
    '/api/receivables/absences',
    { access, summary: 'Who is away, and who stands in', reply: Absences },
    (scope) => listAbsences(scope),
  )
  api.post(
    '/api/receivables/absences',
    {
      access,
      summary: 'Somebody will be away: their work goes to who stands in, and back',
      body: AbsenceInput,
      reply: Absence,
      status: 201,
    },
    (scope, { body }) => addAbsence(scope, body),
  )
  api.put(
    '/api/receivables/absences/:id',
    { access, summary: 'Change the last day', params: idParams, body: AbsenceChange, reply: Absence },
    async (scope, { params, body }, http) => {
      const absence = await changeAbsence(scope, http, params.id, body.until_on)
      sendVersion(http, absence)
      return absence
    },
  )
  api.delete(
    '/api/receivables/absences/:id',
    {
      access,
      summary: 'Back early, or not away at all: the work goes back',
      params: idParams,
      reply: Absence,
    },
    (scope, { params }, http) => endAbsence(scope, http, params.id),
  )
}

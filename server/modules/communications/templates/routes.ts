import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import type { Scope } from '../../../core/scope.ts'
import { openPharmacy } from '../../debtors/pharmacies.ts'
import { OutletQuery, SendingRules, SendingRulesInput } from '../gates/schemas.ts'
import { dropRules, showRules, writeRules } from '../gates/sending-rules.ts'
import { Template, TemplateInput, TemplateQuery, Templates } from './schemas.ts'
import { dropTemplate, findTemplate, listTemplates, writeTemplate } from './templates.ts'

/** An outlet's are for whoever reads or writes there; the organisation's for its administrators to change. */
async function mayRead(scope: Scope, outletId: number | undefined | null) {
  if (outletId) await openPharmacy(scope, outletId)
  return outletId ?? null
}
async function mayWrite(scope: Scope, outletId: number | undefined | null) {
  if (outletId) await openPharmacy(scope, outletId, 'write')
  else
    scope.require(
      'settings.write',
      'What holds for the whole organisation is changed by its administrators. Change your pharmacy’s own instead.',
    )
  return outletId ?? null
}

/** The words of reminders, and when they may go. */
export function wordingRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Words and hours of reminders')
  api.get(
    '/api/communications/templates',
    {
      access: ['debtors.read', 'settings.read'],
      summary: 'Words of reminders in force, by way and language',
      query: TemplateQuery,
      reply: Templates,
    },
    async (scope, { query }) => listTemplates(scope, await mayRead(scope, query.outlet_id)),
  )
  api.put(
    '/api/communications/templates',
    {
      access: ['debtors.send', 'settings.write'],
      summary: 'Write the words of reminders for a pharmacy, or the organisation',
      body: TemplateInput,
      reply: Template,
    },
    async (scope, { body }) => {
      await mayWrite(scope, body.outlet_id)
      return writeTemplate(scope, body)
    },
  )
  api.delete(
    '/api/communications/templates/:id',
    {
      access: ['debtors.send', 'settings.write'],
      summary: 'Remove own words; answers those that hold again',
      params: idParams,
      reply: Template,
    },
    async (scope, { params }) => {
      const template = await findTemplate(scope, params.id)
      await mayWrite(scope, template.outlet_id)
      return dropTemplate(scope, template)
    },
  )
  api.get(
    '/api/communications/sending-rules',
    {
      access: ['debtors.read', 'settings.read'],
      summary: 'When reminders may go: hours, holidays, and how often',
      query: OutletQuery,
      reply: SendingRules,
    },
    async (scope, { query }) => showRules(scope, await mayRead(scope, query.outlet_id)),
  )
  api.put(
    '/api/communications/sending-rules',
    {
      access: ['debtors.send', 'settings.write'],
      summary: 'Change when reminders may go',
      query: OutletQuery,
      body: SendingRulesInput,
      reply: SendingRules,
    },
    async (scope, { query, body }) => writeRules(scope, await mayWrite(scope, query.outlet_id), body),
  )
  api.delete(
    '/api/communications/sending-rules',
    {
      access: ['debtors.send', 'settings.write'],
      summary: 'Go back to the hours of the organisation, or of its country',
      query: OutletQuery,
      reply: SendingRules,
    },
    async (scope, { query }) => dropRules(scope, await mayWrite(scope, query.outlet_id)),
  )
}

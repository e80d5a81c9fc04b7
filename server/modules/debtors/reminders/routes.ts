import type { FastifyInstance } from 'fastify'
import { type Api, type ApiDeps, apiFor } from '../../../core/api.ts'
import { openPharmacy } from '../pharmacies.ts'
import { DebtorParams, PharmacyParams } from '../schemas.ts'
import {
  addCampaign,
  begin,
  cancel,
  escalate,
  escalationOf,
  resendFailures,
  writeEscalation,
} from './campaigns.ts'
import { checkReminders } from './last-check.ts'
import { communicationsOf } from './log.ts'
import { dryRun, preview, sendToMyself } from './plan.ts'
import { listCampaigns, listMembers, showCampaign } from './results.ts'
import * as shape from './schemas.ts'
import { sendReminders } from './send.ts'

const root = '/pharmacies/:pharmacy_id'
/** The answer waits up to 25 s for providers. */
const SEND_TIME_MAX = 50_000

/** Reminders of a pharmacy's debtors: the document's calls, and campaigns. */
export function reminderRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Reminders', 'debtors')
  checkReminders()
  for (const kind of ['email', 'sms'] as const)
    api.own.post(
      `${root}/debtors/send-${kind}`,
      {
        access: 'debtors.send',
        summary:
          kind === 'email'
            ? 'Remind debtors by e-mail; waits for outcomes of up to 100'
            : 'Remind debtors by SMS; waits for outcomes of up to 100',
        params: PharmacyParams,
        body: shape.SendInput,
        reply: shape.SendResult,
        bodyLimit: 1024 * 1024,
        timeout: SEND_TIME_MAX,
      },
      ({ params, body }, http) =>
        http.once([kind, params, body], () => sendReminders(deps, http, kind, params.pharmacy_id, body)),
    )
  api.get(
    `${root}/debtors/:debtor_id/communications`,
    {
      access: 'debtors.read',
      summary: 'Everything that was written to a debtor, newest first',
      params: DebtorParams,
      reply: shape.CommunicationLog.array(),
    },
    (scope, { params }) => communicationsOf(scope, params.pharmacy_id, params.debtor_id),
  )
  planRoutes(api)
  campaignRoutes(api)
  escalationRoutes(api)
}

function planRoutes(api: Api) {
  api.post(
    `${root}/reminders/dry-run`,
    {
      access: 'debtors.read',
      summary:
        'Who would get which reminder, in how many parts and at what cost, and why others would not; changes nothing',
      params: PharmacyParams,
      body: shape.DryRunInput,
      reply: shape.DryRun,
      idempotent: false,
    },
    (scope, { params, body }) => dryRun(scope, params.pharmacy_id, body),
  )
  api.post(
    `${root}/reminders/preview`,
    {
      access: 'debtors.read',
      summary: 'The reminder of one debtor as it would be; changes nothing',
      params: PharmacyParams,
      body: shape.PreviewInput,
      reply: shape.Preview,
      idempotent: false,
    },
    (scope, { params, body }) => preview(scope, params.pharmacy_id, body),
  )
  api.post(
    `${root}/reminders/test`,
    {
      access: 'debtors.send',
      summary: 'Send a reminder to myself',
      params: PharmacyParams,
      body: shape.TestInput,
      reply: shape.TestResult,
    },
    (scope, { params, body }) => sendToMyself(scope, params.pharmacy_id, body),
  )
}

function campaignRoutes(api: Api) {
  api.get(
    `${root}/campaigns`,
    {
      access: 'debtors.read',
      summary: 'Campaigns of a pharmacy, newest first, with their results',
      params: PharmacyParams,
      query: shape.CampaignQuery,
      reply: shape.Campaigns,
    },
    async (scope, { params, query }) =>
      listCampaigns(scope, await openPharmacy(scope, params.pharmacy_id), query),
  )
  api.post(
    `${root}/campaigns`,
    {
      access: 'debtors.send',
      summary: 'Save a campaign, to be started later or at a time',
      params: PharmacyParams,
      body: shape.CampaignInput,
      reply: shape.Campaign,
      status: 201,
      bodyLimit: 1024 * 1024,
    },
    (scope, { params, body }) => addCampaign(scope, params.pharmacy_id, body),
  )
  api.get(
    `${root}/campaigns/:campaign_id`,
    {
      access: 'debtors.read',
      summary: 'A campaign and what became of it',
      params: shape.CampaignParams,
      reply: shape.Campaign,
    },
    async (scope, { params }) =>
      showCampaign(scope, await openPharmacy(scope, params.pharmacy_id), params.campaign_id),
  )
  api.get(
    `${root}/campaigns/:campaign_id/members`,
    {
      access: 'debtors.read',
      summary: 'Everybody in a campaign: how their message stands, or why there is none',
      params: shape.CampaignParams,
      query: shape.MemberQuery,
      reply: shape.Members,
    },
    async (scope, { params, query }) =>
      listMembers(scope, await openPharmacy(scope, params.pharmacy_id), params.campaign_id, query),
  )
  const acts = [
    ['start', 'Start a campaign: everybody is judged anew', begin],
    ['cancel', 'Cancel a campaign that has not gone', cancel],
    ['resend', 'Send again what failed, and nothing else', resendFailures],
  ] as const
  for (const [act, summary, work] of acts)
    api.post(
      `${root}/campaigns/:campaign_id/${act}`,
      { access: 'debtors.send', summary, params: shape.CampaignParams, reply: shape.Campaign },
      (scope, { params }) => work(scope, params.pharmacy_id, params.campaign_id),
    )
}

function escalationRoutes(api: Api) {
  api.get(
    `${root}/escalation`,
    {
      access: 'debtors.read',
      summary: 'What a pharmacy does about debts by their oldest bucket',
      params: PharmacyParams,
      reply: shape.Escalation,
    },
    (scope, { params }) => escalationOf(scope, params.pharmacy_id),
  )
  api.put(
    `${root}/escalation`,
    {
      access: 'debtors.send',
      summary: 'Change what is done by bucket',
      params: PharmacyParams,
      body: shape.EscalationInput,
      reply: shape.Escalation,
    },
    (scope, { params, body }) => writeEscalation(scope, params.pharmacy_id, body.steps),
  )
  api.post(
    `${root}/escalation/campaigns`,
    {
      access: 'debtors.send',
      summary: 'Make the campaigns of the escalation policy, to be looked at and started',
      params: PharmacyParams,
      reply: shape.Escalated,
      status: 201,
    },
    (scope, { params }) => escalate(scope, params.pharmacy_id),
  )
}

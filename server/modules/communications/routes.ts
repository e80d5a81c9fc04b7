import type { FastifyInstance } from 'fastify'
import { type Api, type ApiDeps, apiFor } from '../../core/api.ts'
import { idParams, ok } from '../../core/schema.ts'
import { listChannels, makeWebhook, readChannel, saveChannel, testChannel } from './channels.ts'
import { cancelMessage, listMessages, readMessage, resend, settleByHand } from './log.ts'
import { enqueue, settled } from './messages.ts'
import {
  Channel,
  ChannelInput,
  ChannelQuery,
  Channels,
  ChannelTest,
  ChannelTested,
  Measure,
  Measured,
  MessageQuery,
  Messages,
  MessageWhole,
  Resend,
  Resent,
  Settle,
  Suppression,
  SuppressionInput,
  SuppressionQuery,
  Suppressions,
  WebhookMade,
} from './schemas.ts'
import { partsOf, transliterated } from './sms.ts'
import { addSuppression, liftSuppression, listSuppressions } from './suppressions.ts'

const readers = ['receivables.read', 'debtors.read', 'settings.read'] as const
const senders = ['receivables.dun', 'debtors.send', 'settings.write'] as const

export function communicationRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Messages')
  channelRoutes(api, deps)
  messageRoutes(api)
  suppressionRoutes(api)
}

function channelRoutes(api: Api, deps: ApiDeps) {
  api.get(
    '/api/communications/channels',
    {
      access: 'settings.read',
      summary: 'By what mail and texts leave, of the organisation and of each outlet',
      query: ChannelQuery,
      reply: Channels,
    },
    (scope, { query }) => listChannels(scope, query),
  )
  api.get(
    '/api/communications/channels/:id',
    {
      access: 'settings.read',
      summary: 'A channel; its secrets are never answered',
      params: idParams,
      reply: Channel,
    },
    (scope, { params }) => readChannel(scope, params.id),
  )
  api.put(
    '/api/communications/channels',
    {
      access: 'settings.write',
      summary: 'Set by what the organisation or an outlet sends one kind of message; secrets not named stay',
      body: ChannelInput,
      reply: Channel,
    },
    (scope, { body }, http) => saveChannel(scope, deps.keys, body, http),
  )
  api.own.post(
    '/api/communications/channels/:id/test',
    {
      access: 'settings.write',
      summary: 'Ask the provider whether the keys are good, and send a short message if an address is named',
      params: idParams,
      body: ChannelTest,
      reply: ChannelTested,
      timeout: 90_000,
    },
    async ({ params, body }, http) =>
      http.once({ params, body }, async () => {
        const result = await testChannel(deps, http.inScope, params.id)
        if (!result.ok || !body.to) return { ...result, message_id: null }
        const to = body.to
        const tenantId = http.who.tenant!.id
        const [queued] = await http.inScope(async (scope) => {
          const { kind, outlet } = await readChannel(scope, params.id)
          return enqueue(scope, [
            {
              dedupe_key: `channel test ${params.id} ${http.request.id}`,
              kind,
              purpose: 'test',
              recipient: to,
              subject: `A test from ${scope.tenant.name}`,
              text: `This is a test from ${scope.tenant.name}. If you can read it, messages arrive.`,
              outlet_id: outlet?.id ?? null,
            },
          ])
        })
        const [outcome] =
          queued!.state === 'held' ? [queued!] : await settled(deps, tenantId, [queued!.id], 25_000)
        const isOut = outcome!.state === 'sent' || outcome!.state === 'delivered'
        return {
          ok: isOut,
          detail: isOut
            ? `${result.detail} A message is on its way to ${to}.`
            : (outcome!.error ?? 'It was not sent yet.'),
          message_id: queued!.id,
        }
      }),
  )
  api.post(
    '/api/communications/channels/:id/webhook',
    {
      access: 'settings.write',
      summary:
        "Make a new address for the provider's reports; it is answered this once, and the one before ends",
      params: idParams,
      reply: WebhookMade,
      status: 201,
    },
    (scope, { params }) => makeWebhook(scope, deps.config, params.id),
  )
}

function messageRoutes(api: Api) {
  api.get(
    '/api/communications/messages',
    {
      access: readers,
      summary: 'What was sent, what waits, and what became of it',
      query: MessageQuery,
      reply: Messages,
    },
    (scope, { query }) => listMessages(scope, query),
  )
  api.get(
    '/api/communications/messages/:id',
    {
      access: readers,
      summary: "A message with its words and the provider's reports",
      params: idParams,
      reply: MessageWhole,
    },
    (scope, { params }) => readMessage(scope, params.id),
  )
  api.post(
    '/api/communications/messages/resend',
    {
      access: senders,
      summary: 'Send failed messages again; those that may have left are not touched',
      body: Resend,
      reply: Resent,
    },
    (scope, { body }) => resend(scope, body.message_ids),
  )
  api.post(
    '/api/communications/messages/:id/cancel',
    { access: senders, summary: 'Cancel a message that still waits', params: idParams, reply: MessageWhole },
    (scope, { params }) => cancelMessage(scope, params.id),
  )
  api.post(
    '/api/communications/messages/:id/settle',
    {
      access: senders,
      summary: 'Say what happened to a message of which that is not known',
      params: idParams,
      body: Settle,
      reply: MessageWhole,
    },
    (scope, { params, body }) => settleByHand(scope, params.id, body),
  )
  api.post(
    '/api/communications/sms/measure',
    {
      access: readers,
      summary: 'In how many parts a text is charged, as it is and in the cheaper alphabet',
      body: Measure,
      reply: Measured,
    },
    async (_scope, { body }) => {
      const text = transliterated(body.text)
      return { ...partsOf(body.text), transliterated: { text, ...partsOf(text) } }
    },
  )
}

function suppressionRoutes(api: Api) {
  api.get(
    '/api/communications/suppressions',
    {
      access: readers,
      summary: 'Addresses that nothing is sent to any more, and why',
      query: SuppressionQuery,
      reply: Suppressions,
    },
    (scope, { query }) => listSuppressions(scope, query),
  )
  api.post(
    '/api/communications/suppressions',
    {
      access: senders,
      summary: 'Put an address on the list of those not to write to',
      body: SuppressionInput,
      reply: Suppression,
      status: 201,
    },
    (scope, { body }) => addSuppression(scope, body),
  )
  api.delete(
    '/api/communications/suppressions/:id',
    { access: senders, summary: 'Take an address off the list', params: idParams, reply: ok },
    async (scope, { params }) => {
      await liftSuppression(scope, params.id)
      return { message: 'The address may be written to again.' }
    },
  )
}

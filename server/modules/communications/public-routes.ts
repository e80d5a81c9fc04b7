import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import { enterByWebhook, readSendgrid, readSmsportal, verifySendgrid, verifySmsportal } from './reports.ts'
import { tokenParams, unsubscribeBody } from './schemas.ts'
import { settleByReports, takeReply } from './settle.ts'
import { isRefused, openUnsubscribe, subscribeAgain, unsubscribe, unsubscribePage } from './unsubscribe.ts'

// What providers and recipients call, without an account: reports of delivery, and the link at the end of a mail.

const raws = new WeakMap<FastifyRequest, Buffer>()
const none = Buffer.alloc(0)

export async function publicCommunicationRoutes(app: FastifyInstance, deps: ApiDeps) {
  // Signatures are over the bytes as they came, so no parser touches them.
  await app.register(async (inner) => {
    inner.removeAllContentTypeParsers()
    inner.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: 4 * 1024 * 1024 },
      (request, body, done) => {
        raws.set(request, body as Buffer)
        done(null, null)
      },
    )
    webhookRoutes(inner, deps)
  })
  unsubscribeRoutes(app, deps)
}

function webhookRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Webhooks')
  const spec = { access: 'public', door: false, idempotent: false, params: tokenParams, status: 200 } as const
  api.open.post(
    '/api/webhooks/sendgrid/:token',
    { ...spec, summary: "SendGrid's events, signed by it" },
    async (system, { params }, { request }) => {
      const raw = raws.get(request) ?? none
      const { scope, channel } = await enterByWebhook(system, deps, 'sendgrid', params.token)
      verifySendgrid(channel, request.headers, raw, scope.now)
      await settleByReports(scope, channel, readSendgrid(raw))
      return { message: 'Taken.' }
    },
  )
  const smsportal = async (
    system: Parameters<typeof enterByWebhook>[0],
    token: string,
    request: FastifyRequest,
  ) => {
    const raw = raws.get(request) ?? none
    const { scope, channel } = await enterByWebhook(system, deps, 'smsportal', token)
    const { method, headers } = request
    // As it is registered there: the address that we gave, with whatever query the report adds.
    verifySmsportal(
      channel,
      { method, url: `${deps.config.publicUrl}${request.url}`, headers, raw },
      scope.now,
    )
    const told = readSmsportal(raw, request.query as Record<string, unknown>, scope.now)
    await settleByReports(scope, channel, told.reports)
    for (const reply of told.replies) await takeReply(scope, channel, reply)
    return { message: 'Taken.' }
  }
  api.open.post(
    '/api/webhooks/smsportal/:token',
    { ...spec, summary: "SMSPortal's reports of delivery and replies, signed by it" },
    (system, { params }, { request }) => smsportal(system, params.token, request),
  )
  api.open.get(
    '/api/webhooks/smsportal/:token',
    { ...spec, summary: "SMSPortal's older reports and replies, in the query" },
    (system, { params }, { request }) => smsportal(system, params.token, request),
  )
}

function unsubscribeRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Customer link')
  const spec = {
    access: 'public',
    door: true,
    idempotent: false,
    params: tokenParams,
    hidden: true,
    exact: true,
  } as const
  api.open.get(
    '/u/:token',
    { ...spec, summary: 'The page behind the link that ends e-mails; looking at it changes nothing' },
    async (system, { params }, { reply }) => {
      const { scope, address } = await openUnsubscribe(system, deps, params.token)
      reply
        .type('text/html; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-robots-tag', 'noindex')
      return unsubscribePage(scope.tenant.name, address, await isRefused(scope, address))
    },
  )
  api.open.post(
    '/u/:token',
    {
      ...spec,
      summary: 'Ends e-mails to this address: the button of the page, or the one click of a mail program',
      consumes: ['application/x-www-form-urlencoded'],
      body: unsubscribeBody.nullish(),
    },
    async (system, { params, body }, { reply }) => {
      const { scope, address } = await openUnsubscribe(system, deps, params.token)
      if (body?.choice === 'again') await subscribeAgain(scope, address)
      else await unsubscribe(scope, address)
      reply.type('text/html; charset=utf-8').header('cache-control', 'no-store')
      return unsubscribePage(scope.tenant.name, address, await isRefused(scope, address))
    },
  )
}

import { readFile } from 'node:fs/promises'
import type { Config } from '../../../core/config.ts'
import {
  all,
  type Called,
  callProvider,
  type OpenChannel,
  type Outgoing,
  type Provider,
  type Result,
  unanswered,
  waitAsked,
} from './provider.ts'

// SendGrid v3. It knows no key of idempotency: the number of the message travels as a custom argument, so that reports settle what an
// answer did not. One call per message, because each has its own words and its own number there.

const base = ({ settings }: OpenChannel, { messages }: Config) =>
  messages.sendgridUrl ??
  (settings.region === 'eu' ? 'https://api.eu.sendgrid.com' : 'https://api.sendgrid.com')

const post = (channel: OpenChannel, config: Config, body: unknown) =>
  callProvider(config, `${base(channel, config)}/v3/mail/send`, {
    method: 'POST',
    headers: { authorization: `Bearer ${channel.secrets.api_key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

type Refused = { errors?: { message?: string; field?: string | null }[] }
const said = (called: Called & { answered: true }) =>
  String((called.body as Refused | null)?.errors?.[0]?.message ?? '').slice(0, 300)

async function bodyOf({ from, settings }: OpenChannel, message: Outgoing) {
  return {
    personalizations: [
      {
        to: [{ email: message.address, ...(message.recipient_name ? { name: message.recipient_name } : {}) }],
        custom_args: { duebook_message: String(message.id), duebook_attempt: String(message.attempt) },
        ...(Object.keys(message.headers).length > 0 ? { headers: message.headers } : {}),
      },
    ],
    from,
    ...(settings.reply_to ? { reply_to: { email: settings.reply_to } } : {}),
    subject: message.subject,
    content: [
      { type: 'text/plain', value: message.text },
      ...(message.html ? [{ type: 'text/html', value: message.html }] : []),
    ],
    ...(message.files.length > 0
      ? {
          attachments: await Promise.all(
            message.files.map(async ({ name, mime, path }) => ({
              content: (await readFile(path)).toString('base64'),
              filename: name,
              type: mime,
              disposition: 'attachment',
            })),
          ),
        }
      : {}),
    // Links into accounts pass through nobody else's server.
    tracking_settings: { click_tracking: { enable: false, enable_text: false } },
  }
}

function fateOf(message: Outgoing, called: Called): Result[] {
  const one = [message]
  if (!called.answered) return unanswered(one, called)
  const { status, headers } = called
  const why = said(called)
  if (status === 202) return all(one, { outcome: 'sent', external_id: headers.get('x-message-id') })
  if (status < 300)
    return all(one, {
      outcome: 'failed',
      error: `SendGrid answered ${status} and sent nothing (its sandbox mode does so).`,
    })
  if (status === 429)
    return all(one, {
      outcome: 'again',
      error: 'SendGrid asks to send more slowly.',
      after_ms: waitAsked(headers) ?? 5_000,
    })
  if (status >= 500)
    return all(one, {
      outcome: 'unknown',
      error: `SendGrid answered ${status}. Whether it took the mail is not known.`,
    })
  if (status === 401)
    return all(one, {
      outcome: 'failed',
      fault: true,
      error: /credits/i.test(why)
        ? 'The SendGrid account has no credits left. Top it up, then send again.'
        : `SendGrid refuses the API key: ${why || 'it is not valid'}. Enter a valid one in the channel.`,
    })
  if (status === 403)
    return all(one, {
      outcome: 'failed',
      fault: true,
      error: `SendGrid does not let this sender send: ${why || 'forbidden'}. Verify the sender's address there.`,
    })
  return all(one, {
    outcome: 'failed',
    error: `SendGrid refused the mail (${status}): ${why || 'no reason given'}`,
  })
}

export const sendgrid: Provider = {
  batch: 1,
  async send(channel, messages, config) {
    const results = await Promise.all(
      messages.map(async (message) =>
        fateOf(message, await post(channel, config, await bodyOf(channel, message))),
      ),
    )
    return results.flat()
  },
  /** Sandbox mode checks key, sender and shape, and sends nothing. */
  async test(channel, config) {
    const called = await post(channel, config, {
      personalizations: [{ to: [{ email: channel.from.email }] }],
      from: channel.from,
      subject: 'Test of the channel',
      content: [{ type: 'text/plain', value: 'Test of the channel' }],
      mail_settings: { sandbox_mode: { enable: true } },
    })
    if (!called.answered) return { ok: false, detail: called.why }
    if (called.status < 300) return { ok: true, detail: 'SendGrid takes mail with this key and sender.' }
    const [result] = fateOf({ id: 0, attempt: 0 } as Outgoing, called)
    return { ok: false, detail: 'error' in result! ? result.error : `SendGrid answered ${called.status}.` }
  },
}

import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import nodemailer from 'nodemailer'
import type { Config } from '../../../core/config.ts'
import { all, type OpenChannel, type Outgoing, type Provider, type Result } from './provider.ts'

// Any mail server. What it answers before the words were handed over is certain; a connection that breaks after that is not.

const inside = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inside.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 128],
  ['::1', 128],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inside.addSubnet(network, bits, 'ipv6')

class Refused extends Error {}

/** The address is looked up once and connected to as such: a name that changes its mind leads nowhere else. */
async function placeOf(host: string, isPrivateAllowed: boolean): Promise<string> {
  const found = await lookup(host, { all: true }).catch(() => {
    throw new Refused(`The mail server ${host} is not known. Check its name in the channel.`)
  })
  const [first] = found
  if (!first) throw new Refused(`The mail server ${host} has no address.`)
  if (
    !isPrivateAllowed &&
    found.some(({ address, family }) => inside.check(address, family === 6 ? 'ipv6' : 'ipv4'))
  )
    throw new Refused(
      `The mail server ${host} is within a private network. Whoever runs this server allows that with SMTP_PRIVATE=on.`,
    )
  return first.address
}

async function transportOf({ settings, secrets }: OpenChannel, { messages }: Config) {
  const host = settings.host ?? ''
  const port = settings.port ?? 587
  const security = settings.security ?? (port === 465 ? 'tls' : 'starttls')
  if (!messages.privateSmtp && ![25, 465, 587, 2525].includes(port))
    throw new Refused('Mail servers listen on port 25, 465, 587 or 2525.')
  const address = await placeOf(host, messages.privateSmtp)
  return nodemailer.createTransport({
    host: address,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(isIP(host) ? {} : { tls: { servername: host } }),
    ...(secrets.username ? { auth: { user: secrets.username, pass: secrets.password ?? '' } } : {}),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: false,
    disableUrlAccess: true,
  })
}

type SmtpError = Error & {
  code?: string
  command?: string
  responseCode?: number
  response?: string
  syscall?: string
}

/** The mail's words are handed over with DATA; until then nothing was taken. */
const early = /^(?:CONN|EHLO|HELO|LHLO|STARTTLS|AUTH.*|MAIL FROM|RCPT TO)$/

function fateOf(message: Outgoing, error: SmtpError): Result[] {
  const one = [message]
  if (error instanceof Refused) return all(one, { outcome: 'failed', fault: true, error: error.message })
  const { responseCode, command = '', code = '' } = error
  const said = (error.response ?? error.message).replace(/\s+/g, ' ').slice(0, 300)
  if (responseCode) {
    // It answered, so it did not take it.
    if (responseCode >= 400 && responseCode < 500 && code !== 'EAUTH')
      return all(one, {
        outcome: 'again',
        error: `The mail server asks to try later: ${said}`,
        after_ms: null,
      })
    const isFault = code === 'EAUTH' || command.startsWith('AUTH') || responseCode === 535
    return all(one, {
      outcome: 'failed',
      fault: isFault,
      error: isFault
        ? `The mail server refuses the user name and password: ${said}`
        : `The mail server refused the mail: ${said}`,
    })
  }
  const isCertain =
    error.syscall === 'connect' ||
    code === 'EDNS' ||
    code === 'ETLS' ||
    code === 'EAUTH' ||
    /^(?:Connection timeout|Greeting never received)/.test(error.message) ||
    (code === 'EENVELOPE' && early.test(command))
  return isCertain
    ? all(one, { outcome: 'again', error: `The mail server cannot be reached: ${said}`, after_ms: null })
    : all(one, {
        outcome: 'unknown',
        error: `The connection to the mail server broke: ${said}. Whether it took the mail is not known.`,
      })
}

async function sendOne(channel: OpenChannel, message: Outgoing, config: Config): Promise<Result[]> {
  try {
    const transport = await transportOf(channel, config)
    try {
      const { messageId } = await transport.sendMail({
        from: { address: channel.from.email, name: channel.from.name },
        to: { address: message.address, name: message.recipient_name },
        ...(channel.settings.reply_to ? { replyTo: channel.settings.reply_to } : {}),
        // The same attempt has the same number, whoever counts copies.
        messageId: `<duebook-${channel.tenant_id}-${message.id}-${message.attempt}@${channel.from.email.split('@')[1]}>`,
        subject: message.subject,
        text: message.text,
        ...(message.html ? { html: message.html } : {}),
        headers: message.headers,
        attachments: message.files.map(({ name, mime, path }) => ({
          filename: name,
          contentType: mime,
          path,
        })),
      })
      return all([message], { outcome: 'sent', external_id: messageId })
    } finally {
      transport.close()
    }
  } catch (error) {
    return fateOf(message, error as SmtpError)
  }
}

export const smtp: Provider = {
  batch: 1,
  async send(channel, messages, config) {
    const results = await Promise.all(messages.map((message) => sendOne(channel, message, config)))
    return results.flat()
  },
  async test(channel, config) {
    try {
      const transport = await transportOf(channel, config)
      try {
        await transport.verify()
        return { ok: true, detail: 'The mail server lets this user send.' }
      } finally {
        transport.close()
      }
    } catch (error) {
      const [result] = fateOf({ id: 0, attempt: 0 } as Outgoing, error as SmtpError)
      return { ok: false, detail: 'error' in result! ? result.error : 'It cannot be used.' }
    }
  },
}

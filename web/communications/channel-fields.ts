import type { MessageKey } from '../i18n.ts'

export type Provider = 'sendgrid' | 'smsportal' | 'smtp' | 'outbox' | 'shared'
export type Field = {
  name: string
  label: MessageKey
  hint?: MessageKey
  as: 'text' | 'email' | 'number' | 'money' | 'choice' | 'flag'
  choices?: [value: string, label: MessageKey][]
  needed?: boolean
}

const sender: Field[] = [
  {
    name: 'from_email',
    label: 'communications.from_email',
    hint: 'communications.from_email_hint',
    as: 'email',
  },
  { name: 'from_name', label: 'communications.from_name', as: 'text' },
  { name: 'reply_to', label: 'communications.reply_to', as: 'email' },
]
const texts: Field[] = [
  { name: 'sender_id', label: 'communications.sender_id', hint: 'communications.sender_id_hint', as: 'text' },
]
const price: Field = {
  name: 'part_price',
  label: 'communications.part_price',
  hint: 'communications.part_price_hint',
  as: 'money',
}

/** What a channel asks for, by its provider and kind; secrets are written and never read. */
export function fieldsOf(provider: Provider, kind: 'email' | 'sms'): { settings: Field[]; secrets: Field[] } {
  switch (provider) {
    case 'sendgrid':
      return {
        settings: [
          ...sender,
          {
            name: 'region',
            label: 'communications.region',
            as: 'choice',
            choices: [
              ['global', 'communications.region_global'],
              ['eu', 'communications.region_eu'],
            ],
          },
          {
            name: 'webhook_key',
            label: 'communications.webhook_key',
            hint: 'communications.webhook_key_hint',
            as: 'text',
          },
        ],
        secrets: [{ name: 'api_key', label: 'communications.api_key', as: 'text', needed: true }],
      }
    case 'smtp':
      return {
        settings: [
          ...sender,
          { name: 'host', label: 'communications.host', as: 'text', needed: true },
          { name: 'port', label: 'communications.port', as: 'number' },
          {
            name: 'security',
            label: 'communications.security',
            as: 'choice',
            choices: [
              ['starttls', 'communications.security_starttls'],
              ['tls', 'communications.security_tls'],
              ['none', 'communications.security_none'],
            ],
          },
        ],
        secrets: [
          { name: 'username', label: 'communications.username', as: 'text' },
          { name: 'password', label: 'communications.password', as: 'text' },
        ],
      }
    case 'smsportal':
      return {
        settings: [
          ...texts,
          price,
          { name: 'signature_header', label: 'communications.signature_header', as: 'text' },
          { name: 'timestamp_header', label: 'communications.timestamp_header', as: 'text' },
          {
            name: 'signature_encoding',
            label: 'communications.signature_encoding',
            as: 'choice',
            choices: [
              ['hex', 'communications.encoding_hex'],
              ['base64', 'communications.encoding_base64'],
            ],
          },
          {
            name: 'unsigned_reports',
            label: 'communications.unsigned_reports',
            hint: 'communications.unsigned_reports_hint',
            as: 'flag',
          },
        ],
        secrets: [
          { name: 'client_id', label: 'communications.client_id', as: 'text', needed: true },
          { name: 'api_secret', label: 'communications.api_secret', as: 'text', needed: true },
          { name: 'webhook_secret', label: 'communications.webhook_secret', as: 'text' },
        ],
      }
    case 'outbox':
      return { settings: kind === 'email' ? sender : [...texts, price], secrets: [] }
    case 'shared':
      return { settings: [], secrets: [] }
  }
}

export const providersOf = (kind: 'email' | 'sms', isOutlet: boolean): Provider[] => [
  ...(kind === 'email' ? (['sendgrid', 'smtp'] as const) : (['smsportal'] as const)),
  'outbox',
  ...(isOutlet ? (['shared'] as const) : []),
]

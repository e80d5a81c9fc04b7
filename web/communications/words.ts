import { type MessageKey, t } from '../i18n.ts'

export const messageStates = [
  'pending',
  'sending',
  'sent',
  'delivered',
  'failed',
  'unknown',
  'held',
  'cancelled',
] as const
export type MessageState = (typeof messageStates)[number]

export const stateWord = (state: string) => t(`communications.state_${state}` as MessageKey)
export const stateColour: Record<string, string> = {
  pending: 'gray',
  sending: 'gray',
  sent: 'pine',
  delivered: 'pine',
  failed: 'red',
  unknown: 'brass',
  held: 'brass',
  cancelled: 'gray',
}
export const kindWord = (kind: string) => t(`communications.kind_${kind}` as MessageKey)
export const purposeWord = (purpose: string) => t(`communications.purpose_${purpose}` as MessageKey)
export const eventWord = (kind: string) => t(`communications.event_${kind}` as MessageKey)
export const providerWord = (provider: string | null) =>
  provider === null ? '' : t(`communications.provider_${provider}` as MessageKey)
export const gateWord = (gate: string) => t(`communications.gate_${gate}` as MessageKey)
export const reasonWord = (reason: string) => t(`communications.reason_${reason}` as MessageKey)
export const languageWord = (language: string) => t(`communications.language_${language}` as MessageKey)

/** Languages that reminders are written in. */
export const languages = ['en', 'af', 'hi', 'uz', 'ru']
/** What a template of a reminder may name. */
export const templateWords = [
  'name',
  'acc_no',
  'arrears_amount',
  'total_balance',
  'pharmacy_name',
  'bank_name',
  'account_number',
  'pharmacy_email',
  'pharmacy_phone',
  'today',
]

export const ageWord = (bucket: string) => t(`communications.age_${bucket}` as MessageKey)
export const campaignWord = (state: string) => t(`communications.campaign_${state}` as MessageKey)
export const campaignColour: Record<string, string> = {
  draft: 'gray',
  scheduled: 'brass',
  sending: 'brass',
  done: 'pine',
  cancelled: 'gray',
}
export const sourceWord = (source: string) => t(`communications.source_${source}` as MessageKey)
export const memberWord = (state: string) =>
  state === 'left_out' ? t('communications.not_sent_to') : stateWord(state)

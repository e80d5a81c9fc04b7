import { type MessageKey, t } from '../i18n.ts'

const labels: Record<string, MessageKey> = {
  ours: 'admin.family_ours',
  tracker: 'admin.family_tracker',
  finsentry: 'admin.family_finsentry',
  outstanding: 'admin.family_outstanding',
  debtors: 'admin.family_debtors',
  posightful: 'admin.family_posightful',
}

/** The system that a role comes from, in words. */
export function familyLabel(family: string): string {
  const key = labels[family]
  return key ? t(key) : family
}

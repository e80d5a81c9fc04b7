import { type MessageKey, t } from '../i18n.ts'

const labels: Record<string, MessageKey> = {
  published: 'imports.status_published',
  refused: 'imports.status_refused',
  reverted: 'imports.status_reverted',
  asking: 'imports.status_asking',
  checked: 'imports.status_checked',
}

/** The words of an import's state; one this page does not know yet is shown as it came. */
export const importStatus = (status: string): string => (labels[status] ? t(labels[status]) : status)

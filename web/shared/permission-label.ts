import { i18n } from '@lingui/core'
import { type MessageKey, t } from '../i18n.ts'

/** The words of a permission; one that this page does not know yet is shown by its code. */
export function permissionLabel(code: string): string {
  const key = `core.permission_${code.replace('.', '_')}`
  return key in i18n.messages ? t(key as MessageKey) : code
}

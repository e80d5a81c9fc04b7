import { t } from '../i18n.ts'
import type { DebtorReport } from '../wire.ts'

export const statusWord = ({ status, is_current }: Pick<DebtorReport, 'status' | 'is_current'>) =>
  t(is_current ? 'debtors.status_current' : `debtors.status_${status}`)

export const statusColour = ({ status, is_current }: Pick<DebtorReport, 'status' | 'is_current'>) =>
  is_current ? 'pine' : status === 'needs_review' ? 'brass' : status === 'failed' ? 'red' : 'gray'

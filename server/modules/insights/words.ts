import type { whyGroups } from './schemas.ts'

// What paper and sheets call things; the web app has words of its own (web/locales).

export const figureWords: Record<string, { name: string; how: string }> = {
  receivables: { name: 'Receivables', how: 'Open amounts of invoices; unapplied credit stands beside them.' },
  overdue: { name: 'Overdue', how: 'Of the receivables, what is past its due date.' },
  overdue_percent: { name: 'Overdue share', how: 'Overdue ÷ receivables.' },
  unapplied: { name: 'Unapplied credit', how: 'Credit notes and payments that settle nothing yet.' },
  dso: { name: 'DSO', how: 'Receivables ÷ billed in the period × its days.' },
  best_possible_dso: { name: 'Best possible DSO', how: 'Receivables not yet due ÷ billed × days.' },
  count_back_dso: {
    name: 'Count-back DSO',
    how: 'Whole months of billing taken off the receivables, backwards; the last in proportion.',
  },
  delinquent_days: { name: 'Average days delinquent', how: 'DSO − best possible DSO.' },
  collection_effectiveness: {
    name: 'Collection effectiveness',
    how: '(Opening + billed − closing) ÷ (opening + billed − closing not yet due).',
  },
  average_days_late: {
    name: 'Average days late',
    how: 'Of invoices settled in the period: Σ amount × days late ÷ Σ amount; early is 0.',
  },
  days_to_pay: {
    name: 'Days to pay',
    how: 'Of the same: Σ amount × days from invoice to payment ÷ Σ amount.',
  },
  billed: { name: 'Billed', how: 'Invoices less credit notes, as restated and less what was withdrawn.' },
  cash: { name: 'Cash received', how: 'Payments, and payments on account; what went back is taken off.' },
}

export const groupWords: Record<(typeof whyGroups)[number], string> = {
  invoices: 'New invoices',
  credits: 'Credits',
  payments: 'Payments',
  manual: 'Payments by hand',
  write_offs: 'Written off',
  reversals: 'Went back',
  corrections: 'Corrections',
  withdrawals: 'Withdrawn',
  undone: 'Imports undone',
  fell_due: 'Fell due',
  turned: 'Overpaid',
}

export const verdictWords: Record<string, string> = {
  open: 'Still open',
  kept: 'Kept',
  partially_kept: 'Kept in part',
  broken: 'Broken',
  superseded: 'Superseded',
  withdrawn: 'Withdrawn',
}

/** Words of the field, and the pure decisions about an invoice. */

export type Status = 'paid' | 'partial' | 'overdue' | 'disputed' | 'open'
/** What a status cell may say; drafts and voids are no receivables. */
const statuses: Record<Status | 'draft' | 'void', string[]> = {
  paid: [
    'paid',
    'fully paid',
    'paid in full',
    'settled',
    'closed',
    'cleared',
    'deposited',
    'auto paid',
    'bezahlt',
  ],
  partial: [
    'partial',
    'partially paid',
    'partly paid',
    'part paid',
    'partial payment',
    'partiallypaid',
    'partly paid and discounted',
    'teilbezahlt',
  ],
  overdue: ['overdue', 'past due', 'late', 'overdue and discounted', 'überfällig'],
  disputed: ['disputed', 'dispute', 'in dispute'],
  open: [
    'open',
    'unpaid',
    'outstanding',
    'not paid',
    'due',
    'not due',
    'sent',
    'viewed',
    'issued',
    'posted',
    'pending',
    'current',
    'awaiting payment',
    'authorised',
    'authorized',
    'approved',
    'submitted',
    'in payment',
    'unpaid and discounted',
    'return',
    'credit note issued',
    'active',
    'offen',
  ],
  draft: ['draft', 'awaiting approval', 'pending approval', 'unapproved', 'entwurf'],
  void: ['void', 'voided', 'cancelled', 'canceled', 'deleted', 'reversed', 'storniert'],
}
const statusNamed = new Map(
  Object.entries(statuses).flatMap(([status, words]) => words.map((word) => [word, status] as const)),
)
/** Statuses that say more than a word: `Overdue by 12 days`, `16 days overdue`, `Due in 5 days`. */
const phrases: [Status, RegExp][] = [
  ['overdue', /^overdue (?:by )?\d+ days?$|^\d+ days? overdue$/],
  ['open', /^due (?:today|tomorrow|(?:in|on|by) .{1,20})$/],
]
export function readStatus(cell: string): Status | 'draft' | 'void' | undefined {
  const word = cell.toLowerCase().replace(/[\s_-]+/g, ' ')
  return (
    (statusNamed.get(word) as Status | 'draft' | 'void' | undefined) ??
    phrases.find(([, phrase]) => phrase.test(word))?.[0]
  )
}
/** The four that the AR Tracker's file may say. */
export const trackerStatuses: readonly string[] = ['paid', 'partial', 'overdue', 'disputed']

type DocumentType = 'invoice' | 'credit_note' | 'payment' | 'journal'
const documents: [DocumentType, RegExp][] = [
  ['credit_note', /^(?:cn|crn|cm|dg|rg|sc)$|credit|refund|gutschrift|sales return/],
  ['payment', /^(?:dz|zp|zv|rc|pmt|rcpt)$|payment|receipt|on account|advance|deposit|zahlung/],
  ['journal', /^(?:jv|je|ab|sa|da)$|journal|adjust|opening balance/],
  ['invoice', /^(?:inv|dr|rv|dn|si)$|invoice|bill|debit|sale|charge|rechnung/],
]
export const readDocumentType = (cell: string): DocumentType | undefined =>
  documents.find(([, pattern]) => pattern.test(cell.toLowerCase()))?.[0]

/** Whether a document of this kind lowers what is owed; undefined when its name says nothing. */
export function lowersDebt(cell: string): boolean | undefined {
  const type = cell === '' ? undefined : readDocumentType(cell)
  return type === 'invoice' ? false : type === 'credit_note' || type === 'payment' ? true : undefined
}

/** The side of the account on which a row stands: S and H as SAP says, D and C, Dr and Cr. */
export const readSide = (cell: string): 'debit' | 'credit' | undefined =>
  /^(?:h|c|cr|credit|haben)\.?$/i.test(cell)
    ? 'credit'
    : /^(?:s|d|dr|debit|soll)\.?$/i.test(cell)
      ? 'debit'
      : undefined

const rootCauses = [
  'Billing Error',
  'Delivery Issue',
  'PO Mismatch',
  'Customer Dispute',
  'Payment Processing',
  'Other',
] as const
const causes: [(typeof rootCauses)[number], RegExp][] = [
  ['PO Mismatch', /\bpo\b|purchase order/],
  ['Delivery Issue', /deliver|shipment|shipping|goods|damage|service issue|quality/],
  ['Payment Processing', /payment|remittance|bank|cheque|check|cash forecast|processing/],
  ['Billing Error', /bill|invoice|pric|clerical|tax/],
  ['Customer Dispute', /dispute|customer|client/],
]
/** Why an invoice is not paid, in the AR Tracker's words. */
export const readRootCause = (cell: string): (typeof rootCauses)[number] | undefined =>
  cell === '' ? undefined : (causes.find(([, pattern]) => pattern.test(cell.toLowerCase()))?.[0] ?? 'Other')

const yes = /^(?:yes|y|true|t|1|x|disputed|✓)$/i
const no = /^(?:no|n|false|f|0|-|none|)$/i
export const readFlag = (cell: string): boolean | undefined =>
  yes.test(cell) ? true : no.test(cell) ? false : undefined

/** Days of payment terms: `NET 30`, `2/10 n/45`, `30 days`, `Due on receipt`; undefined when the words say none. */
export function termsDays(cell: string): number | undefined {
  if (/receipt|immediate|^c\.?o\.?d\.?$|^cash$/i.test(cell)) return 0
  const days = /\bn(?:et|\/)?\s*-?(\d{1,3})\b/i.exec(cell) ?? /^(\d{1,3})(?:\s*(?:d|days?))?$/i.exec(cell)
  return days ? Number(days[1]) : undefined
}

/** What most codes are; the rest is looked at more closely. */
const unspaced = /^[^\s.]*$/
/** A code as people write it: without the `.0` that spreadsheets add to numbers. */
export const codeText = (cell: string) =>
  unspaced.test(cell) ? cell : cell.replace(/\s+/g, ' ').replace(/^(\d+)\.0+$/, '$1')
/** A number that a spreadsheet shortened to 1.93E+09 has lost its digits for good. */
export const isShortened = (cell: string) => /^\d(?:[.,]\d+)?E\+?\d+$/i.test(cell) && /[.,+]/.test(cell)
/** What makes two codes one: letter case, leading zeros and a trailing `.0` do not count. */
export const codeKey = (code: string) =>
  codeText(code)
    .toUpperCase()
    .replace(/^0+(?=.)/, '')
/** Identity of a customer whose sender gives no codes. A code cannot be mistaken for it: codes have no `=` in front. */
export const nameKey = (name: string) =>
  `=${name
    .toLowerCase()
    .replace(/[\s.,]+/g, ' ')
    .trim()}`.slice(0, 220)

/** Minor units open, from whatever the row says about it. A stated open amount is believed before anything derived. */
export function openAmount(row: {
  amount: bigint
  open?: bigint
  paid?: bigint
  status?: Status
  settled: boolean
}): bigint {
  if (row.open !== undefined) return row.open
  if (row.status === 'paid') return 0n
  if (row.paid !== undefined) return row.amount - row.paid
  return row.settled ? 0n : row.amount
}

// ---- ageing ---------------------------------------------------------------------------------------------------------

export type Bucket = { bucket: string; label: string; from_days: number | null; to_days: number | null }

/** Of days overdue: current (0 and less), then up to each edge, then the open end. Every count falls into exactly one. */
export function buckets(edges: readonly number[]): Bucket[] {
  const last = edges.at(-1)!
  return [
    { bucket: 'current', label: 'Current', from_days: null, to_days: 0 },
    ...edges.map((to, at) => {
      const from = (edges[at - 1] ?? 0) + 1
      return { bucket: `${from}-${to}`, label: `${from}-${to} days`, from_days: from, to_days: to }
    }),
    { bucket: `over-${last}`, label: `Over ${last} days`, from_days: last + 1, to_days: null },
  ]
}
/** Invoices whose sender gave no date at all: they are owed, but nobody can say since when. */
export const undated: Bucket = { bucket: 'undated', label: 'No date', from_days: null, to_days: null }

/** The names that a text calls with @, in lower case. An @ inside a word, as in an address, calls nobody. */
export const called = (body: string): string[] => [
  ...new Set(
    [...body.matchAll(/(?<![\p{L}\p{N}._+-])@([\p{L}\p{N}._+-]{2,150})/gu)].flatMap(([, name]) => {
      const whole = name!.toLowerCase()
      // A full stop may end the name or the sentence.
      const bare = whole.replace(/[._+-]+$/, '')
      return whole === bare ? [whole] : [whole, bare]
    }),
  ),
]

/** What people are told of. A new kind is a line here and its words in the web app. */
export const notificationKinds = [
  'mention',
  'assignment',
  'task',
  'promise_broken',
  'dispute_opened',
  'dispute_answered',
  'import_published',
  'absence',
  'report',
  'remark',
  'customer_promised',
  'customer_disputed',
] as const
export type NotificationKind = (typeof notificationKinds)[number]

const said = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

/** The sentence for clients without words of their own; `text` of whoever tells wins. */
export function sentenceOf(kind: NotificationKind, data: Record<string, unknown>): string {
  const customer = said(data.customer)
  const of = customer ? ` of ${customer}` : ''
  const invoice = said(data.invoice_number)
  const what = invoice ? `invoice ${invoice}${of}` : customer || 'an account'
  switch (kind) {
    case 'mention':
      return `You were mentioned on ${what}: ${said(data.excerpt)}`
    case 'assignment':
      return data.count !== undefined && data.count !== 1
        ? `${said(data.count)} invoices${of} are yours now.`
        : `${what.charAt(0).toUpperCase()}${what.slice(1)} is yours now.`
    case 'task':
      return `You have a task about ${what}: ${said(data.title)}, by ${said(data.due_on)}.`
    case 'promise_broken':
      return `A promise to pay was broken: ${what}.`
    case 'dispute_opened':
      return `A dispute was opened: ${what}.`
    case 'dispute_answered':
      return `A dispute was answered: ${what}.`
    case 'import_published':
      return `${said(data.file_name) || 'A file'} is in the books.`
    case 'absence':
      return `You stand in for ${said(data.name)} until ${said(data.until_on)}.`
    case 'report':
      return `${said(data.name) || 'A report'} is ready.`
    case 'customer_promised':
      return `${customer || 'A customer'} promised ${said(data.amount)} ${said(data.currency)} by ${said(data.promised_on)}, through their link.`
    case 'customer_disputed':
      return `${customer || 'A customer'} disputes invoice ${invoice}, through their link: ${said(data.reason)}.`
    case 'remark':
      return `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${said(data.remark)}`
  }
}

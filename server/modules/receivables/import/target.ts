import type { Target } from '../../imports/target.ts'
import { fields } from './fields.ts'
import { layouts, pairs } from './layouts.ts'
import { planReceivables } from './plan.ts'
import { decideReceivables, publishReceivables, revertReceivables } from './publish.ts'

/** What an export of receivables may hold, and the AR Tracker's nine columns, which need no mapping. */
export const receivablesTarget: Target = {
  name: 'receivables',
  fields,
  layouts,
  pairs,
  heading: 'customer_name',
  standard_name: 'AR Tracker',
  standard: {
    operating_unit: 'operating_unit',
    customer_name: 'customer_name',
    customer_code: 'customer_id',
    invoice_number: 'invoice_number',
    invoice_date: 'invoice_date',
    due_date: 'due_date',
    amount: 'invoice_amount',
    currency: 'currency',
    status: 'payment_status',
  },
  needed: [
    'invoice_number',
    ['customer_code', 'customer_name'],
    ['amount', 'open_amount', 'line_amount', 'debit'],
  ],
  key: 'invoice_number',
  stage: {
    customer_key: 'text',
    customer_code: 'text',
    customer_name: 'text',
    email: 'text',
    phone: 'text',
    number: 'text',
    number_key: 'text',
    document_type: 'text',
    currency: 'text',
    amount: 'bigint',
    open_amount: 'bigint',
    invoice_date: 'date',
    due_date: 'date',
    terms_days: 'int',
    settled_on: 'date',
    is_disputed: 'boolean',
    operating_unit: 'text',
    region: 'text',
    po_number: 'text',
    notes: 'text',
    department: 'text',
    outlet: 'text',
    assigned_to: 'text',
    root_cause: 'text',
    sales_person: 'text',
    is_line: 'boolean',
    age_band: 'text',
  },
  rows: new URL('./rows.ts', import.meta.url).href,
  books: {
    plan: planReceivables,
    publish: publishReceivables,
    revert: revertReceivables,
    decide: decideReceivables,
  },
}

import type { Target } from '../../imports/target.ts'
import { fields } from '../../receivables/import/fields.ts'
import { pairs } from '../../receivables/import/layouts.ts'
import { receivablesTarget } from '../../receivables/import/target.ts'
import { arrangeSheet } from '../period.ts'
import { decideSheet, planSheet, publishSheet, revertSheet } from './books.ts'

const read = [
  'customer_code',
  'customer_name',
  'region',
  'age_bucket',
  'invoice_number',
  'amount',
  'open_amount',
  'invoice_date',
  'due_date',
  'currency',
  'status',
  'email',
  'phone',
]
/** Who works the customer, as the sheet writes it: it proposes, and assigns nobody. */
const engineer = {
  ...fields.find(({ name }) => name === 'sales_person')!,
  headers: [
    ['engineer', 'engineername', 'salesengineer', 'serviceengineer', 'assignedengineer', 'areaengineer'],
    ['salesperson', 'salesrep', 'salesman', 'executive'],
  ],
}

/** The sheet of a month: what each customer owes at its end, by invoice, or as a balance per age band. */
export const outstandingTarget: Target = {
  ...receivablesTarget,
  name: 'outstanding',
  fields: [...read.map((name) => fields.find((field) => field.name === name)!), engineer],
  pairs,
  standard_name: 'Outstanding Tracker',
  standard: {
    customer_code: 'Accode',
    customer_name: 'Party Name',
    region: 'Region',
    age_bucket: 'Age',
    invoice_number: 'Inv.No',
    amount: 'Inv.Amt',
    open_amount: 'Outstg.Amt',
  },
  needed: ['customer_code', 'open_amount'],
  key: 'customer_code',
  layouts: [
    // As in its document: a row without a customer's code is none.
    {
      name: 'Outstanding sheet',
      has: ['accode', 'outstandingamount'],
      only: { header: 'accode', reads: /\S/ },
    },
  ],
  rows: new URL('./rows.ts', import.meta.url).href,
  books: { plan: planSheet, publish: publishSheet, revert: revertSheet, decide: decideSheet },
  arrange: arrangeSheet,
  // A department sends sheets of one kind: the next one of it says what has gone, whatever its columns are called.
  sender: ({ period }, mapping) => {
    const level = mapping.invoice_number === undefined ? 'customer' : 'invoice'
    return {
      key: `outstanding ${level} ${period!.department_id}`,
      name: `Outstanding sheet, ${period!.department}`,
    }
  },
}

import type { Layout } from '../../imports/target.ts'

/**
 * Exports that are known by their headers, the more particular ones first. Most need no more than the usual names of
 * their columns; what is said here is where they differ. Where each is documented: tests/fixtures/exports/README.md.
 */
export const layouts: readonly Layout[] = [
  {
    name: 'Wave transactions',
    has: ['transactionid', 'accountname', 'amountonecolumn', 'accounttype', 'invoicenumber'],
    mapping: {
      line_amount: 'amountonecolumn',
      amount: null,
      open_amount: null,
      customer_name: 'customer',
      customer_code: null,
      invoice_date: 'transactiondate',
      notes: null,
    },
    only: { header: 'accounttype', reads: /^system receivable/i },
    postings: true,
  },
  {
    name: 'Zoho invoices',
    has: ['invoiceid', 'invoicenumber', 'invoicestatus', 'customername', 'itemtotal', 'total', 'balance'],
  },
  {
    name: 'FreshBooks invoice details',
    has: ['clientname', 'invoicenumber', 'dateissued', 'linesubtotal', 'linetotal'],
  },
  {
    name: 'Xero sales invoices',
    has: ['contactname', 'invoicenumber', 'invoiceamountdue', 'lineamount'],
    // Its account code is that of the revenue, its description that of a line.
    mapping: { customer_code: null, notes: null, po_number: 'reference' },
  },
  {
    name: 'Xero aged receivables detail',
    has: ['invoicedate', 'invoicenumber', '1month', '2months', '3months', 'older', 'total'],
    mapping: { open_amount: 'total', amount: null },
    headings: true,
  },
  {
    name: 'QuickBooks customer balance detail',
    has: ['date', 'transactiontype', 'number', 'openbalance', 'balance'],
    mapping: { open_amount: 'openbalance' },
  },
  { name: 'QuickBooks Online', has: ['date', 'transactiontype', 'number', 'duedate', 'openbalance'] },
  { name: 'QuickBooks Desktop', has: ['type', 'date', 'number', 'duedate', 'openbalance'] },
  { name: 'QuickBooks invoice list', has: ['date', 'number', 'duedate', 'amount', 'openbalance'] },
  { name: 'Odoo invoices', has: ['number', 'invoicepartnerdisplayname', 'invoicebilldate', 'paymentstatus'] },
  {
    name: 'ERPNext accounts receivable',
    has: ['postingdate', 'party', 'vouchertype', 'vouchernumber', 'invoicedamount', 'outstandingamount'],
  },
  { name: 'ERPNext sales invoices', has: ['id', 'customer', 'grandtotal', 'outstandingamount', 'status'] },
  {
    name: 'Tally bills receivable',
    has: ['date', 'referencenumber', 'pendingamount', 'dueon'],
    // Its amount is that of the bill, where the report shows it; the pending one is what is open.
    mapping: { invoice_number: 'referencenumber', open_amount: 'pendingamount', amount: 'openingamount' },
    // Of one ledger after the other, where it has no column of parties.
    headings: true,
  },
  {
    name: 'SAP customer line items',
    has: ['documentnumber', 'documenttype', 'documentdate', 'netduedate'],
    mapping: { customer_code: 'account' },
  },
  {
    name: 'SAP customer line items',
    has: ['belegnummer', 'belegart', 'belegdatum'],
    mapping: { customer_code: 'konto' },
  },
  {
    name: 'AR Tracker business workbook',
    has: ['customername', 'invoicenumber', 'collectorname', 'billername', 'invoiceamount', 'invoicestatus'],
  },
  {
    name: 'Outstanding sheet',
    has: ['accode', 'invoicenumber', 'invoiceamount', 'outstandingamount'],
    // As in its document: a row without a customer's code is none.
    only: { header: 'accode', reads: /\S/ },
  },
]

/** Where a system writes amounts in two currencies: each column of amounts, and the column of its currency. */
export const pairs: Readonly<Record<string, readonly string[]>> = {
  amountinlocalcurrency: ['localcurrency', 'lcurr', 'lcurrency'],
  lcamount: ['localcurrency', 'lcurr', 'lcurrency'],
  betraginhauswährung: ['hauswährung'],
  amountindoccurrency: ['documentcurrency', 'currency'],
  amountindocumentcurrency: ['documentcurrency', 'currency'],
  betraginbelegwährung: ['belegwährung', 'währung'],
  totalsigned: ['companycurrency'],
}

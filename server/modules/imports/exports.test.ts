import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import * as reader from '../receivables/import/rows.ts'
import { receivablesTarget as target } from '../receivables/import/target.ts'
import { noneLeftOut, stageRows, stagingColumns } from './staging.ts'
import { type Asked, ColumnWatch, surveyFile } from './survey.ts'

// Exports of other systems, read without a mapping: which column feeds which field, what is owed in the end, and what
// is asked. Where the layouts are documented: tests/fixtures/exports/README.md.

const fixtures = resolve(import.meta.dirname, '../../../tests/fixtures/exports')
const folder = mkdtempSync(join(tmpdir(), 'exports-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const file = (content: string) => {
  const path = join(folder, `${count++}.csv`)
  writeFileSync(path, content)
  return path
}

const survey = (path: string, asked: Partial<Asked> = {}) =>
  surveyFile({ path, wanted: null, answers: {}, ...asked }, target, reader)

/** Everything of a file as it goes to the staging table, without its empty columns. */
async function read(path: string, asked: Partial<Asked> = {}) {
  const found = await survey(path, asked)
  expect([found.errors, found.questions.map(({ message }) => message)]).toEqual([[], []])
  const leftOut = noneLeftOut()
  const columns = stagingColumns(target)
  const rows: Record<string, string>[] = []
  const reading = {
    home_currency: 'EUR',
    as_of: '2026-03-31',
    standard: found.standard,
    places: found.places,
    days: found.days,
    decimal: found.decimal.decimal,
    flipped: found.flipped,
    postings: found.layout?.postings ?? false,
    currency: found.currency,
    words: found.words,
  }
  const watch = new ColumnWatch(target.fields, found, reader)
  for await (const { bytes } of stageRows(
    path,
    found,
    target,
    reader.readRow,
    reading,
    watch,
    leftOut,
    asked.corrections,
  )) {
    for (const line of new TextDecoder().decode(bytes).split('\n').slice(0, -1)) {
      const values = line.split('\t')
      rows.push(
        Object.fromEntries(
          columns.flatMap((name, at) => (values[at] === '\\N' ? [] : [[name, values[at]!]])),
        ),
      )
    }
  }
  const taken = rows.filter(({ problems }) => problems === undefined)
  const sums: Record<string, [amount: number, open: number]> = {}
  // A line adds to its invoice; an invoice that a file repeats on each of its lines is one.
  const seen = new Set<string>()
  for (const row of taken) {
    const one = `${row.customer_key} ${row.number_key}`
    if (row.is_line === 'false' && seen.has(one)) continue
    seen.add(one)
    const [amount, open] = sums[row.currency!] ?? [0, 0]
    sums[row.currency!] = [amount + Number(row.amount), open + Number(row.open_amount)]
  }
  const rejected = rows.filter(({ problems }) => problems !== undefined)
  return { found, rows, taken, rejected, sums, leftOut }
}
const reasons = (rejected: Record<string, string>[]) =>
  rejected.flatMap(({ problems }) =>
    (JSON.parse(problems!) as { reason: string }[]).map(({ reason }) => reason),
  )

describe('a known export needs no mapping:', () => {
  /** Sums of what is invoiced and open, in cents; of rows: taken, rejected, left out. */
  const exports: [file: string, layout: string, sums: object, rows: [number, number, number]][] = [
    ['sap-fbl5n', 'SAP customer line items', { EUR: [170000, 170000], USD: [250050, 250050] }, [5, 0, 1]],
    ['sap-fbl5n-german', 'SAP customer line items', { EUR: [178000, 178000] }, [3, 0, 0]],
    ['tally-bills-receivable', 'Tally bills receivable', { EUR: [17085050, 17085050] }, [4, 0, 1]],
    ['zoho-invoices', 'Zoho invoices', { USD: [40500, 30500] }, [3, 1, 0]],
    ['quickbooks-online-ageing', 'QuickBooks Online', { EUR: [157500, 112500] }, [4, 0, 6]],
    [
      'quickbooks-customer-balance',
      'QuickBooks customer balance detail',
      { EUR: [372000, 172000] },
      [3, 0, 5],
    ],
    ['quickbooks-desktop-ageing', 'QuickBooks Desktop', { EUR: [180000, 180000] }, [3, 0, 5]],
    ['quickbooks-invoice-list', 'QuickBooks Online', { EUR: [139550, 71550] }, [3, 0, 0]],
    ['xero-invoices', 'Xero sales invoices', { NZD: [27600, 11850] }, [4, 1, 0]],
    ['xero-aged-detail', 'Xero aged receivables detail', { EUR: [48510, 48510] }, [3, 0, 6]],
    ['freshbooks-invoice-details', 'FreshBooks invoice details', { USD: [108200, 78200] }, [3, 0, 0]],
    ['odoo-invoices', 'Odoo invoices', { EUR: [169400, 129400] }, [3, 1, 0]],
    ['erpnext-accounts-receivable', 'ERPNext accounts receivable', { INR: [550050, 350050] }, [3, 0, 1]],
    ['erpnext-sales-invoices', 'ERPNext sales invoices', { INR: [570050, 370050] }, [3, 1, 0]],
    ['wave-transactions', 'Wave transactions', { EUR: [10000, 6000] }, [2, 0, 2]],
    ['ar-tracker', 'AR Tracker', { EUR: [369506, 240543] }, [3, 0, 0]],
    ['ar-tracker-workbook', 'AR Tracker business workbook', { EUR: [335075, 335075] }, [3, 0, 0]],
    ['outstanding-sheet', 'Outstanding sheet', { EUR: [19890050, 14890050] }, [3, 0, 2]],
  ]
  test.each(exports)('%s', async (name, layout, sums, rows) => {
    const result = await read(join(fixtures, `${name}.csv`))
    expect(result.found.layout?.name).toBe(layout)
    expect(result.sums).toEqual(sums)
    const left = Object.values(result.leftOut.counts).reduce((sum, each) => sum + each)
    expect([result.taken.length, result.rejected.length, left]).toEqual(rows)
    for (const row of result.taken) expect(row.customer_key).toBeDefined()
  })

  test('headings name the customers, also one that is called Total', async () => {
    const { taken } = await read(join(fixtures, 'xero-aged-detail.csv'))
    expect(taken.map(({ customer_name, number, due_date }) => [customer_name, number, due_date])).toEqual([
      ['Rata Books', 'INV-0301', '2026-02-20'],
      ['Rata Books', 'INV-0333', '2026-04-20'],
      ['Total Style Hair', 'INV-0320', '2026-03-20'],
    ])
  })
  test('headings are customers also without a total that repeats them, where the layout says so', async () => {
    const { taken, leftOut } = await read(
      file(
        'Date,Ref. No.,Opening Amount,Pending Amount,Due on,Overdue by days\nKiran Stores,,,,,\n3-Jan-2026,SF/101,1200.00 Dr,1000.00 Dr,2-Feb-2026,57\n,,1200.00 Dr,1000.00 Dr,,\nNandi,,,,,\n4-Jan-2026,SF/102,50.50 Dr,50.50 Dr,3-Feb-2026,56\n',
      ),
    )
    expect(
      taken.map(({ customer_name, number, amount, open_amount }) => [
        customer_name,
        number,
        amount,
        open_amount,
      ]),
    ).toEqual([
      ['Kiran Stores', 'SF/101', '120000', '100000'],
      ['Nandi', 'SF/102', '5050', '5050'],
    ])
    expect([leftOut.headings, leftOut.totals, leftOut.stated_totals]).toEqual([[2, 5], [4], []])
  })
  test('a column of customers holds codes or names, as its contents say', async () => {
    const { mapping: codes } = await survey(
      file('Invoice Number,Customer,Amount\n1,C-100,5.00\n2,C-200,6.00\n'),
    )
    const { mapping: names } = await survey(
      file('Invoice Number,Customer,Amount\n1,Ann 1 Ltd,5.00\n2,Ben,6.00\n'),
    )
    expect([codes.customer_code, names.customer_name]).toEqual(['Customer', 'Customer'])
  })
  test('a payment without a number is told from others by its day', async () => {
    const { taken } = await read(join(fixtures, 'quickbooks-online-ageing.csv'))
    expect(taken.at(-1)).toMatchObject({
      number: 'Payment 2026-03-11',
      document_type: 'payment',
      open_amount: '-7500',
    })
  })
  test('the revenue account of a line is not the customer, the running balance not what is open', async () => {
    expect((await survey(join(fixtures, 'xero-invoices.csv'))).mapping).not.toHaveProperty('customer_code')
    const { mapping } = await survey(
      file(
        'Date,Num,Name,Amount,Balance\n2026-01-13,1,Ann,10.00,10.00\n2026-01-14,2,Ann,5.00,15.00\n2026-01-15,3,Ann,2.50,17.50\n2026-01-16,4,Ann,1.00,18.50\n',
      ),
    )
    expect(mapping).toEqual({
      invoice_number: 'Num',
      customer_name: 'Name',
      invoice_date: 'Date',
      amount: 'Amount',
    })
  })
  test('what a report totals itself is kept to compare', async () => {
    const { leftOut } = await read(join(fixtures, 'quickbooks-customer-balance.csv'))
    expect(leftOut.totals).toEqual([8, 11, 12])
    expect(leftOut.headings).toEqual([5, 9])
    expect(leftOut.stated_totals).toEqual([
      { row: 12, field: 'amount', column: 'Amount', value: '$3,720.00' },
      { row: 12, field: 'open_amount', column: 'Open Balance', value: '$1,720.00' },
    ])
  })
  test('drafts and cancelled invoices are rejected', async () => {
    expect(reasons((await read(join(fixtures, 'odoo-invoices.csv'))).rejected)).toEqual([
      'A draft is not receivable.',
    ])
    expect(reasons((await read(join(fixtures, 'erpnext-sales-invoices.csv'))).rejected)).toEqual([
      'A void invoice is not receivable.',
    ])
  })
  test('the workbook gives who collects and why it is unpaid', async () => {
    const { taken, leftOut } = await read(join(fixtures, 'ar-tracker-workbook.csv'))
    expect(taken.map(({ assigned_to, root_cause }) => [assigned_to, root_cause])).toEqual([
      ['Mona Field', 'PO Mismatch'],
      ['Sam Reed', 'Delivery Issue'],
      ['Sam Reed', 'Other'],
    ])
    expect(leftOut.notices).toEqual({
      'A root cause that is not known: taken as Other': { count: 1, rows: [4], money: {} },
    })
  })
})

describe('what the header leaves open is asked:', () => {
  const row = 'A1,Ann,100.00,119.00\nA2,Ben,200.50,238.60\n'
  test('two columns that may be the amount', async () => {
    const path = file(`Invoice No,Customer,Net Amount,Amount\n${row}`)
    const { questions, proposal } = await survey(path)
    expect(questions).toEqual([
      expect.objectContaining({
        id: 'mapping',
        field: 'amount',
        options: [
          expect.objectContaining({ value: 'Amount' }),
          expect.objectContaining({ value: 'Net Amount' }),
        ],
      }),
    ])
    expect(proposal.find(({ field }) => field === 'amount')).toMatchObject({
      certainty: 'asked',
      column: null,
    })
    const answered = await survey(path, { answers: { mapping: { amount: 'Amount' } } })
    expect([answered.questions, answered.mapping.amount]).toEqual([[], 'Amount'])
  })
  test('a needed column that no header names', async () => {
    const { questions } = await survey(file(`Invoice No,Customer,Was zu zahlen ist,Tax\n${row}`))
    expect(questions).toEqual([
      expect.objectContaining({
        id: 'mapping',
        field: 'amount',
        options: [
          expect.objectContaining({ value: 'Was zu zahlen ist' }),
          expect.objectContaining({ value: 'Tax' }),
        ],
      }),
    ])
  })
  test('but a file that is no table of invoices is told the header it should have', async () => {
    for (const content of ['a,b\nx,y\n', 'invoice_number,customer_id,due_date\nA1,C1,2026-01-01\n'])
      expect((await survey(file(content))).errors).toContain('Missing column: invoice_amount')
  })
  test('a balance in another currency than the amount', async () => {
    const { questions } = await survey(
      file('Invoice No,Customer,Amount (USD),Balance (EUR)\nA1,Ann,5.00,4.50\nA2,Ben,6.00,5.50\n'),
    )
    expect(questions).toEqual([expect.objectContaining({ id: 'mapping', field: 'open_amount' })])
  })
  test('all that is needed, of a table in words that nobody knows', async () => {
    const path = file('Numéro;Nom;Le;Montant TTC\nR1;Müller;13.01.2026;1.234,50\nR2;Öz;14.01.2026;99,00\n')
    const { questions } = await survey(path)
    expect(questions.map(({ field }) => field)).toEqual(['invoice_number', 'customer_name', 'amount'])
    const mapping = {
      invoice_number: 'Numéro',
      customer_name: 'Nom',
      amount: 'Montant TTC',
      invoice_date: 'Le',
    }
    expect((await read(path, { answers: { mapping } })).sums).toEqual({ EUR: [133350, 133350] })
  })
  test('but not which of two columns of one name: they are refused', async () => {
    const { errors } = await survey(file('Invoice No,Customer,Amount,Amount\nA1,Ann,5.00,6.00\n'))
    expect(errors).toEqual(['The column Amount is there 2 times; it must be unique.'])
  })
  test('columns that say the same are one', async () => {
    const { mapping, questions } = await survey(
      file('Invoice No,Customer,Amount,Value\nA1,Ann,5.00,5.00\nA2,Ben,6.00,6.00\n'),
    )
    expect([questions, mapping.amount]).toEqual([[], 'Amount'])
  })
  test('a short name is taken only when the contents bear it out', async () => {
    const { mapping } = await survey(
      file('Number,Customer,Date,Due,Amount\nA1,Ann,2026-01-13,yes,5.00\nA2,Ben,2026-01-14,no,6.00\n'),
    )
    expect(mapping).toEqual({
      invoice_number: 'Number',
      customer_name: 'Customer',
      invoice_date: 'Date',
      amount: 'Amount',
    })
  })
  test('words of the status', async () => {
    const path = file(
      'Invoice No,Customer,Amount,Status\nA1,Ann,5.00,Zzz\nA2,Ben,6.00,Paid\nA3,Ben,7.00,Chased\n',
    )
    const { questions } = await survey(path)
    expect(questions).toEqual([
      expect.objectContaining({ id: 'status_words', column: 'Status', words: ['Zzz', 'Chased'] }),
    ])
    const { taken, rejected } = await read(path, { answers: { status: { zzz: 'draft', Chased: 'overdue' } } })
    expect(taken.map(({ open_amount }) => open_amount)).toEqual(['0', '700'])
    expect(reasons(rejected)).toEqual(['A draft is not receivable.'])
  })
})

describe('signs', () => {
  const typed = (lines: [string, string][]) =>
    file(
      `Invoice No,Customer,Type,Amount\n${lines.map(([type, amount], at) => `A${at},Ann,${type},${amount}`).join('\n')}\n`,
    )
  test('are turned around when the kinds of documents say so, with the rows that prove it', async () => {
    const path = typed([
      ...Array.from({ length: 4 }, (): [string, string] => ['Invoice', '-10.00']),
      ['Credit Note', '4.00'],
    ])
    const { found, sums } = await read(path)
    expect(sums).toEqual({ EUR: [3600, 3600] })
    expect(found.evidence).toContainEqual(
      expect.objectContaining({
        field: 'amount',
        concluded: expect.stringContaining('turned around'),
        counter: [],
      }),
    )
  })
  test('are asked when every amount is negative and nothing says why', async () => {
    const path = file('Invoice No,Customer,Amount\nA1,Ann,-5.00\nA2,Ben,-6.00\nA3,Ben,-7.00\n')
    expect((await survey(path)).questions).toEqual([
      expect.objectContaining({ id: 'sign', column: 'Amount' }),
    ])
    expect((await read(path, { answers: { sign: 'flipped' } })).sums).toEqual({ EUR: [1800, 1800] })
    expect((await read(path, { answers: { sign: 'as_written' } })).sums).toEqual({ EUR: [-1800, -1800] })
  })
  test('come from a column of sides, or from two columns', async () => {
    const sides = file('Invoice No,Customer,Amount,Debit/Credit Ind\nA1,Ann,5.00,S\nA2,Ben,2.00,H\n')
    expect((await read(sides)).sums).toEqual({ EUR: [300, 300] })
    const two = file('Invoice No,Customer,Debit,Credit\nA1,Ann,5.00,\nA2,Ben,,2.00\n')
    expect((await read(two)).sums).toEqual({ EUR: [300, 300] })
  })
})

test('a header gives the currency of its amounts', async () => {
  expect((await read(file('Invoice No,Customer,Balance (AUD)\nA1,Ann,5.00\n'))).sums).toEqual({
    AUD: [500, 500],
  })
})
test('codes that a spreadsheet turned into numbers are shown', async () => {
  const { found, taken } = await read(
    file('Invoice No,Customer,Amount\n1930438491.0,Ann,5.00\n007,Ben,6.00\n'),
  )
  expect(taken.map(({ number }) => number)).toEqual(['1930438491', '007'])
  const told = found.evidence.filter(({ field }) => field === 'invoice_number')
  expect(told.map(({ proof }) => proof)).toEqual([
    [{ row: 2, value: '1930438491.0' }],
    [{ row: 3, value: '007' }],
  ])
})
test('days that a spreadsheet turned into numbers or swapped are refused', async () => {
  const numbers = await read(
    file('Invoice No,Customer,Amount,Due Date\nA1,Ann,5.00,44197\nA2,Ann,5.00,44198\nA3,Ann,5.00,44199\n'),
  )
  expect(reasons(numbers.rejected)).toEqual(Array(3).fill(expect.stringContaining('into a number')))
  const swapped = await read(
    file(
      'Invoice No,Customer,Amount,Due Date\nA1,Ann,5.00,2026-05-04\nA2,Ann,5.00,2026-02-11\nA3,Ann,5.00,25/04/2026\n',
    ),
  )
  expect(reasons(swapped.rejected)).toEqual(Array(2).fill(expect.stringContaining('swapped')))
})
test('an opening balance is owed as well', async () => {
  const { taken } = await read(file('Invoice No,Customer,Amount\nOpening Balance,Ann,50.00\nA1,Ann,6.00\n'))
  expect(taken.map(({ document_type, open_amount }) => [document_type, open_amount])).toEqual([
    ['journal', '5000'],
    ['invoice', '600'],
  ])
})

describe('a person decides before the file does:', () => {
  const path = () =>
    file(
      'Invoice No,Customer,Due Date,Amount,Total\nA1,Ann,13/01/2026,5.00,5.50\nA2,Ben,14/01/2026,6.00,6.60\n',
    )
  test('the mapping as given, and nothing beside it', async () => {
    const wanted = { invoice_number: 'Invoice No', customer_name: 'Customer', amount: 'Amount' }
    const { mapping, unused } = await survey(path(), { wanted })
    expect([mapping, unused]).toEqual([wanted, ['Due Date', 'Total']])
  })
  test('the mapping of the last file, as far as its columns are there', async () => {
    const before = { invoice_number: 'Invoice No', customer_name: 'Customer', amount: 'Amount' }
    expect((await survey(path(), { remembered: [{ id: 1, mapping: before, answers: {} }] })).mapping).toEqual(
      before,
    )
    const other = { ...before, region: 'Gone' }
    expect((await survey(path(), { remembered: [{ id: 1, mapping: other, answers: {} }] })).mapping).toEqual({
      ...before,
      due_date: 'Due Date',
    })
  })
  test('corrected cells count for what is concluded and for what is read', async () => {
    const wrong = file(
      'Invoice No,Customer,Due Date,Amount\nA1,Ann,13.01.2026,5.00\nA2,Ann,2026-13-45,6.00\nA3,Anne,14.01.2026,7.00\n',
    )
    const corrections = [
      { column: 'Due Date', from: '2026-13-45', to: '31.01.2026', row: 3 },
      { column: 'Customer', from: 'Anne', to: 'Ann' },
      { column: 'Due Date', from: '13.01.2026', to: '01.01.2026', row: 4 },
    ]
    const { taken } = await read(wrong, { corrections })
    expect(taken.map(({ customer_name, due_date }) => [customer_name, due_date])).toEqual([
      ['Ann', '2026-01-13'],
      ['Ann', '2026-01-31'],
      ['Ann', '2026-01-14'],
    ])
  })
})

describe('whatever the file,', () => {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = fc
    .date({ min: new Date('2020-01-01'), max: new Date('2029-12-31'), noInvalidDate: true })
    .map((date) => ({
      d: date.getUTCDate(),
      m: date.getUTCMonth() + 1,
      y: date.getUTCFullYear(),
    }))
  const iso = ({ d, m, y }: { d: number; m: number; y: number }) => `${y}-${two(m)}-${two(d)}`
  test('days are read in the order in which they were written, or asked: never in another', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(day, { minLength: 1, maxLength: 30 }),
        fc.constantFrom('dmy', 'mdy'),
        fc.constantFrom('/', '-', '.'),
        async (days, order, sign) => {
          const written = days.map(({ d, m, y }) =>
            (order === 'dmy' ? [d, m, y] : [m, d, y]).map(two).join(sign),
          )
          const path = file(
            `Invoice No,Customer,Due Date,Amount\n${written.map((text, at) => `A${at}x,Ann,${text},1.50`).join('\n')}\n`,
          )
          const { questions } = await survey(path)
          const proven = days.some(({ d }) => d > 12)
          const same = days.every(({ d, m }) => d === m)
          expect(questions.map(({ id }) => id)).toEqual(proven || same ? [] : ['date_order'])
          if (questions.length === 0)
            expect((await read(path)).rows.map(({ due_date }) => due_date)).toEqual(days.map(iso))
        },
      ),
      { numRuns: 60 },
    )
  })
  test('amounts are read as they were written, or asked', async () => {
    const cents = fc.array(fc.integer({ min: 100, max: 9_999_999 }), { minLength: 1, maxLength: 20 })
    const write = (value: number, point: string, group: string, decimals: boolean) => {
      const whole = String(Math.trunc(value / 100)).replace(/\B(?=(\d{3})+$)/g, group)
      return decimals ? `${whole}${point}${two(value % 100)}` : whole
    }
    await fc.assert(
      fc.asyncProperty(cents, fc.constantFrom('.', ','), fc.boolean(), async (values, point, decimals) => {
        const group = point === '.' ? ',' : '.'
        const texts = values.map((value) => write(value, point, group, decimals))
        const path = file(
          `Invoice No;Customer;Amount\n${texts.map((text, at) => `A${at}x;Ann;${text}`).join('\n')}\n`,
        )
        const { questions } = await survey(path)
        // 1,234 is one thousand or one: unless another cell shows the style. 1,234,567 groups in both.
        const open = !decimals && values.some((value) => value >= 100_000)
        expect(questions.map(({ id }) => id)).toEqual(open ? ['decimal'] : [])
        if (!open)
          expect((await read(path)).rows.map(({ amount }) => amount)).toEqual(
            values.map((value) => String(decimals ? value : Math.trunc(value / 100) * 100)),
          )
      }),
      { numRuns: 60 },
    )
  })
})

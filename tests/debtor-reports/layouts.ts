import { type Paper, paper } from './paper.ts'
import { account, ages, type Column, draw, named, type Spec, type Tamper } from './table.ts'
import { AGES, type Age, debtors, prints, type True, total } from './truth.ts'

// Layouts of age analyses as programs print them. Each is drawn from debtors that are known.

export type Drawn = {
  pdf: Buffer
  rows: True[]
  /** A layout with no total of the whole report, or whose nature asks for a look. */
  agrees: boolean
  /** What is looked at beside accounts, names and figures. */
  contacts?: boolean
  password?: string
}
export type Layout = {
  name: string
  make: (random: () => number, tamper?: Tamper, count?: number) => Promise<Drawn>
}

const seven = ['Current', '30 Days', '60 Days', '90 Days', '120 Days', '150 Days', '180 Days', 'Balance']
const five: readonly Age[] = ['current', 'd30', 'd60', 'd90', 'd120']
const fiveOf = [...five, 'balance'] as (Age | 'balance')[]
const standard = [account(24), named(80), ...ages(300, 66, seven)]

const simple =
  (spec: (rows: True[]) => Omit<Spec, 'rows'>, wanted: Parameters<typeof debtors>[1] = {}) =>
  async (random: () => number, tamper?: Tamper, count?: number): Promise<Drawn> => {
    const rows = debtors(random, { contacts: false, ...wanted, ...(count ? { count } : {}) })
    return { pdf: await draw({ rows, tamper, ...spec(rows) }), rows, agrees: true }
  }

const withContacts =
  (layout: Layout['make']): Layout['make'] =>
  async (...args) => ({ ...(await layout(...args)), contacts: true })

const contactBelow = (sheet: Paper, row: True, y: number) => {
  if (!row.email && !row.phone) return 0
  sheet.put(`Tel : ${row.phone ?? ''}    E-Mail : ${row.email ?? ''}`, 90, y)
  return 11
}

/** Courier, 132 columns: the contract's DEB013. */
async function deb013(random: () => number, tamper?: Tamper, count = 50): Promise<Drawn> {
  const rows = debtors(random, { count })
  const sheet = paper({ landscape: false, font: 'Courier', size: 7, skip: tamper?.skip })
  const pad = (text: string, to: number, left = true) => (left ? text.padEnd(to) : text.padStart(to))
  const amounts = (row: { buckets: Record<Age, number>; balance: number }) =>
    [...AGES.map((age) => row.buckets[age]), row.balance]
      .map((minor) => {
        const text = prints.deb013(minor)
        return text.endsWith('-') ? `${pad(text.slice(0, -1), 11, false)}-` : `${pad(text, 11, false)} `
      })
      .join('')
  const labels = ['CURRENT', '30DAYS', '60-DAYS', '90-DAYS', '120-DAYS', '150-DAYS', '180-DAYS', 'BALANCE']
  let y = 0
  let at = 0
  const put = (text: string) => {
    sheet.put(text, 12, y, { size: 7 })
    y += 11
  }
  const head = () => {
    y = 30
    const own = [...labels]
    if (tamper?.swap?.page === sheet.page()) {
      const { a, b } = tamper.swap
      ;[own[a], own[b]] = [own[b]!, own[a]!]
    }
    put('='.repeat(132))
    put(`(DEB013) 11:39   ***   EXAMPLE PHARMACY   ***   16 NOV 2025   PAGE: ${sheet.page()}`)
    put('='.repeat(132))
    put("SELECT TYPE : ALL TYPES (Excl Type 'W')   DEBTORS AGE ANALYSIS   ALL ACCOUNTS")
    put(
      `ACC-NO <--------- N A M E -------->${own.map((label) => pad(label, 11, false)).join(' ')}`.slice(
        0,
        136,
      ),
    )
    put('-'.repeat(132))
  }
  head()
  for (const row of rows) {
    if (y > 720) {
      sheet.newPage()
      head()
    }
    const shown = tamper?.row?.at === at ? tamper.row.change(row) : row
    at++
    put(`${row.acc_no} ${pad(row.name.slice(0, 28), 28)}${amounts(shown)}`)
    put(`PAYMENT DETAIL: 20250118      999.99-   Terms : 02   Credit Limit :    5000.00`)
    if (row.email) put(`eMail:    ${row.email}`)
    put(`       TEL: ${row.phone ?? ''} PMT AMT: 999.99 CRLIM: 0 CRGRN: 0 COMMENT....:`)
  }
  const all = {
    buckets: Object.fromEntries(AGES.map((age) => [age, total(rows, age)])) as Record<Age, number>,
    balance: total(rows, 'balance'),
  }
  put('TOTALS >>>>>>>>')
  put(`${' '.repeat(35)}${amounts(all)}`)
  put(
    `${' '.repeat(35)}${AGES.map((age) => pad(`${((100 * all.buckets[age]) / all.balance).toFixed(2)}%`, 11, false)).join(' ')}`,
  )
  put(`${' '.repeat(35 + 7 * 12)}${pad(prints.deb013(all.balance), 11, false)}`)
  const cut = rows.map((row) => ({ ...row, name: row.name.slice(0, 28).trim() }))
  return { pdf: await sheet.end(), rows: cut, agrees: true, contacts: true }
}

/** Fixed widths that run into each other. */
async function abutting(random: () => number, tamper?: Tamper): Promise<Drawn> {
  const rows = debtors(random, { count: 30, contacts: false, negatives: 0 })
  for (const row of rows.slice(3, 5)) {
    row.buckets.d30 = 1_234_567_890
    row.buckets.d60 = 1_987_654_321
    row.balance = AGES.reduce((sum, age) => sum + row.buckets[age], 0)
  }
  const sheet = paper({ font: 'Courier', size: 8, skip: tamper?.skip })
  const cell = (minor: number) => prints.none(minor).padStart(11)
  const line = (label: string, values: number[], y: number) =>
    sheet.put(`${label.padEnd(34)}${values.map(cell).join('')}`, 20, y)
  let y = 40
  sheet.put('EXAMPLE PHARMACY DEBTORS AGE ANALYSIS 31/01/2025', 20, 20)
  sheet.put(
    `${'ACC NO  NAME'.padEnd(34)}${['CURRENT', '30 DAYS', '60 DAYS', '90 DAYS', '120 DAYS', '150 DAYS', '180 DAYS', 'BALANCE'].map((label) => label.padStart(11)).join('')}`,
    20,
    y,
  )
  for (const [at, row] of rows.entries()) {
    y += 12
    const shown = tamper?.row?.at === at ? tamper.row.change(row) : row
    line(
      `${row.acc_no}  ${row.name.slice(0, 25)}`,
      [...AGES.map((age) => shown.buckets[age]), shown.balance],
      y,
    )
  }
  line('        REPORT TOTAL', [...AGES.map((age) => total(rows, age)), total(rows, 'balance')], y + 14)
  return {
    pdf: await sheet.end(),
    rows: rows.map((row) => ({ ...row, name: row.name.slice(0, 25).trim() })),
    agrees: true,
  }
}

/** Two accounts beside each other. */
async function twoUp(random: () => number, tamper?: Tamper): Promise<Drawn> {
  const rows = debtors(random, { count: 60, contacts: false, ages: ['current', 'd30', 'd60'], large: false })
  const sheet = paper({ size: 7, skip: tamper?.skip })
  const half = (x: number): Column[] => [
    account(x, 'Acc'),
    named(x + 45),
    ...ages(x + 215, 58, ['Current', '30 Days', '60+ Days', 'Balance'], ['current', 'd30', 'd60', 'balance']),
  ]
  const put = (columns: Column[], row: True, y: number) => {
    for (const { age, text, x, align } of columns)
      sheet.put(age ? prints.plain(age === 'balance' ? row.balance : row.buckets[age]) : text!(row), x, y, {
        align,
      })
  }
  const head = () => {
    sheet.put('EXAMPLE PHARMACY AGED DEBTORS 31/01/2025', 24, 20)
    for (const column of [...half(20), ...half(430)])
      sheet.put([column.label].flat()[0]!, column.x, 40, { align: column.align })
  }
  head()
  const perHalf = 17
  for (const [at, row] of rows.entries()) {
    const place = at % (perHalf * 2)
    if (at > 0 && place === 0) {
      sheet.newPage()
      head()
    }
    const shown = tamper?.row?.at === at ? tamper.row.change(row) : row
    put(half(place < perHalf ? 20 : 430), shown, 56 + (place % perHalf) * 12)
  }
  const sum = {
    acc_no: '',
    name: 'GRAND TOTAL',
    buckets: Object.fromEntries(AGES.map((age) => [age, total(rows, age)])),
    balance: total(rows, 'balance'),
  }
  put(half(20), sum as True, 300)
  return { pdf: await sheet.end(), rows, agrees: true }
}

/** Documents of each account, and a total of it. */
async function documents(random: () => number, tamper?: Tamper): Promise<Drawn> {
  const rows = debtors(random, {
    count: 24,
    ages: five,
    account: (n) => `CUS${String(n + 10).padStart(3, '0')}`,
  })
  const sheet = paper({ landscape: false, skip: tamper?.skip })
  const columns = ages(300, 52, ['Current', '30 Days', '60 Days', '90 Days', '120+', 'Balance'], fiveOf)
  let y = 0
  const amounts = (label: string, value: (age: Age | 'balance') => number | null) => {
    sheet.put(label, 40, y)
    for (const { age, x } of columns) {
      const minor = value(age!)
      if (minor !== null) sheet.put(prints.plain(minor), x, y, { align: 'right' })
    }
    y += 11
  }
  const head = () => {
    sheet.put('Example Pharmacy', 40, 20)
    sheet.put('Detailed Aged Debtors as at 31 January 2025', 40, 32)
    sheet.put('Account', 40, 56)
    sheet.put('Name', 100, 56)
    for (const { label, x } of columns) sheet.put([label].flat()[0]!, x, 56, { align: 'right' })
    y = 74
  }
  head()
  for (const [at, row] of rows.entries()) {
    if (y > 720) {
      sheet.newPage()
      head()
    }
    const shown = tamper?.row?.at === at ? tamper.row.change(row) : row
    sheet.put(row.acc_no, 40, y)
    sheet.put(row.name, 100, y)
    if (row.phone) sheet.put(`Tel: ${row.phone}`, 280, y)
    y += 11
    for (const age of five) {
      const minor = row.buckets[age]
      if (minor === 0) continue
      sheet.put(`${10 + (at % 18)}/11/2024`, 50, y)
      sheet.put(`INV${10_000 + at * 7}`, 110, y)
      const { x } = columns.find((column) => column.age === age)!
      sheet.put(prints.plain(minor), x, y, { align: 'right' })
      sheet.put(prints.plain(minor), columns.at(-1)!.x, y, { align: 'right' })
      y += 11
    }
    amounts('Account total', (age) => (age === 'balance' ? shown.balance : shown.buckets[age]))
    y += 4
  }
  amounts('Grand Totals', (age) => total(rows, age))
  return { pdf: await sheet.end(), rows, agrees: true, contacts: false }
}

/** Customers with jobs, blanks for zero, no account numbers. */
async function branches(random: () => number, tamper?: Tamper): Promise<Drawn> {
  const all = debtors(random, { count: 30, contacts: false, ages: five, mixedCase: true, controls: false })
  const rows = all.map((row, at) => ({
    ...row,
    name: `${row.name} ${String.fromCharCode(65 + (at % 26))}${at > 25 ? 'x' : ''}`,
  }))
  const sheet = paper({ landscape: false, skip: tamper?.skip })
  const columns = ages(270, 58, ['Current', '1 - 30', '31 - 60', '61 - 90', '> 90', 'TOTAL'], fiveOf)
  let y = 60
  sheet.put('A/R Aging Summary', 250, 20)
  sheet.put('As of January 31, 2025', 250, 32)
  sheet.put('Customer', 40, 46)
  for (const { label, x } of columns) sheet.put([label].flat()[0]!, x, 46, { align: 'right' })
  const put = (name: string, indent: number, of: True[]) => {
    sheet.put(name, 40 + indent, y)
    for (const { age, x } of columns) sheet.put(prints.blank(total(of, age!)), x, y, { align: 'right' })
    y += 12
  }
  for (let at = 0; at < rows.length; ) {
    const group = at % 7 === 3 ? rows.slice(at, at + 3) : [rows[at]!]
    const shown = group.map((row, i) => (tamper?.row?.at === at + i ? tamper.row.change(row) : row))
    if (group.length > 1) {
      const parent = `Mediclinic Group ${at}`
      sheet.put(parent, 40, y)
      y += 12
      for (const [i, row] of group.entries()) {
        row.sub_of = parent
        put(row.name, 14, [shown[i]!])
      }
      put(`Total ${parent}`, 0, group)
    } else put(group[0]!.name, 0, [shown[0]!])
    at += group.length
  }
  put('TOTAL', 0, rows)
  return {
    pdf: await sheet.end(),
    rows: rows.map((row) => ({ ...row, acc_no: row.sub_of ? `${row.sub_of}: ${row.name}` : row.name })),
    agrees: true,
  }
}

const small = ages(330, 84, ['Current', '30', '60', '90', '120+', 'Total'], fiveOf)

export const layouts: Layout[] = [
  { name: 'L1 one string per line, 132 columns', make: deb013 },
  { name: 'L2 columns without rules', make: simple(() => ({ columns: standard })) },
  {
    name: 'L3 ruled grid with CR',
    make: simple(() => ({ columns: standard, ruled: true, print: prints.credit, paper: { size: 7 } })),
  },
  { name: 'L4 blank for zero', make: simple(() => ({ columns: standard, print: prints.blank })) },
  {
    name: 'L5 oldest first',
    make: simple(
      () => ({
        columns: [
          account(24, 'Account'),
          named(90),
          ...ages(
            330,
            84,
            ['120+ Days', '90 Days', '60 Days', '30 Days', 'Current', 'Total'],
            ['d120', 'd90', 'd60', 'd30', 'current', 'balance'],
          ),
        ],
      }),
      { ages: five },
    ),
  },
  {
    name: 'L5 balance first and other columns',
    make: simple(
      () => ({
        columns: [
          { label: 'Chn', x: 24, text: () => '01' },
          account(50, 'Acc-Num'),
          named(100),
          { label: 'Cr-Limit', x: 290, align: 'right', text: () => '5,000.00' },
          { label: 'Last Paid', x: 300, text: () => '2024-12-18' },
          { label: 'Tot-Balance', x: 420, align: 'right', age: 'balance' },
          ...ages(490, 68, ['Current', '30-Days', '60-Days', '90-Days', 'Over-90-Days'], five),
        ],
        grand: 'Grand Totals',
      }),
      { ages: five },
    ),
  },
  {
    name: 'L6 stacked header',
    make: simple(
      () => ({
        columns: [
          account(24, ['Account', 'No']),
          named(80, ['Debtor', 'Name']),
          ...ages(
            330,
            84,
            [
              ['', 'Current'],
              ['30', 'Days'],
              ['60', 'Days'],
              ['90', 'Days'],
              ['Over', '120 Days'],
              ['Balance', 'Due'],
            ],
            fiveOf,
          ),
        ],
      }),
      { ages: five },
    ),
  },
  { name: 'L7 header on the first page only', make: simple(() => ({ columns: standard, headers: 'first' })) },
  {
    name: 'L8 order reversed half-way',
    make: simple(
      () => ({
        columns: (page) => [
          account(24),
          named(80),
          ...(page < 2
            ? ages(330, 84, ['Current', '30 Days', '60 Days', '90 Days', '120+ Days', 'Total'], fiveOf)
            : ages(
                330,
                84,
                ['120+ Days', '90 Days', '60 Days', '30 Days', 'Current', 'Total'],
                ['d120', 'd90', 'd60', 'd30', 'current', 'balance'],
              )),
        ],
        grand: 'GRAND TOTAL',
      }),
      { ages: five, count: 80 },
    ),
  },
  {
    name: 'L9 name wrapped below',
    make: simple(() => ({ columns: standard, ...wrapped('below') })),
  },
  {
    name: 'L9 amounts centred between the lines of a name',
    make: simple(() => ({ columns: standard, ...wrapped('centred') })),
  },
  {
    name: 'L10 contacts beside',
    make: withContacts(
      simple(
        () => ({
          columns: [
            account(20),
            named(60),
            ...ages(235, 62, ['Current', '30 Days', '60 Days', '90 Days', '120 Days', 'Balance'], fiveOf),
            { label: 'Telephone', x: 555, text: ({ phone }) => phone ?? '' },
            { label: 'E-mail address', x: 610, text: ({ email }) => email ?? '' },
          ],
          paper: { size: 7 },
        }),
        { ages: five, contacts: true },
      ),
    ),
  },
  {
    name: 'L10 contacts below',
    make: withContacts(simple(() => ({ columns: standard, below: contactBelow }), { contacts: true })),
  },
  {
    name: 'L10 contacts inside the name',
    make: withContacts(
      simple(
        () => ({
          columns: [
            account(20),
            {
              label: 'Customer',
              x: 62,
              text: ({ name, phone, email }) =>
                [name, phone && `(Tel: ${phone})`, email].filter(Boolean).join(' '),
            },
            ...ages(430, 76, ['Current', '30 Days', '60 Days', '90 Days', '120+', 'Balance'], fiveOf),
          ],
          paper: { size: 7 },
        }),
        { ages: five, contacts: true },
      ),
    ),
  },
  {
    name: 'L11 rows of two tiers',
    make: simple((rows) => ({
      columns: [
        account(24),
        named(90),
        ...ages(
          380,
          80,
          [
            ['Current', '120 Days'],
            ['30 Days', '150 Days'],
            ['60 Days', '180 Days'],
            ['90 Days', 'Balance'],
          ],
          ['current', 'd30', 'd60', 'd90'],
        ),
      ],
      headHeight: 16,
      draw: (_sheet, _row, y, cell) => {
        for (const column of [
          account(24),
          named(90),
          ...ages(380, 80, ['', '', '', ''], ['current', 'd30', 'd60', 'd90']),
        ])
          cell(column, y)
        for (const column of ages(380, 80, ['', '', '', ''], ['d120', 'd150', 'd180', 'balance']))
          cell(column, y + 10)
        return 24
      },
      grand: 'TOTALS',
      afterGrand: (sheet, y) => {
        for (const { age, x } of ages(380, 80, ['', '', '', ''], ['d120', 'd150', 'd180', 'balance']))
          sheet.put(prints.plain(total(rows, age!)), x, y - 2, { align: 'right' })
      },
    })),
  },
  { name: 'L12 documents with totals of accounts', make: documents },
  {
    name: 'L13 totals of pages, carried and brought forward, percentages',
    make: simple(
      (rows) => ({
        columns: standard,
        pageTotal: 'Page Total',
        running: 'Total c/f',
        brought: 'Total b/f',
        grand: 'REPORT TOTAL',
        afterGrand: (sheet, y, columns) => {
          for (const { age, x } of columns)
            if (age)
              sheet.put(`${((100 * total(rows, age)) / total(rows, 'balance')).toFixed(2)} %`, x, y, {
                align: 'right',
              })
          sheet.put('Percentage of total', 80, y)
          sheet.put(`Number of accounts: ${rows.length}`, 80, y + 12)
        },
      }),
      { count: 90 },
    ),
  },
  {
    name: 'L13 totals without a label',
    make: simple(() => ({ columns: standard, grand: '' })),
  },
  {
    name: 'L13 totals first',
    make: simple(() => ({ columns: standard, totalsFirst: 'TOTALS', grand: null })),
  },
  { name: 'L14 customers with branches', make: branches },
  { name: 'L15 numbers that run into each other', make: abutting },
  { name: 'L16 two-up', make: twoUp },
  { name: 'L17 page turned', make: simple(() => ({ columns: standard, paper: { sideways: 'page' } })) },
  { name: 'L17 text turned', make: simple(() => ({ columns: standard, paper: { sideways: 'text' } })) },
  {
    name: 'L18 each letter on its own',
    make: simple(() => ({ columns: standard, paper: { perGlyph: true } }), { count: 25 }),
  },
  ...(['gap', 'nbsp', 'none', 'trailing', 'indian', 'comma'] as const).map((print) => ({
    name: `L19 thousands: ${print}`,
    make: simple(() => ({ columns: standard, print: prints[print] })),
  })),
  ...(['brackets', 'credit', 'tally', 'rand'] as const).map((print) => ({
    name: `L20 signs: ${print}`,
    make: simple(() => ({ columns: [account(24), named(80), ...small], print: prints[print] }), {
      ages: five,
    }),
  })),
  {
    name: 'L23 watermark, and amounts in the foot',
    make: simple((rows) => ({
      columns: standard,
      foot: (sheet) => {
        sheet.put(
          'Total debtors book R 1 234 567.00 printed by Admin 31/01/2025 17:42',
          24,
          sheet.height - 30,
        )
        sheet.doc.save()
        sheet.doc.rotate(-35, { origin: [400, 300] })
        sheet.put('COPY 9,999.99', 250, 280, { size: 60, color: '#eeeeee' })
        sheet.doc.restore()
        void rows
      },
    })),
  },
  {
    name: 'L24 notes that hold what looks like accounts',
    make: simple(() => ({
      columns: standard,
      below: (sheet, row, y) => {
        if (Number(row.acc_no) % 3 !== 0) return 0
        sheet.put('Note: see account 104233, promised 500.00 on 15/02/2025', 84, y)
        return 12
      },
    })),
  },
  {
    name: 'months instead of days',
    make: simple(
      () => ({
        columns: [
          account(24, 'Code'),
          named(90, 'Debtor'),
          ...ages(330, 84, ['Jan 2025', 'Dec 2024', 'Nov 2024', 'Oct 2024', 'Older', 'Outstanding'], fiveOf),
        ],
      }),
      { ages: five },
    ),
  },
  {
    name: 'sections of medical aids',
    make: async (random, tamper) => {
      const rows = debtors(random, { contacts: false, controls: false })
      for (const row of rows.slice(30)) row.is_medical_aid_control = true
      const spec: Spec = {
        rows,
        tamper,
        columns: standard,
        before: (sheet, at, y) => {
          if (at !== 0 && at !== 30) return 0
          sheet.put(at === 0 ? 'PRIVATE ACCOUNTS' : 'MEDICAL AID ACCOUNTS', 24, y + 8)
          return 26
        },
      }
      return { pdf: await draw(spec), rows, agrees: true }
    },
  },
  {
    name: 'Afrikaans, left-aligned amounts',
    make: simple(
      () => ({
        columns: [
          account(24, 'Rek no'),
          named(80, 'Naam'),
          ...ages(300, 84, ['Huidig', '30 dae', '60 dae', '90 dae', '120+ dae', 'Saldo'], fiveOf, 'left'),
        ],
        grand: 'Totaal',
      }),
      { ages: five },
    ),
  },
  {
    name: 'centred amounts',
    make: simple(
      () => ({
        columns: [
          account(24),
          named(80),
          ...ages(310, 84, ['Current', '30 Days', '60 Days', '90 Days', '120+', 'Balance'], fiveOf, 'center'),
        ],
      }),
      {
        ages: five,
      },
    ),
  },
]

/** Names too wide for their column. */
function wrapped(how: 'below' | 'centred'): Partial<Spec> {
  return {
    draw: (sheet, row, y, cell) => {
      const lines: string[] = []
      for (const word of row.name.split(' ')) {
        const last = lines.at(-1)
        if (last !== undefined && sheet.widthOf(`${last} ${word}`) < 62)
          lines[lines.length - 1] = `${last} ${word}`
        else lines.push(word)
      }
      const step = 9.5
      const middle = how === 'centred' ? ((lines.length - 1) * step) / 2 : 0
      for (const column of standard) if (column.label !== 'Name') cell(column, y + middle)
      for (const [at, text] of lines.entries()) sheet.put(text, 80, y + at * step)
      return (lines.length - 1) * step + 15
    },
  }
}

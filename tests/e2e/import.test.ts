import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { axe, browserOfFile, settled, visit } from './browser.ts'

const browser = browserOfFile()

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)

/** An export with headers of its own, twelve good rows and two that cannot be taken. */
function ledger(): string {
  const good = Array.from({ length: 12 }, (_, at) => {
    const due = day(-10 * at)
    return `E2E-${100 + at},C-E2E-${at % 3},"Customer ${at % 3}, Ltd",${day(-10 * at - 30)},${due},${1000 + at}.50,USD`
  })
  const bad = [
    `E2E-900,C-E2E-9,Nobody,${day(-30)},${day(0)},many,USD`,
    `,C-E2E-9,Nobody,${day(-30)},${day(0)},10.00,USD`,
  ]
  return ['Invoice No,Customer ID,Client Name,Date Issued,Due On,Balance,Currency', ...good, ...bad].join(
    '\r\n',
  )
}

test('an operations lead imports a file and sees the ageing', async () => {
  const page = await browser.person('operations')
  await visit(page, '/imports')
  await page.getByLabel(/Choose a CSV file/).setInputFiles({
    name: 'ledger-export.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(ledger()),
  })

  // The columns were recognised; each shows a value of the file.
  expect(await page.getByLabel('Invoice number').inputValue()).toBe('Invoice No')
  expect(await page.getByLabel('Open amount').inputValue()).toBe('Balance')
  await page.getByText('For example Customer 0, Ltd').waitFor()
  await page.getByLabel('Open amount').selectOption('')
  await page.getByText('Choose a column for: Amount or Open amount.').waitFor()
  expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true)
  await page.getByLabel('Open amount').selectOption('Balance')
  expect(await axe(page)).toEqual([])

  await page.getByRole('button', { name: 'Check first' }).click()
  await page.getByText('This is what an import would do. Nothing was written.').waitFor()
  const report = page.getByRole('region', { name: 'Rows', exact: true })
  const figure = (name: string) =>
    report
      .locator('dl > div', { has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
      .locator('dd')
  expect(await figure('New').innerText()).toBe('12')
  expect(await figure('Rejected').innerText()).toBe('2')
  expect(await figure('Rows in the file').innerText()).toBe('14')

  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.waitForURL(/\/imports\/\d+$/)
  await settled(page)
  expect(await axe(page)).toEqual([])
  expect(await figure('New').innerText()).toBe('12')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download as CSV' }).click()
  const rejects = await readFile(await (await download).path(), 'utf8')
  expect(rejects.trim().split('\r\n')).toHaveLength(3)
  expect(rejects).toContain('many')

  await page.getByRole('link', { name: 'See the ageing' }).click()
  await page.getByLabel('Currency').selectOption('USD')
  await page.getByText(/^Open amounts.*in USD\.$/).waitFor()
  await settled(page)
  // 12 * 1000.50 + (0 + 1 + ... + 11)
  const total = await page
    .getByRole('row', { name: /^Total/ })
    .last()
    .innerText()
  expect(total.replace(/[^\d.\t]/g, '')).toContain('12072.00')
  await page.getByRole('link', { name: 'Customer 1, Ltd', exact: true }).click()
  await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
  await settled(page)
  expect(await page.locator('main tbody tr').count()).toBe(4)
  expect(page.url()).toContain('customer_id=')
  await page.context().close()
})

test('a file that does not say which is the day and which the month asks, and takes the answer', async () => {
  const page = await browser.person('operations')
  await visit(page, '/imports')
  const rows = ['03/04/2026', '05/06/2026', '07/08/2026'].map(
    (date, at) => `E2Q-${at},C-E2Q,Asked Ltd,${date},${date},10.00,EUR`,
  )
  await page.getByLabel(/Choose a CSV file/).setInputFiles({
    name: 'ambiguous.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(
      ['Invoice No,Customer ID,Client Name,Invoice Date,Due Date,Balance,Currency', ...rows].join('\n'),
    ),
  })
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('The file does not say this by itself. Please decide:').waitFor()
  expect(await axe(page)).toEqual([])
  expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true)
  await page.getByRole('radio').first().check()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.waitForURL(/\/imports\/\d+$/)
  await settled(page)
  await page.getByText(/ambiguous\.csv, as of .*In the books\./).waitFor()
  await page.context().close()
})

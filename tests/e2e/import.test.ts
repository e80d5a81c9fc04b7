import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { axe, browserOfFile, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'

const browser = browserOfFile()

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
const csv = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })

/** A monthly export in a currency of its own, with an amount column that no header explains. */
function ledger(from: number, to: number, amount: (at: number) => string): string {
  const rows = Array.from({ length: to - from }, (_, index) => {
    const at = from + index
    return `E2E-${100 + at},C-E2E-${at % 3},"Customer ${at % 3}, Ltd",${day(-10 * at - 70)},${day(-10 * at - 40)},${amount(at)},CHF,Ravi`
  })
  return ['Invoice No,Customer ID,Client Name,Date Issued,Due On,Still to come,Currency,Whose', ...rows].join(
    '\r\n',
  )
}

const step = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 2 }).waitFor()
const choose = (page: Page, ...files: ReturnType<typeof csv>[]) =>
  page.getByLabel(/^Choose files/).setInputFiles(files)

/** The grand total of the ageing in Swiss francs, of which only this story knows. */
async function totalInFrancs(page: Page): Promise<string> {
  await visit(page, '/receivables/ageing?currency=CHF')
  await page.getByText(/^Open amounts.*in CHF\.$/).waitFor()
  await settled(page)
  const total = await page
    .getByRole('row', { name: /^Total/ })
    .last()
    .innerText()
  return total.replaceAll(/[^\d.\t]/g, '')
}

test('an operations lead imports the monthly export and undoes it', { timeout: 180_000 }, async () => {
  const page = await browser.person('operations')
  await visit(page, '/imports')
  await page.getByLabel(/^As of which day/).fill(day(-31))
  await choose(
    page,
    csv(
      'ledger-1.csv',
      ledger(0, 15, (at) => (at % 5 === 3 ? 'many' : `${1000 + at}.50`)),
    ),
  )

  // Nothing says which column is the amount: it is asked, with what stands in the columns.
  await page.waitForURL(/\/imports\/\d+$/)
  await step(page, 'Which column feeds which field')
  expect(await axe(page)).toEqual([])
  await page.getByRole('radio', { name: /^Still to come: 1000\.50/ }).check()
  await page.getByRole('button', { name: 'Read with these columns' }).first().click()
  await page.getByRole('button', { name: 'Fix the rejected rows' }).first().waitFor()
  expect(await page.getByLabel('Column of Invoice number').inputValue()).toBe('Invoice No')

  // What it is taken for, and why.
  await page.getByRole('button', { name: 'What it is' }).click()
  await step(page, 'What we think it is')
  await page.getByRole('button', { name: 'Why: Decimals' }).click()
  await page.getByText('Row 2: 1000.50').waitFor()
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Escape')

  // Three bad cells that read the same: one is written over by keyboard, the others follow.
  await page.getByRole('button', { name: /^Check and fix \(3 rows\)/ }).click()
  await step(page, 'Rows that cannot be taken')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download rejected rows' }).click()
  await page.getByRole('menuitem', { name: 'As CSV' }).click()
  const rejected = await readFile(await (await download).path(), 'utf8')
  expect(rejected.trim().split('\r\n')).toHaveLength(4)
  expect(rejected).toContain('many')
  await page.getByRole('gridcell', { name: /^many/ }).first().focus()
  await page.keyboard.press('Enter')
  await page.keyboard.type('2000.00')
  await page.keyboard.press('Tab')
  await page.getByText('1 correction', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Apply to all 3 that read “many”' }).click()
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Check again' }).click()
  await page.getByRole('heading', { name: 'Every row can be taken' }).waitFor()
  await page.getByRole('button', { name: 'See the difference' }).click()

  await step(page, 'What publishing would change')
  await page.getByRole('tab', { name: 'New (15)' }).waitFor()
  await settled(page)
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Publish 15 rows' }).click()
  await step(page, '15 rows are in the books')
  await settled(page)
  expect(await axe(page)).toEqual([])
  // 12 amounts of 1000.50 and their number in the file, and 3 times 2000.
  const first = await totalInFrancs(page)
  expect(first).toContain('18087.00')

  // The next month: one invoice is gone, one is new, one has been paid in part.
  await visit(page, '/imports')
  await page.evaluate(() => {
    const count = { clicks: 0 }
    Object.assign(window, { count })
    document.addEventListener('click', () => count.clicks++, true)
  })
  const clicks = () => page.evaluate(() => (window as unknown as { count: { clicks: number } }).count.clicks)
  await choose(
    page,
    csv(
      'ledger-2.csv',
      ledger(1, 16, (at) => (at === 1 ? '1.50' : at % 5 === 3 ? '2000.00' : `${1000 + at}.50`)),
    ),
  )
  await page.getByRole('button', { name: 'Publish 15 rows' }).click()
  await step(page, '15 rows are in the books')
  // Choosing the file opens with a click that the test does not make.
  expect(1 + (await clicks())).toBeLessThanOrEqual(3)
  await settled(page)
  const report = page.url()
  await page.getByRole('tab', { name: 'Changed (1)' }).click()
  await page.getByText('CHF 1,001.50').first().waitFor()
  const second = await totalInFrancs(page)
  // Without the first invoice, 1000 of the second paid, and a new one.
  expect(second).toContain('17102.00')

  // Of the one that is gone somebody knows that it is still open.
  await visit(page, report)
  await page.getByRole('link', { name: 'Paid or withdrawn? 1 missing invoice' }).click()
  await page.getByRole('checkbox', { name: 'E2E-100' }).check()
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Still open' }).click()
  await page.getByRole('heading', { name: 'Nothing to decide' }).waitFor()
  expect(await totalInFrancs(page)).toContain('18102.50')

  // Undoing says what was worked on, and gives the books back as they were.
  await visit(page, report)
  await page.getByRole('button', { name: 'Undo the import' }).click()
  const dialog = page.getByRole('dialog', { name: 'Undo this import?' })
  await dialog.getByText('E2E-100').waitFor()
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Undo the import' }).click()
  await step(page, 'This import was undone')
  expect(await totalInFrancs(page)).toBe(first)
  await page.context().close()
})

test('a file that does not say which is the day and which the month asks, and takes the answer', async () => {
  const page = await browser.person('operations', { viewport: phone })
  await visit(page, '/imports')
  const rows = ['03/04/2026', '05/06/2026', '07/08/2026'].map(
    (date, at) => `E2Q-${at}\tC-E2Q\tAsked Ltd\t${date}\t${date}\t10.00\tEUR`,
  )
  const table = [
    'Invoice No\tCustomer ID\tClient Name\tInvoice Date\tDue Date\tBalance\tCurrency',
    ...rows,
  ].join('\n')
  // Copied from a spreadsheet.
  await page.getByRole('button', { name: 'Paste a table' }).click()
  await page.getByLabel('Cells from a spreadsheet').fill(table)
  await page.getByRole('button', { name: 'Read this table' }).click()
  await page.getByRole('heading', { name: 'Please decide' }).waitFor()
  expect(await axe(page)).toEqual([])
  await expectNoSidewaysScroll(page)
  expect(await page.getByRole('button', { name: 'Answer and read on' }).isDisabled()).toBe(true)
  await page.getByRole('radio', { name: /day/i }).first().check()
  await page.getByRole('button', { name: 'Answer and read on' }).click()
  await page.getByRole('button', { name: 'Go on to the columns' }).first().waitFor()
  await page.getByRole('button', { name: 'Difference' }).click()
  await page.getByRole('tab', { name: 'New (3)' }).waitFor()
  await expectNoSidewaysScroll(page)

  // Given up: nothing of it is in the books.
  await page.getByRole('button', { name: 'Discard this import' }).click()
  await page
    .getByRole('dialog', { name: 'Discard this import?' })
    .getByRole('button', { name: 'Discard this import' })
    .click()
  await step(page, 'This import was cancelled')
  await settled(page)
  expect(await axe(page)).toEqual([])
  await page.context().close()
})

test('several files at once are several imports, and what is no table is refused with its reason', async () => {
  const page = await browser.person('operations')
  await visit(page, '/imports')
  const file = (at: number) =>
    csv(
      `outlet-${at}.csv`,
      `Invoice No,Customer ID,Client Name,Invoice Date,Balance,Currency\nE2M-${at},C-E2M,Many Ltd,2026-01-31,10.00,EUR`,
    )
  await choose(page, file(1), file(2), csv('picture.png', 'no table'))
  const sent = page.getByRole('list', { name: 'Files that are being sent' })
  await sent.getByRole('link', { name: 'outlet-1.csv' }).waitFor()
  await sent.getByRole('link', { name: 'outlet-2.csv' }).waitFor()
  await sent.getByRole('alert').getByText(/\.png/).waitFor()
  expect(await axe(page)).toEqual([])
  const second = await sent.getByRole('link', { name: 'outlet-2.csv' }).getAttribute('href')
  await sent.getByRole('link', { name: 'outlet-1.csv' }).click()
  await page.getByText(/outlet-1\.csv, as of .*Ready to publish\./).waitFor()
  await page.getByRole('button', { name: 'Difference' }).click()
  await page.getByRole('button', { name: 'Publish 1 row' }).waitFor()

  // A colleague is faster with the other file: what was looked at is no longer what would happen.
  const colleague = await page.context().newPage()
  await visit(colleague, `${second}?step=difference`)
  await colleague.getByRole('button', { name: 'Publish 1 row' }).click()
  await step(colleague, '1 row is in the books')
  await page.getByRole('button', { name: 'Publish 1 row' }).click()
  await page
    .getByRole('alert')
    .getByText(/^Nothing was published/)
    .waitFor()
  await settled(page)
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Publish 1 row' }).click()
  await step(page, '1 row is in the books')
  await page.context().close()
})

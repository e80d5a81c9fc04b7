import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { axe, browserOfFile, complaintsOf, expectNoSidewaysScroll, settled, visit } from './browser.ts'

const browser = browserOfFile()
const soon = { timeout: 10_000 }

test('a director reads the ageing and drills down to one invoice', { timeout: 120_000 }, async () => {
  const page = await browser.person('director')
  const complaints = complaintsOf(page)
  await visit(page, '/receivables/ageing?group_by=region')

  // One cell of the table, by its name, and what it says.
  const cell = page
    .locator('tbody')
    .getByRole('link', { name: /, 1 to 30 days: / })
    .first()
  const amount = (await cell.innerText()).trim()
  const [region] = (await cell.getAttribute('aria-label'))!.split(',')
  await cell.click()
  await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
  await settled(page)

  // The list says what it is narrowed to, and its total is the cell's amount.
  await page.getByRole('button', { name: `Remove filter Region: ${region}` }).waitFor()
  await expect
    .poll(() => page.getByRole('button', { name: /1 to 30 days/ }).getAttribute('aria-pressed'), soon)
    .toBe('true')
  const rows = page.locator('main tbody tr[data-index]')
  expect(
    (await page.locator('main tfoot tr').last().locator('td').last().innerText()).split('\n').at(-1),
  ).toBe(amount)
  const few = await rows.count()
  expect(await page.locator('main tfoot').innerText()).toContain(`${few} invoice`)

  // A filter less shows more; back is as before.
  await page.getByRole('button', { name: `Remove filter Region: ${region}` }).click()
  await settled(page)
  await expect.poll(() => rows.count(), soon).toBeGreaterThan(few)
  await page.goBack()
  await settled(page)
  await expect.poll(() => rows.count(), soon).toBe(few)

  // The view leaves as a file with exactly these rows.
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'CSV file' }).click()
  const file = await download
  expect(file.suggestedFilename()).toMatch(/^invoices-\d{4}-\d\d-\d\d\.csv$/)
  expect(
    readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n'),
  ).toHaveLength(few + 1)

  // J goes to the first row, X picks it, Shift+X all from there; A asks to whom, and says what would change.
  await page.getByRole('heading', { level: 1 }).focus()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.getByText('1 invoice picked').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Shift+X')
  await page.getByText('2 invoices picked').waitFor()
  await page.keyboard.press('a')
  const dialog = page.getByRole('dialog', { name: 'Assign invoices' })
  await dialog.getByLabel('Assigned to').selectOption({ index: 2 })
  await dialog
    .getByText(/change hands|changes hands/)
    .first()
    .waitFor()
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'hidden' })

  // Enter opens the invoice: what is open is what the ledger ends with.
  await page.keyboard.press('k')
  await page.keyboard.press('k')
  const first = page.locator('main tbody [data-row-link]').first()
  const number = (await first.innerText()).trim()
  await first.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: number, level: 1 }).waitFor()
  await settled(page)
  const open = await page
    .locator('dt', { hasText: /^Open$/ })
    .first()
    .locator('xpath=following-sibling::dd[1]')
    .innerText()
  expect(
    await page
      .getByRole('table', { name: 'Ledger' })
      .locator('tbody tr')
      .last()
      .locator('td')
      .last()
      .innerText(),
  ).toContain(open)

  // A comment by keyboard, in the list and in the timeline.
  await page.getByLabel('Write a comment').fill('Called them: paid on Friday.')
  await page.keyboard.press('Control+Enter')
  await page.getByText('Called them: paid on Friday.').first().waitFor()
  await expect
    .poll(() => page.getByRole('region', { name: 'Timeline' }).innerText(), soon)
    .toContain('Commented')

  // A gives it to somebody, and the message takes it back.
  await page.getByRole('heading', { level: 1 }).focus()
  await page.keyboard.press('a')
  const one = page.getByRole('dialog', { name: `Assign ${number}` })
  const someone = await one
    .getByLabel('Assigned to')
    .locator('option:not(:checked)')
    .last()
    .getAttribute('value')
  await one.getByLabel('Assigned to').selectOption(someone!)
  await one.getByRole('button', { name: 'Assign' }).click()
  await expect
    .poll(() => page.getByRole('region', { name: 'Timeline' }).innerText(), soon)
    .toContain('Assigned to')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect
    .poll(
      async () =>
        (await page.getByRole('region', { name: 'Timeline' }).innerText()).match(/Assigned to/g)?.length,
      soon,
    )
    .toBe(2)

  // From there to the customer, who owes at least this.
  await page.locator('main').getByRole('link', { name: 'Whole account' }).click()
  await page.getByRole('heading', { name: 'What is owed' }).waitFor()
  await settled(page)
  await page.getByRole('img', { name: /^Open amount at the end of each month/ }).waitFor()
  expect(await page.getByRole('table', { name: 'Open invoices' }).innerText()).toContain(number)
  expect(await axe(page)).toEqual([])
  await expectNoSidewaysScroll(page)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a long list is there as one scrolls, and keeps its totals in view', { timeout: 60_000 }, async () => {
  const page = await browser.person('director')
  await visit(page, '/receivables/invoices?status=all')
  const total = await page.evaluate(async () => {
    const answer = await fetch('/api/receivables/invoices?page_size=1&sort=days_overdue')
    return (await answer.json()).total as number
  })
  expect(total).toBeGreaterThan(300)
  expect(await page.locator('main tbody tr[data-index]').count()).toBeLessThan(60)
  for (let at = 0; at < 40; at++) {
    await page.mouse.wheel(0, 3_000)
    await page.waitForTimeout(30)
  }
  await settled(page)
  const last = page.locator(`main tbody tr[data-index="${total - 1}"]`)
  await last.waitFor()
  expect(await last.innerText()).not.toBe('')
  const [row, foot] = [await last.boundingBox(), await page.locator('main tfoot').boundingBox()]
  expect(row!.y + row!.height).toBeLessThanOrEqual(foot!.y + 1)
  expect(foot!.y).toBeLessThan(900)
  await page.context().close()
})

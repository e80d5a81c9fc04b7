import { expect, test } from 'vitest'
import {
  axe,
  browserOfFile,
  complaintsOf,
  expectNoSidewaysScroll,
  phone,
  settled,
  visit,
  wide,
} from './browser.ts'

// Many at once, with a look before and a way back; and what administrators and collectors set for one.

const browser = browserOfFile()

test('operations disputes and gives away many at once, and takes both back', {
  timeout: 240_000,
}, async () => {
  const page = await browser.person('operations')
  const complaints = complaintsOf(page)
  await visit(page, '/receivables/invoices?disputed=false&sort=-open_amount')
  const boxes = page.locator('main tbody input[type=checkbox]')
  for (const at of [0, 1, 2]) await boxes.nth(at).check()
  await page.getByText('3 invoices picked').waitFor()
  await page
    .getByRole('region', { name: /picked invoices/ })
    .getByRole('button', { name: 'Dispute' })
    .click()
  const many = page.getByRole('dialog', { name: 'Dispute invoices' })
  await many.getByText(/3 disputes would be opened/).waitFor()
  expect(await axe(page)).toEqual([])
  const opened = page.waitForResponse((response) => response.url().includes('/disputes/bulk'))
  await many.getByRole('button', { name: 'Open 3 disputes' }).click()
  const { dispute_ids } = (await (await opened).json()) as { dispute_ids: number[] }
  expect(dispute_ids).toHaveLength(3)
  const alert = (words: string | RegExp) => page.getByRole('alert').filter({ hasText: words })
  await alert('3 disputes opened').getByRole('button', { name: 'Undo' }).click()
  await alert('3 disputes taken back').waitFor()
  const first = await page.evaluate(
    async (id) => (await fetch(`/api/receivables/disputes/${id}`)).json(),
    dispute_ids[0],
  )
  expect(first.state).toBe('withdrawn')

  await visit(page, '/receivables/customers')
  for (const at of [0, 1]) await boxes.nth(at).check()
  await page.getByText('2 customers picked').waitFor()
  await page.keyboard.press('a')
  const give = page.getByRole('dialog', { name: 'Assign customers' })
  const collector = await give.locator('option', { hasText: 'Collector' }).first().getAttribute('value')
  await give.getByLabel('Assigned to').selectOption(collector)
  await give.getByText(/with \d+ open invoices?/).waitFor()
  expect(await axe(page)).toEqual([])
  await give.getByRole('button', { name: 'Assign 2 customers' }).click()
  await alert('2 customers assigned').getByRole('button', { name: 'Undo' }).click()
  await alert('Back where they were').waitFor()
  await page.setViewportSize(phone)
  await boxes.first().check()
  await expectNoSidewaysScroll(page)
  expect(complaints).toEqual([])
})

test('an administrator keeps the reasons of disputes; an invoice is kept out of reminders', {
  timeout: 240_000,
}, async () => {
  const page = await browser.person('admin')
  const complaints = complaintsOf(page)
  await visit(page, '/admin/dispute-reasons')
  await page.getByRole('button', { name: 'Add a reason' }).click()
  const form = page.getByRole('dialog', { name: 'Add a reason' })
  await form.getByLabel('Name').fill('Freight')
  await form.getByLabel('Below').selectOption({ label: 'Delivery issue' })
  await form.getByLabel('Business days to clear').fill('2')
  expect(await axe(page)).toEqual([])
  await form.getByRole('button', { name: 'Save' }).click()
  const row = page.getByRole('row').filter({ hasText: 'Freight' })
  await row.getByText('2 days').waitFor()
  await row.getByRole('button', { name: 'Retire Delivery issue / Freight' }).click()
  await row.getByText('Not in use').waitFor()
  await page
    .getByRole('alert')
    .filter({ hasText: 'not used for new disputes' })
    .getByRole('button', { name: 'Undo' })
    .click()
  await row.getByText('Not in use').waitFor({ state: 'hidden' })
  const names = () => page.locator('main tbody [data-row-link]').allInnerTexts()
  const before = await names()
  await page.getByRole('button', { name: `Move down: ${before[0]}`, exact: true }).click()
  await expect.poll(async () => (await names())[0]).not.toBe(before[0])
  await page.getByRole('button', { name: `Move up: ${before[0]}`, exact: true }).click()
  await expect.poll(async () => (await names())[0]).toBe(before[0])
  await page.setViewportSize(phone)
  await expectNoSidewaysScroll(page)
  await page.setViewportSize(wide)

  await visit(page, '/receivables/invoices?status=overdue')
  await page.locator('main tbody [data-row-link]').first().click()
  await settled(page)
  const reminders = page.getByRole('region', { name: 'Reminders' })
  await reminders.getByRole('button', { name: 'Block reminders about it' }).click()
  await reminders.getByLabel('No reminders until').fill('2199-12-31')
  await reminders.getByLabel('Why?').fill('Paid on Friday')
  await reminders.getByRole('button', { name: 'Block reminders', exact: true }).click()
  await reminders.getByText(/31 Dec 2199: Paid on Friday/).waitFor()
  expect(await axe(page)).toEqual([])
  await reminders.getByRole('button', { name: 'Lift' }).click()
  await reminders.getByText('Nothing keeps reminders').waitFor()
  expect(complaints).toEqual([])
})

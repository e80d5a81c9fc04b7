import { expect, test } from 'vitest'
import { axe, browserOfFile, complaintsOf, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'

const browser = browserOfFile()

test('operations makes a link, the customer promises and disputes on a phone, and the link is seen to be opened', {
  timeout: 120_000,
}, async () => {
  const ours = await browser.person('operations')
  await visit(ours, '/receivables/invoices?status=overdue&sort=-open_amount')
  await ours.locator('main tbody tr[data-index] td').nth(1).getByRole('link').last().click()
  await settled(ours)
  if (!ours.url().includes('/customers/')) {
    await ours.locator('main a[href*="/receivables/customers/"]').first().click()
    await ours.waitForURL(/customers\/\d+/)
  }
  await settled(ours)
  const account = ours.url()
  await ours.getByRole('button', { name: 'Make a link' }).click()
  await ours.getByLabel('Whom it is for').fill('Accounts, Mr Rao')
  await ours.getByRole('dialog').getByRole('button', { name: 'Make a link' }).click()
  const link = await ours.getByRole('dialog').getByLabel('Link').inputValue()
  expect(link).toMatch(/\/p\/\d+\.[\w-]{43}$/)

  const theirs = await browser.visitor({ viewport: phone, colorScheme: 'dark' })
  const complaints = complaintsOf(theirs)
  await visit(theirs, new URL(link).pathname)
  expect(await axe(theirs)).toEqual([])
  await expectNoSidewaysScroll(theirs)
  await theirs.getByRole('checkbox').first().check()
  await theirs.getByRole('button', { name: 'Promise to pay' }).click()
  await theirs
    .getByLabel('I will pay by')
    .fill(new Date(Date.now() + 6 * 86_400_000).toISOString().slice(0, 10))
  expect(await axe(theirs)).toEqual([])
  await theirs.getByRole('button', { name: 'Send promise' }).click()
  await theirs.getByText(/Thank you. You promised/).waitFor()
  await settled(theirs)
  await theirs
    .getByText(/Promised by/)
    .first()
    .waitFor()
  await theirs
    .getByRole('button', { name: /^Dispute invoice/ })
    .last()
    .click()
  await theirs.getByLabel('Please describe it').fill('Two boxes were empty')
  await theirs.getByRole('button', { name: 'Send dispute' }).click()
  await theirs.getByText(/We are looking at invoice/).waitFor()
  await settled(theirs)
  await theirs
    .getByText(/Disputed:/)
    .first()
    .waitFor()
  expect(await axe(theirs)).toEqual([])
  if (process.env.SHOTS) await theirs.screenshot({ path: `${process.env.SHOTS}/portal.png`, fullPage: true })
  expect(complaints).toEqual([])

  await visit(ours, account)
  await ours.getByText('Accounts, Mr Rao').waitFor()
  expect(await ours.locator('main').innerText()).toMatch(/opened/)
  expect(await axe(ours)).toEqual([])
  if (process.env.SHOTS) await ours.screenshot({ path: `${process.env.SHOTS}/customer.png`, fullPage: true })
})

test('a view of invoices is saved, shared, and opened from the menu; the palette finds a customer and an invoice', {
  timeout: 60_000,
}, async () => {
  const page = await browser.person('director')
  await visit(page, '/receivables/invoices?status=overdue')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save this view' }).click()
  await page.getByLabel('Name of the view').fill('Late ones')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Late ones' }).waitFor()
  await visit(page, '/receivables/invoices')
  await page.getByRole('button', { name: 'Views' }).click()
  expect(await axe(page)).toEqual([])
  await page.getByRole('menuitem', { name: 'Late ones' }).click()
  await page.waitForURL(/status=overdue/)
  await settled(page)
  const number = (await page.locator('main tbody tr[data-index] a').first().innerText()).trim()
  await page.keyboard.press('Control+k')
  await page.keyboard.type(number)
  await page
    .getByRole('option', { name: new RegExp(number.replaceAll('/', '\\/')) })
    .first()
    .waitFor()
  await page.keyboard.press('Escape')
  expect(page.url()).toContain('status=overdue')
})

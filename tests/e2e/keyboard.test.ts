import { expect, test } from 'vitest'
import { browserOfFile, settled, visit } from './browser.ts'

const browser = browserOfFile()
const soon = { timeout: 10_000 }

test('a day without a mouse', async () => {
  const page = await browser.person('admin')
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
  await visit(page, '/')

  // Past the rail with the first key.
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Skip to content')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')

  // The palette goes where it is told, and the heading has the focus afterwards.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('age')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Ageing', level: 1 }).waitFor()
  await settled(page)
  await expect.poll(focused, soon).toBe('Ageing')
  expect(await page.title()).toBe('Ageing · Duebook')

  // It finds people and invoices, and Escape returns to where one was.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('chitra')
  await page.getByRole('option', { name: /Chitra Nair/ }).waitFor()
  expect(
    await page.getByRole('combobox', { name: 'Go, find or do' }).getAttribute('aria-activedescendant'),
  ).toBeTruthy()
  await page.keyboard.press('Escape')
  expect(new URL(page.url()).pathname).toBe('/receivables/ageing')

  // G and a letter go, / searches, J and K move, Enter opens, Escape closes and gives the focus back.
  await page.keyboard.press('g')
  await page.keyboard.press('u')
  await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor()
  await settled(page)
  await page.keyboard.press('/')
  await page.keyboard.type('nair')
  await expect.poll(() => new URL(page.url()).search, soon).toBe('?search=nair')
  await expect.poll(() => page.locator('main tbody tr').count(), soon).toBe(1)
  await page.getByRole('searchbox').fill('')
  await expect.poll(() => page.locator('main tbody tr').count(), soon).toBeGreaterThan(5)
  await page.getByRole('heading', { level: 1 }).focus()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  const first = await page.locator('main [data-row-link]').first().innerText()
  expect(await focused()).toBe(first)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: first }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog', { name: first }).waitFor({ state: 'hidden' })
  await expect.poll(focused, soon).toBe(first)

  // The single keys can be switched off; Ctrl+K is none of them.
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await page.getByRole('switch', { name: 'Single-key shortcuts' }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.keyboard.press('g')
  await page.keyboard.press('h')
  await page.waitForTimeout(300)
  expect(new URL(page.url()).pathname).toBe('/admin/users')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Go, find or do' }).waitFor()
  await page.context().close()
})

test('signing in by keyboard alone, to the page that was asked for', async () => {
  const page = await browser.visitor()
  await page.goto('/receivables/invoices?status=overdue')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.getByLabel('E-mail or username').focus()
  await page.keyboard.type('director')
  await page.keyboard.press('Tab')
  await page.keyboard.type('wrong password')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Password', { exact: true }).fill('Duebook-demo-1')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/receivables/invoices?status=overdue')
  await settled(page)
  await page.context().close()
})

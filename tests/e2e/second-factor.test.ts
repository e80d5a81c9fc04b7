import { generate } from 'otplib'
import { expect, test } from 'vitest'
import { browserOfFile, demoPassword, visit } from './browser.ts'

const browser = browserOfFile()

test('a second factor is set up, asked for, and replaced by a recovery code', async () => {
  const page = await browser.person('accountant')
  await visit(page, '/profile')
  await page.getByRole('button', { name: 'Set up the second factor' }).click()
  const secret = await page.getByLabel('Secret').inputValue()
  await page.getByLabel('Code', { exact: true }).fill('000000')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText(/This code is not right/).waitFor()
  await page.getByLabel('Code', { exact: true }).fill(await generate({ secret }))
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText('The second factor is on.').waitFor()
  const codes = await page.getByRole('dialog').locator('ul li').allInnerTexts()
  expect(codes.length).toBeGreaterThanOrEqual(8)
  expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true)
  await page.getByLabel('I have kept these codes').check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Switch off the second factor' }).waitFor()
  await page.context().close()

  const again = await browser.visitor()
  await again.goto('/sign-in')
  await again.getByLabel('E-mail or username').fill('accountant')
  await again.getByLabel('Password', { exact: true }).fill(demoPassword)
  await again.getByRole('button', { name: 'Sign in', exact: true }).click()
  await again.getByRole('heading', { name: 'One more step' }).waitFor()
  expect(await again.evaluate(() => document.activeElement?.tagName)).toBe('INPUT')
  await again.keyboard.type(codes[0]!)
  await again.keyboard.press('Enter')
  await again.getByRole('heading', { name: 'Hello, Farrukh' }).waitFor()

  // As it was found, for whoever tests next.
  await visit(again, '/profile')
  await again.getByRole('button', { name: 'Switch off the second factor' }).click()
  const dialog = again.getByRole('dialog', { name: 'Switch off the second factor' })
  await dialog.getByLabel('Password', { exact: true }).fill(demoPassword)
  await dialog.getByLabel('Code', { exact: true }).fill(codes[1]!)
  await dialog.getByRole('button', { name: 'Switch off the second factor' }).click()
  await again.getByRole('button', { name: 'Set up the second factor' }).waitFor()
  await again.context().close()
})

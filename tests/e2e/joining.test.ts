import { expect, test } from 'vitest'
import { axe, browserOfFile, signIn, visit } from './browser.ts'

const browser = browserOfFile()

test('somebody registers, asks to join, is let in, forgets the password and gets a new one', async () => {
  const stamp = Date.now()
  const newcomer = await browser.visitor()
  await visit(newcomer, '/register')
  await newcomer.getByLabel('E-mail').fill(`ravi.${stamp}@example.com`)
  await newcomer.getByLabel('Username').fill(`ravi.${stamp}`)
  await newcomer.getByLabel('Full name (optional)').fill('Ravi Kumar')
  await newcomer.getByLabel('New password', { exact: true }).fill('Blue-harbour-clock-41')
  await newcomer.getByRole('button', { name: 'Create an account' }).click()
  await newcomer.getByRole('heading', { name: 'Welcome, Ravi Kumar' }).waitFor()
  expect(await axe(newcomer)).toEqual([])
  await newcomer.getByLabel('Organisation code').fill('demo')
  await newcomer.getByRole('button', { name: 'Ask to join' }).click()
  await newcomer.getByText(/Your request was sent/).waitFor()

  const admin = await browser.person('admin')
  await visit(admin, '/admin/users?tab=requests')
  await admin.getByRole('button', { name: 'Let Ravi Kumar in' }).click()
  const dialog = admin.getByRole('dialog', { name: 'Let Ravi Kumar in' })
  await dialog.getByRole('checkbox', { name: 'Collector' }).check()
  await dialog.getByRole('button', { name: 'Let in' }).click()
  await dialog.waitFor({ state: 'hidden' })

  // Signing in again opens the organisation.
  await newcomer.getByRole('button', { name: 'Sign out' }).click()
  await newcomer.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signIn(newcomer, `ravi.${stamp}`, 'Blue-harbour-clock-41')
  await newcomer.getByRole('heading', { name: 'Hello, Ravi' }).waitFor()

  await visit(admin, '/admin/users?search=ravi')
  await admin.getByRole('button', { name: 'Ravi Kumar' }).click()
  await admin.getByRole('button', { name: 'Password reset link' }).click()
  const link = await admin.getByLabel('Password reset link').inputValue()
  const visitor = await browser.visitor()
  await visit(visitor, new URL(link).pathname)
  await visitor.getByLabel('New password', { exact: true }).fill('green-harbour-clock-42')
  await visitor.getByRole('button', { name: 'Save the new password' }).click()
  await visitor.getByRole('link', { name: 'Sign in' }).click()
  await signIn(visitor, `ravi.${stamp}`, 'green-harbour-clock-42')

  // The old session ended; the page says so and offers the way back.
  await newcomer.getByRole('link', { name: 'Ageing', exact: true }).click()
  await newcomer.getByText(/Your session has ended/).waitFor()
  expect(new URL(newcomer.url()).searchParams.get('to')).toBe('/receivables/ageing')
  await Promise.all([newcomer, visitor, admin].map((page) => page.context().close()))
})

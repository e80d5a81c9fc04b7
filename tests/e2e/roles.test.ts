import { expect, test } from 'vitest'
import { axe, browserOfFile, settled, visit } from './browser.ts'

const browser = browserOfFile()

test('two people change the same role, and the second sees what differs', async () => {
  const first = await browser.person('admin')
  const second = await browser.person('admin')
  const box = (page: typeof first, permission: string) =>
    page.getByRole('checkbox', { name: `Biller: ${permission}` })
  const save = (page: typeof first) =>
    page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: 'Save' })
  await visit(first, '/admin/roles?family=tracker')
  await visit(second, '/admin/roles?family=tracker')
  // The second window hears nothing, as if its line were down.
  await second.route('**/api/admin/roles', (route) =>
    route.request().method() === 'GET' ? route.abort() : route.continue(),
  )

  await box(first, 'Assign invoices and customers').check()
  await first.getByText('1 role has unsaved changes').waitFor()
  await save(first).click()
  await first.getByText('Roles saved.').waitFor()

  await box(second, 'See director reports').check()
  await second.unroute('**/api/admin/roles')
  await save(second).click()
  const conflict = second.getByRole('dialog', { name: 'Somebody changed this meanwhile' })
  await conflict.getByRole('row', { name: 'Biller: Assign invoices and customers No Yes' }).waitFor()
  await conflict.getByRole('row', { name: 'Biller: See director reports Yes No' }).waitFor()
  expect(await axe(second)).toEqual([])
  await conflict.getByRole('button', { name: 'Save mine over it' }).click()
  await conflict.waitFor({ state: 'hidden' })
  await settled(second)
  expect(await box(second, 'See director reports').isChecked()).toBe(true)
  expect(await box(second, 'Assign invoices and customers').isChecked()).toBe(false)

  // The first window hears of it by itself.
  await expect.poll(() => box(first, 'See director reports').isChecked(), { timeout: 10_000 }).toBe(true)
  await box(first, 'See director reports').uncheck()
  await save(first).click()
  await first.getByRole('region', { name: 'Unsaved changes' }).waitFor({ state: 'hidden' })
  await Promise.all([first.context().close(), second.context().close()])
})

test('nobody gives what they lack', async () => {
  const page = await browser.person('operations')
  await visit(page, '/admin/roles')
  expect(await page.getByRole('button', { name: 'Add a role' }).count()).toBe(0)
  expect(await page.getByRole('checkbox', { name: 'Biller: Change roles' }).isDisabled()).toBe(true)
  await visit(page, '/admin/users?open=invite')
  const dialog = page.getByRole('dialog', { name: 'Invite a colleague' })
  expect(await dialog.getByRole('checkbox', { name: 'Tenant Admin' }).isDisabled()).toBe(true)
  await dialog
    .getByText(/You cannot give this role: it allows what you may not do yourself/)
    .first()
    .waitFor()
  expect(await dialog.getByRole('checkbox', { name: 'Collector' }).isEnabled()).toBe(true)
  await page.context().close()
})

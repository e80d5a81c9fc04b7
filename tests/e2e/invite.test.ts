import { expect, test } from 'vitest'
import { axe, browserOfFile, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'

const browser = browserOfFile()

test('an administrator invites a colleague, who signs in on a phone', async () => {
  const admin = await browser.person('admin')
  await visit(admin, '/admin/users')
  await admin.getByRole('button', { name: 'Invite a colleague' }).click()
  const dialog = admin.getByRole('dialog', { name: 'Invite a colleague' })
  const email = `leela.${Date.now()}@example.com`
  await dialog.getByLabel('E-mail').fill(email)
  await dialog.getByLabel('Full name (optional)').fill('Leela Menon')
  await dialog.getByRole('button', { name: 'Create the invitation' }).click()
  await expect.poll(() => dialog.getByText('Choose at least one role.').count(), { timeout: 10_000 }).toBe(1)
  await dialog.getByRole('checkbox', { name: 'Operations' }).check()
  await dialog.getByRole('button', { name: 'Create the invitation' }).click()
  const link = await dialog.getByLabel('Invitation link').inputValue()
  expect(link).toContain('/invite/')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await admin.getByRole('tab', { name: /^Invitations \(\d+\)/ }).click()
  await admin.getByText(email).waitFor()

  const colleague = await browser.visitor({ viewport: phone, hasTouch: true, isMobile: true })
  await visit(colleague, new URL(link).pathname)
  expect(await axe(colleague)).toEqual([])
  await colleague.getByRole('heading', { name: 'Join Meridian Equipment' }).waitFor()
  expect(await colleague.getByLabel('Full name').inputValue()).toBe('Leela Menon')
  await colleague.getByLabel('New password', { exact: true }).fill('short')
  await colleague.getByRole('button', { name: 'Join and sign in' }).tap()
  await colleague.getByText('Use at least 8 characters.').waitFor()
  await colleague.getByLabel('New password', { exact: true }).fill('quiet-ledger-lamp-7')
  await colleague.getByRole('button', { name: 'Join and sign in' }).tap()
  await colleague.getByRole('heading', { name: 'Hello, Leela' }).waitFor()
  await settled(colleague)
  await expectNoSidewaysScroll(colleague)
  expect(await axe(colleague)).toEqual([])

  await colleague.getByRole('button', { name: 'Open menu' }).tap()
  await colleague.getByRole('dialog').getByRole('link', { name: 'Ageing' }).tap()
  await colleague.getByRole('heading', { name: 'Ageing', level: 1 }).waitFor()
  expect(new URL(colleague.url()).pathname).toBe('/receivables/ageing')

  // The administrator's open page hears of it by itself.
  await admin.getByRole('tab', { name: 'People' }).click()
  await admin.getByRole('button', { name: 'Leela Menon' }).waitFor()
  await colleague.context().close()

  await admin.getByRole('button', { name: 'Leela Menon' }).click()
  const person = admin.getByRole('dialog', { name: 'Leela Menon' })
  await person.getByRole('button', { name: 'Switch off' }).click()
  await admin.getByText('Leela Menon is switched off and signed out.').waitFor()
  await admin.getByRole('button', { name: 'Undo' }).click()
  await expect
    .poll(
      async () =>
        admin
          .getByRole('row', { name: /Leela Menon/ })
          .getByText('Active')
          .count(),
      { timeout: 10_000 },
    )
    .toBe(1)
  await admin.context().close()
})

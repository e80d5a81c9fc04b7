import { expect, test } from 'vitest'
import { axe, browserOfFile, complaintsOf, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'

const browser = browserOfFile()
const soon = { timeout: 15_000 }

test('the clerk reminds debtors: who gets it and why not, the words, the cost; sends, and sees what became of it', {
  timeout: 180_000,
}, async () => {
  const page = await browser.person('pharmacy')
  const complaints = complaintsOf(page)
  await visit(page, '/debtors')
  await page.locator('main').getByRole('link', { name: 'Hillside Pharmacy' }).first().click()
  await page.waitForURL(/\/debtors\/\d+/)
  const outlet = /\/debtors\/(\d+)/.exec(page.url())![1]!

  // Everybody who owes for sixty days or more; by e-mail some have no address.
  await visit(page, `/debtors/remind?outlet=${outlet}&ageing_buckets=d60,d90,d120,d150,d180`)
  const send = page.getByRole('button', { name: /^Send \d+ e-mails?$/ })
  await send.waitFor()
  const count = Number(/\d+/.exec(await send.innerText())![0])
  expect(count).toBeGreaterThan(5)
  const noAddress = page.locator('summary', { hasText: 'No address for this channel' })
  await noAddress.click()
  await page.getByText('No email address').first().waitFor()
  // One asked not to be written to.
  await page.locator('summary', { hasText: 'Asked us to stop' }).waitFor()
  const mail = page.frameLocator('iframe')
  await mail.getByText('This is a friendly reminder').waitFor()
  const first = await page
    .getByRole('list', { name: 'Who gets a reminder' })
    .getByRole('button')
    .first()
    .innerText()
  await mail.getByText(first.split('\n')[0]!, { exact: false }).first().waitFor()
  expect(await axe(page)).toEqual([])

  // As a text: what is said, its parts, and what all of them cost.
  await page.getByText('SMS', { exact: true }).first().click()
  await page.getByRole('button', { name: /^Send \d+ SMS$/ }).waitFor()
  await settled(page)
  await page.getByText(/characters · 1 part/).waitFor()
  await page.getByText('Cost', { exact: true }).waitFor()
  expect(await axe(page)).toEqual([])

  // Own words for once; a word that nobody fills in is told at once.
  await page.getByText('E-mail', { exact: true }).first().click()
  await send.waitFor()
  await page.getByRole('button', { name: 'Change the words for this once' }).click()
  const words = page.getByLabel('Words of the E-mail')
  await words.fill('Dear {{nmae}}')
  await page
    .getByText(/Nothing fills in “nmae”/)
    .first()
    .waitFor()
  complaints.length = 0
  await words.fill('Dear {{name}}, please look at account {{acc_no}}: {{arrears_amount}} is late.')
  await mail.getByText('please look at account').waitFor()

  // To oneself first, then to everybody.
  await page.getByRole('button', { name: 'Send one to me' }).click()
  await page.getByText('One is on its way to').waitFor()
  await settled(page)
  await page.getByLabel('Name of the campaign').fill('The morning round')
  await page.keyboard.press('Control+Enter')
  await page.waitForURL(/\/communications\/campaigns\/\d+/)
  await page.getByRole('heading', { level: 1, name: 'The morning round' }).waitFor()
  await expect
    .poll(() => page.getByText('Done', { exact: true }).count(), { timeout: 60_000 })
    .toBeGreaterThan(0)
  await settled(page)
  await page.getByRole('button', { name: `Sent ${count}` }).waitFor()
  expect(await axe(page)).toEqual([])

  // The log has them, and the outbox shows what would have left.
  await visit(page, '/communications/messages?search=sms')
  await visit(page, '/communications/outbox')
  await page.frameLocator('iframe').getByText('please look at account').waitFor(soon)
  expect(await axe(page)).toEqual([])

  // Whoever was reminded just now is not reminded again.
  await visit(page, `/debtors/remind?outlet=${outlet}&ageing_buckets=d60,d90,d120,d150,d180`)
  await page.locator('summary', { hasText: 'Reminded already' }).waitFor()
  expect(complaints).toEqual([])
})

test('failures of a campaign are sent again, and nothing else; what is not known is said by a person', {
  timeout: 120_000,
}, async () => {
  const page = await browser.person('pharmacy')
  const complaints = complaintsOf(page)
  await visit(page, '/communications')
  await page.getByRole('link', { name: 'Reminders after the month end' }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Reminders after the month end' }).waitFor()
  await settled(page)
  await page.getByRole('button', { name: 'Failed 2' }).click()
  await page.getByText('The mail server did not answer.').first().waitFor()
  await expect.poll(() => page.locator('main [aria-label="Everybody in it"] tbody tr').count(), soon).toBe(2)
  expect(await axe(page)).toEqual([])

  await page.getByRole('button', { name: 'Not known 1' }).click()
  await expect.poll(() => page.locator('main [aria-label="Everybody in it"] tbody tr').count(), soon).toBe(1)
  await page.getByRole('button', { name: /^Open the message to/ }).click()
  await page.getByText('It is not sent again by itself').waitFor()
  await page.getByRole('button', { name: 'It was sent', exact: true }).click()
  await page.getByText('Noted').waitFor()
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Resend the 2 failures' }).click()
  await page.getByText(/failures? sent again/).waitFor()
  await page.getByRole('link', { name: 'Reminders after the month end' }).waitFor()
  await expect
    .poll(() => page.getByText('Done', { exact: true }).count(), { timeout: 60_000 })
    .toBeGreaterThan(0)
  expect(complaints).toEqual([])
})

test('the administrator sets a channel, the hours and the words', { timeout: 180_000 }, async () => {
  const page = await browser.person('admin')
  const complaints = complaintsOf(page)
  await visit(page, '/communications/channels')
  await page.getByLabel('Provider').first().selectOption({ label: 'SendGrid' })
  await page.getByLabel('API key').fill('SG.not-a-real-key')
  await page.getByRole('button', { name: 'Save' }).first().click()
  await page.getByText('Is set. Leave empty to keep it.').waitFor()
  await page.getByRole('button', { name: 'Make an address for reports' }).click()
  expect(await page.getByLabel('Address for the provider’s reports').inputValue()).toContain(
    '/api/webhooks/sendgrid/',
  )
  expect(await axe(page)).toEqual([])
  await visit(page, '/communications/channels')
  expect(await page.content()).not.toContain('not-a-real-key')
  await page.getByLabel('Provider').first().selectOption({ label: 'Outbox: keep them here, send nothing' })
  await page.getByRole('button', { name: 'Save' }).first().click()
  await page.getByText('Saved.').waitFor()

  await visit(page, '/communications/rules')
  await page.getByLabel('Saturday', { exact: true }).uncheck()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Own rules.').waitFor()
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Go back to the standard' }).click()
  await page.getByText('The hours that are usual in your country.').waitFor()

  await visit(page, '/communications/templates?kind=sms')
  await page.getByLabel('Words of the SMS').fill('{{name}}: {{arrears_amount}} – “late” Жд')
  await page.getByText(/70 characters a part/).waitFor()
  await page.getByLabel('Words of the SMS').fill('{{name}}: {{arrears_amount}} is late. Ref {{acc_no}}')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Own words').first().waitFor()
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Go back to the common words' }).click()
  await page.getByText('The words that come with Duebook.').waitFor()

  // Somebody calls and wants no more messages.
  await visit(page, '/communications/suppressions')
  await page.getByRole('button', { name: 'Add an address' }).first().click()
  await page.getByRole('textbox', { name: 'Address', exact: true }).fill('please.stop@demo.duebook.example')
  await page.getByRole('dialog').getByRole('button', { name: 'Add an address' }).click()
  await page.getByText('please.stop@demo.duebook.example', { exact: true }).first().waitFor()
  expect(complaints).toEqual([])
})

test('messages on a phone', { timeout: 90_000 }, async () => {
  const page = await browser.person('pharmacy', { viewport: phone, colorScheme: 'dark' })
  for (const path of ['/communications', '/communications/messages', '/communications/outbox']) {
    await visit(page, path)
    await expectNoSidewaysScroll(page)
    expect(await axe(page), path).toEqual([])
  }
})

import { expect, test } from 'vitest'
import { axe, browserOfFile, complaintsOf, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'

const browser = browserOfFile()

test('a part of an invoice is disputed with a file, cleared by the biller, and the collector is told', {
  timeout: 240_000,
}, async () => {
  // The collector disputes a part of the first invoice that is not in dispute yet.
  const collector = await browser.person('collector')
  const complaints = complaintsOf(collector)
  await visit(collector, '/receivables/invoices?disputed=false&sort=-open_amount')
  await collector.locator('main tbody [data-row-link]').first().click()
  await collector.getByRole('heading', { name: 'Is the invoice right?' }).waitFor()
  await settled(collector)
  const number = await collector.getByRole('heading', { level: 1 }).innerText()
  const address = new URL(collector.url()).pathname
  await collector.keyboard.press('d')
  const form = collector.getByRole('dialog', { name: `Dispute ${number}` })
  await form.getByLabel('Reason').selectOption({ label: 'PO mismatch' })
  await form.getByLabel('A line of it').check()
  await form.getByLabel('Disputed amount, INR').fill('1250.50')
  await form.getByRole('textbox', { name: /^Line/ }).fill('Line 3: transport')
  await form.getByLabel('What the customer says').fill('Not in the order.')
  expect(await axe(collector)).toEqual([])
  await form.getByRole('button', { name: 'Open a dispute' }).click()
  const drawer = collector.getByRole('dialog', { name: 'Dispute', exact: true })
  await drawer.getByText('Not in the order.').waitFor()
  await drawer.locator('input[type=file]').setInputFiles({
    name: 'order.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('%PDF-1.4\n% the order\n%%EOF\n'),
  })
  await drawer.getByRole('button', { name: 'Show order.pdf' }).waitFor()
  expect(await axe(collector)).toEqual([])
  await collector.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
  await collector.getByRole('button', { name: 'In dispute' }).waitFor()

  // The biller, whose invoice it is not, finds it by keyboard and takes it in review.
  const biller = await browser.person('biller')
  await visit(biller, `/receivables/disputes?search=${encodeURIComponent(number)}`)
  const row = biller.locator('main tbody tr', { hasText: number })
  await row.getByText('days left').waitFor()
  await row.locator('[data-row-link]').press('m')
  const move = biller.getByRole('dialog', { name: `Move the dispute on ${number}` })
  await move.getByRole('button', { name: 'To: In review' }).waitFor()
  await biller.keyboard.press('1')
  await row.getByText('In review').waitFor()

  // Opens it, looks at the file, and accepts.
  await row.locator('[data-row-link]').click()
  const shown = biller.getByRole('dialog', { name: 'Dispute', exact: true })
  const download = biller.waitForEvent('download')
  await shown.getByRole('link', { name: 'Save order.pdf' }).click()
  expect((await download).suggestedFilename()).toBe('order.pdf')
  await shown.getByRole('button', { name: 'Resolve' }).click()
  const resolve = biller.getByRole('dialog', { name: `Resolve the dispute on ${number}` })
  expect(await resolve.getByLabel('Amount that will be credited, INR').inputValue()).toBe('1250.5')
  await resolve.getByLabel('How it was settled').fill('Right: credit follows.')
  await resolve.getByRole('button', { name: 'Resolve' }).click()
  await shown.getByText('Accepted: a credit is expected').waitFor()
  await biller.setViewportSize(phone)
  await expectNoSidewaysScroll(biller)
  expect(await axe(biller)).toEqual([])

  // The collector sees it settled, with what was agreed.
  await visit(collector, address)
  await collector.getByRole('button', { name: 'PO mismatch' }).click()
  await drawer.getByText('Right: credit follows.').waitFor()
  const told = await collector.evaluate(async () => (await fetch('/api/profile/notifications')).json())
  expect(told.items.map(({ kind }: { kind: string }) => kind)).toContain('dispute_answered')
  expect(complaints).toEqual([])
})

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { axe, browserOfFile, complaintsOf, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'

const browser = browserOfFile()
const soon = { timeout: 10_000 }

type Invoice = {
  id: number
  invoice_number: string
  customer_id: number
  customer_name: string
  open_amount: number
}
const read = <T>(page: Page, path: string) =>
  page.evaluate(async (url) => (await fetch(url)).json(), `/api/receivables/${path}`) as Promise<T>

test('a collector pastes a remittance paid short, books it, and takes it back', {
  timeout: 120_000,
}, async () => {
  const page = await browser.person('collector')
  const complaints = complaintsOf(page)
  await visit(page, '/receivables/payments')
  const { items } = await read<{ items: Invoice[] }>(page, 'invoices?status=open&page_size=200&sort=due_date')
  const [a, b, c] = [...Map.groupBy(items, (each) => each.customer_id).values()].find((of) => of.length >= 3)!
  const open = async () =>
    Promise.all(
      [a, b, c].map(async (each) => (await read<Invoice>(page, `invoices/${each!.id}`)).open_amount),
    )
  const before = await open()

  await page.getByRole('link', { name: 'Paste a remittance' }).click()
  await page.getByRole('heading', { name: 'Remittances', level: 1 }).waitFor()
  const short = b!.open_amount - 100
  await page
    .getByLabel('E-mail, cells of a sheet, or a line of the bank statement')
    .fill(
      `Dear team, we paid today, UTR TEST26112401\n${a!.invoice_number}\t${a!.open_amount.toFixed(2)}\n` +
        `${b!.invoice_number}\t${short.toFixed(2)}\tless bank charges\n${c!.invoice_number}\t${c!.open_amount.toFixed(2)}\n`,
    )
  await page.keyboard.press('Control+Enter')
  const proposal = page.getByRole('region', { name: a!.customer_name })
  await proposal.waitFor()
  await settled(page)
  await proposal.getByText('by its invoice numbers').waitFor()
  await proposal.getByText(/paid short \(bank charges\)/).waitFor()
  expect(await proposal.getByLabel('Reference').inputValue()).toBe('TEST26112401')
  expect(Number(await proposal.getByLabel(`Amount settled of ${b!.invoice_number}`).inputValue())).toBe(short)
  expect(await axe(page)).toEqual([])

  // A line less: what it would have settled is unapplied. More than there is cannot be booked.
  await proposal.getByRole('checkbox', { name: `Settle ${c!.invoice_number}` }).uncheck()
  const unapplied = proposal.locator('dt', { hasText: 'Unapplied' }).locator('xpath=following-sibling::dd[1]')
  await expect
    .poll(async () => Number((await unapplied.innerText()).replace(/[^\d.]/g, '')), soon)
    .toBe(c!.open_amount)
  await proposal.getByRole('checkbox', { name: `Settle ${c!.invoice_number}` }).check()
  await proposal.getByLabel('Payment (INR)').fill('1')
  expect(await proposal.getByRole('button', { name: 'Book the payment' }).isDisabled()).toBe(true)
  await proposal.getByLabel('Payment (INR)').fill(String(a!.open_amount + short + c!.open_amount))

  await page.setViewportSize(phone)
  await expectNoSidewaysScroll(page)
  await proposal.getByRole('button', { name: 'Book the payment' }).click()
  await page.getByText(/^Payment of .* recorded\.$/).waitFor()
  await settled(page)
  expect(await open()).toEqual([0, 100, 0])

  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(open, soon).toEqual(before)
  const payments = await read<{ items: { reference: string; state: string; customer_id: number }[] }>(
    page,
    'payments?search=TEST26112401',
  )
  expect(payments.items.map(({ state }) => state)).toEqual(['reversed'])
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a write-off that a collector asks for is approved by somebody else', { timeout: 120_000 }, async () => {
  const page = await browser.person('collector')
  await visit(page, '/receivables/invoices')
  const { items } = await read<{ items: Invoice[] }>(
    page,
    'invoices?status=open&page_size=50&sort=amount&order=desc',
  )
  const invoice = items.at(-1)!
  await visit(page, `/receivables/invoices/${invoice.id}`)
  await page.getByRole('button', { name: 'Write off' }).click()
  const dialog = page.getByRole('dialog', { name: `Write off ${invoice.invoice_number}` })
  await dialog.getByLabel('Amount (INR)').fill('10')
  await dialog.getByLabel('In words').fill('Not worth a reminder')
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Write off' }).click()
  await page.getByText(`The write-off of ${invoice.invoice_number} waits for approval.`).waitFor()
  await page.context().close()

  const director = await browser.person('director')
  await visit(director, '/receivables/write-offs')
  await director.getByRole('button', { name: `Approve the write-off of ${invoice.invoice_number}` }).click()
  await director.getByText(`The write-off of ${invoice.invoice_number} is approved.`).waitFor()
  await settled(director)
  expect((await read<Invoice>(director, `invoices/${invoice.id}`)).open_amount).toBe(invoice.open_amount - 10)
  await director.context().close()
})

import type { Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { axe, browserOfFile, demoPassword, settled, visit } from './browser.ts'

const browser = browserOfFile()

/** What the API answers to a demo person who carries a token. */
async function api(username: string) {
  const base = inject('baseUrl')
  const signedIn = await fetch(`${base}/api/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username, password: demoPassword }),
  })
  const { access_token } = (await signedIn.json()) as { access_token: string }
  const authorization = `Bearer ${access_token}`
  return {
    async get(path: string) {
      return (await fetch(`${base}${path}`, { headers: { authorization } })).json()
    },
    async send(csv: string, name: string) {
      const form = new FormData()
      form.set('kind', 'changes')
      form.set('file', new Blob([csv]), name)
      const answer = await fetch(`${base}/api/import-ar-data`, {
        method: 'POST',
        headers: { authorization },
        body: form,
      })
      expect(answer.status, await answer.clone().text()).toBe(200)
    },
  }
}

const taken = (page: Page) => page.getByRole('dialog', { name: 'Take a promise to pay' })

test('a collector takes a promise by keyboard, and the next file keeps it', async () => {
  const page = await browser.person('collector')
  const { items } = await (await api('collector')).get(
    '/api/receivables/invoices?status=open&promise=none&page_size=1',
  )
  const [invoice] = items
  await visit(page, `/receivables/invoices/${invoice.id}`)
  await page.getByRole('button', { name: 'Take a promise' }).waitFor()
  await settled(page)
  await page.keyboard.press('p')
  const dialog = taken(page)
  await dialog.getByText(invoice.customer_name).waitFor()
  await expect
    .poll(() =>
      dialog.getByLabel('When will they pay?').evaluate((field) => field === document.activeElement),
    )
    .toBe(true)
  await page.keyboard.type('in 3 days')
  await dialog.getByText(/money until .* keeps it/).waitFor()
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Control+Enter')
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText(/^Promise taken: /).waitFor()
  const promises = page.getByRole('region', { name: 'Promises' })
  await promises.getByText('Open', { exact: true }).first().waitFor()

  const operations = await api('operations')
  const today = (await operations.get('/api/receivables/promises?page_size=1')).as_of
  await operations.send(
    `Invoice no,Customer,Customer code,Amount,Open amount,Currency,Status,Paid on\n${[
      invoice.invoice_number,
      invoice.customer_name,
      invoice.customer_code,
      invoice.amount,
      0,
      invoice.currency,
      'Paid',
      today,
    ].join(',')}\n`,
    'bank-news.csv',
  )
  await promises.getByText('Kept', { exact: true }).first().waitFor()
  await promises.getByRole('button').filter({ hasText: '·' }).first().click()
  await page
    .getByRole('dialog')
    .getByText(/bank-news\.csv/)
    .first()
    .waitFor()
  expect(await axe(page)).toEqual([])
  await page.context().close()
})

test('operations run the dry run, prepare the queue, approve one and hold another', async () => {
  const page = await browser.person('operations')
  await visit(page, '/receivables/dunning')
  const table = page.getByRole('table', { name: 'Dry run' })
  await table.waitFor()
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: /^blocked/ }).click()
  await table.getByText('Talks about a new site').waitFor()
  await page.getByRole('button', { name: /^blocked/ }).click()
  await page.getByRole('button', { name: /^Prepare \d+ reminder/ }).click()
  const queue = page.getByRole('table', { name: 'Reminders in the queue' })
  await queue.waitFor()
  expect(await axe(page)).toEqual([])
  await queue.getByRole('link').first().click()
  const preview = page.getByRole('dialog', { name: /^Reminder to / })
  await preview.getByText(/Dear |owes /).waitFor()
  expect(await axe(page)).toEqual([])
  await preview.getByRole('button', { name: 'Approve' }).click()
  await preview.getByText('Approved', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await preview.waitFor({ state: 'hidden' })
  await queue
    .getByRole('checkbox', { name: /^Reminder to / })
    .first()
    .check()
  await page.getByRole('button', { name: 'Hold', exact: true }).click()
  await page.getByLabel('Why is it held?').fill('Ask sales first')
  await page.keyboard.press('Enter')
  await page.getByText('1 reminder changed').waitFor()
  await page.getByRole('button', { name: /^Held/ }).click()
  await queue.getByText('Ask sales first').waitFor()
  await page.context().close()
})

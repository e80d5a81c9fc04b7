import { expect, test } from 'vitest'
import { axe, browserOfFile, settled, visit } from './browser.ts'

const browser = browserOfFile()

test('operations assigns by rule; the collector logs a call and calls a colleague by name', {
  timeout: 180_000,
}, async () => {
  const lead = await browser.person('operations')
  await visit(lead, '/receivables/team')

  // An invoice that nobody works, and the beginning of its customer's name.
  const free = await lead.evaluate(async () => {
    const answer = await fetch('/api/receivables/invoices?assigned_to=0&page_size=1&sort=amount&order=desc')
    const { items } = await answer.json()
    return { customer: items[0].customer_name as string, id: items[0].customer_id as number }
  })
  const letters = free.customer.slice(0, 12)
  await lead.getByRole('button', { name: 'Add a rule' }).click()
  const form = lead.getByRole('dialog', { name: 'Add a rule' })
  await form.getByLabel('Name').fill('The large one')
  await form.getByLabel('Customers from').fill(letters)
  await form.getByLabel('Customers up to').fill(letters)
  await form.getByRole('combobox', { name: 'Goes to' }).click()
  await form
    .getByRole('option', { name: /Collector$/ })
    .first()
    .click()
  await lead.keyboard.press('Escape')
  await form.getByRole('button', { name: 'Save' }).click()
  await lead.getByText('Rule The large one is saved.').waitFor()

  // Who would get what, before anything is given.
  await lead.getByRole('button', { name: 'Who would get what' }).click()
  const preview = lead.getByRole('dialog', { name: 'Who would get what' })
  await preview.getByText(/^The large one: /).waitFor()
  expect(await axe(lead)).toEqual([])
  await preview.getByRole('button', { name: /^Assign \d+/ }).click()
  await preview.waitFor({ state: 'hidden' })
  await settled(lead)

  // The collector finds it, without a mouse: C, what came of it, a follow-up, Ctrl+Enter.
  const collector = await browser.person('collector')
  await visit(collector, `/receivables/customers/${free.id}`)
  await collector.keyboard.press('c')
  const drawer = collector.getByRole('dialog', { name: `Contact with ${free.customer}` })
  await drawer.getByText('Spoke', { exact: true }).click()
  // Of whom the files name nobody; of others the first person is meant.
  await drawer.getByLabel('With').selectOption('')
  await drawer.getByLabel('Person', { exact: true }).fill('Mr Shah')
  await drawer.getByLabel('Note').fill('Pays on Friday.')
  await drawer.getByRole('button', { name: 'Tomorrow' }).click()
  expect(await axe(collector)).toEqual([])
  await collector.keyboard.press('Control+Enter')
  await drawer.waitFor({ state: 'hidden' })
  await collector.keyboard.press('5')
  await collector.getByText('Pays on Friday.').waitFor()
  await collector.keyboard.press('7')
  await collector.getByText('Follow up with Mr Shah').waitFor()

  // A colleague who is called by name hears of it at once.
  const bell = lead.getByRole('button', { name: /^Notifications, \d+ unread$/ })
  const before = Number(/\d+/.exec((await bell.getAttribute('aria-label')) ?? '0')?.[0] ?? 0)
  await collector.keyboard.press('n')
  const words = collector.getByLabel('Write a comment')
  await words.fill('Please look, @oper')
  await collector.getByRole('option', { name: /@operations$/ }).waitFor()
  await words.press('Enter')
  await words.press('Control+Enter')
  await collector.getByText('Comment added.').waitFor()
  await lead.getByRole('button', { name: `Notifications, ${before + 1} unread` }).waitFor({ timeout: 10_000 })
  await bell.click()
  await lead.getByRole('link', { name: /Please look, @operations/ }).click()
  await lead.getByRole('heading', { name: free.customer, level: 1 }).waitFor()
  expect(new URL(lead.url()).searchParams.get('tab')).toBe('timeline')
  await Promise.all([lead.context().close(), collector.context().close()])
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { axe, browserOfFile, complaintsOf, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'

const browser = browserOfFile()
const soon = { timeout: 10_000 }

test('a director looks at another day, asks what a figure is, drills down to invoices, and takes the pack along', {
  timeout: 180_000,
}, async () => {
  const page = await browser.person('director')
  const complaints = complaintsOf(page)
  await visit(page, '/insights')

  // Another day: every figure is of that day.
  const day = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10)
  await page.getByLabel('As of', { exact: true }).fill(day)
  await page.waitForURL((url) => url.searchParams.get('as_of') === day)
  await settled(page)

  // What DSO is, by keyboard; Escape puts it away.
  const question = page.getByRole('button', { name: 'How DSO is found' })
  await question.focus()
  await page.keyboard.press('Enter')
  await page.getByText(/Days sales outstanding: receivables ÷ billed/).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByText(/Days sales outstanding: receivables/).isVisible(), soon).toBe(false)

  // The chart is drawn, and a click on one of its bars leads to the invoices of that month and age.
  const chart = page.getByRole('img', { name: /Receivables by age at the end of each month/ })
  await expect.poll(() => chart.locator('svg path').count(), soon).toBeGreaterThan(20)
  expect(await axe(page)).toEqual([])
  await expectNoSidewaysScroll(page)
  await chart.scrollIntoViewIfNeeded()
  const isThere = (url: URL) => url.pathname === '/receivables/invoices'
  for (const share of [0.96, 0.94, 0.92, 0.9, 0.88]) {
    const box = (await chart.locator('svg').boundingBox())!
    await page.mouse.click(box.x + box.width * share, box.y + box.height * 0.86)
    await page.waitForURL(isThere, { timeout: 800 }).catch(() => {})
    if (isThere(new URL(page.url()))) break
  }
  await page.waitForURL(isThere, { timeout: 1_000 })
  const asked = new URL(page.url()).searchParams
  expect([asked.has('as_of'), asked.has('bucket')]).toEqual([true, true])
  await settled(page)
  await page.goBack()
  await settled(page)

  // The same by keyboard: the figures are a table of links, and the list adds up to the cell.
  await page.getByText('As a table').first().click()
  const cell = page.getByRole('link', { name: /, 1 to 30 days: / }).first()
  const amount = (await cell.innerText()).trim()
  await cell.press('Enter')
  await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
  await settled(page)
  expect(await page.locator('main tfoot').innerText()).toContain(amount)
  await page.goBack()
  await settled(page)

  const download = page.waitForEvent('download', { timeout: 60_000 })
  await page.getByRole('button', { name: 'As a PDF' }).click()
  const file = await download
  expect(file.suggestedFilename()).toBe(`receivables-${day}.pdf`)
  expect(
    readFileSync(await file.path())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-')
  expect(complaints).toEqual([])
})

test('why a figure changed, with the entries behind it, on a phone', { timeout: 120_000 }, async () => {
  const page = await browser.person('director', { viewport: phone })
  await visit(page, '/insights/why?figure=overdue')
  await page.getByRole('button', { name: /^Fell due \(/ }).click()
  await settled(page)
  await page
    .getByRole('link', { name: /MEQ\/26/ })
    .first()
    .waitFor()
  expect(await axe(page)).toEqual([])
  await expectNoSidewaysScroll(page)
})

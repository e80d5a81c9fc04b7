import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { sheet } from '../sheets.ts'
import { axe, browserOfFile, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'

const browser = browserOfFile()

const kpi = async (page: Page, name: string) =>
  (await page.getByRole('listitem').filter({ hasText: name }).innerText()).replaceAll('\n', ' ')
/** The month before the running one, whose sheet the demo has already: of it another department sends one. */
const lastMonth = () => {
  const day = new Date()
  day.setUTCDate(0)
  const name = day.toLocaleString('en', { month: 'long', timeZone: 'UTC' })
  return { name, text: `${name.slice(0, 3)}-${String(day.getUTCFullYear()).slice(2)}` }
}

test('the country manager uploads the sheet of a month, and its figures change', {
  timeout: 120_000,
}, async () => {
  const page = await browser.person('country')
  const month = lastMonth()
  await visit(page, `/outstanding?month=${month.text}`)
  const before = await kpi(page, 'Total outstanding')
  expect(await kpi(page, 'Recovered')).toMatch(/₹/)
  expect(await axe(page)).toEqual([])

  await page.getByRole('link', { name: 'Upload a sheet' }).click()
  await page.getByLabel(/^Choose files/).setInputFiles({
    name: `${month.text} Pump.xlsx`,
    mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    buffer: sheet(month.name, [
      {
        code: 'C1001',
        name: 'Aravalli Infra Pvt Ltd',
        region: 'Pune',
        age: '31-90',
        invoice: 'SRV/26/0001',
        open: 99_000,
      },
      {
        code: 'C9001',
        name: 'Newcomer Pvt Ltd',
        region: 'Goa',
        age: '0-30',
        invoice: 'SRV/26/9001',
        open: 5_000,
      },
    ]),
  })
  // The month stands in the file's name.
  expect(await page.getByLabel('Month of the sheet').inputValue()).toBe(month.text)
  await page.getByLabel('Department').selectOption('Pump')
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Read this sheet' }).click()
  await page.waitForURL(/\/imports\/\d+$/)
  await page.getByRole('button', { name: 'Difference' }).click()
  await page.getByRole('button', { name: 'Publish 2 rows' }).click()
  await page.getByRole('button', { name: 'Undo the import' }).waitFor()

  await visit(page, `/outstanding?month=${month.text}`)
  expect(await kpi(page, 'Total outstanding')).not.toBe(before)
  await visit(page, `/outstanding?month=${month.text}&department=Pump`)
  expect(await kpi(page, 'Total outstanding')).toContain('₹1,04,000')
  // Each chart is a table as well.
  await page.getByText('As a table: How old, by region').click()
  await page.getByRole('row').filter({ hasText: 'Goa' }).first().getByText('₹5,000.00').first().waitFor()
  await visit(page, '/outstanding/tracker?department=Pump')
  await page.getByRole('row').filter({ hasText: month.text }).getByText('₹1,04,000').waitFor()
  expect(await axe(page)).toEqual([])
})

test('an engineer changes a remark by keyboard, pastes notes, and takes both back', {
  timeout: 120_000,
}, async () => {
  const page = await browser.person('engineer')
  await visit(page, '/outstanding/sheet')
  const grid = page.getByRole('grid')
  const rows = await grid.getByRole('row').count()
  expect(rows).toBeGreaterThan(3)
  const first = grid.getByRole('row').nth(1)
  const remark = first.getByRole('gridcell').nth(0)
  const notes = first.getByRole('gridcell').nth(1)
  const was = [await remark.innerText(), await notes.innerText()]
  // Engineers are read-only here.
  expect(await first.getByRole('gridcell').nth(2).getAttribute('aria-readonly')).toBe('true')
  expect(await axe(page)).toEqual([])

  await first.getByRole('rowheader').focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('F2')
  await page.getByRole('combobox', { name: /^Remark, / }).selectOption('write-off')
  await page.keyboard.press('Enter')
  await expect.poll(() => remark.innerText()).toBe('Write-off')
  await settled(page)

  await remark.focus()
  await page.keyboard.press('ArrowRight')
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.setData('text/plain', 'Pays on Friday\nPays on Monday\n')
    document.activeElement!.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
  })
  await expect.poll(() => notes.innerText()).toBe('Pays on Friday')
  await settled(page)
  await page.reload()
  await settled(page)
  expect([await remark.innerText(), await notes.innerText()]).toEqual(['Write-off', 'Pays on Friday'])

  await first.getByRole('rowheader').focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await remark.focus()
  await page.keyboard.press('F2')
  await page.getByRole('combobox', { name: /^Remark, / }).selectOption('none')
  await page.keyboard.press('Enter')
  await expect.poll(() => remark.innerText()).toBe('None')
  await settled(page)
  await remark.focus()
  await page.keyboard.press('Control+z')
  await expect.poll(() => remark.innerText()).toBe('Write-off')
  expect(was).toHaveLength(2)
  await page.setViewportSize(phone)
  await expectNoSidewaysScroll(page)
  expect(await axe(page)).toEqual([])
})

import { expect, test } from 'vitest'
import { axe, browserOfFile, complaintsOf, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'

const browser = browserOfFile()
const soon = { timeout: 10_000 }

test('a collector logs a call with a promise and is at the next customer, in eight keystrokes and no mouse', {
  timeout: 120_000,
}, async () => {
  const page = await browser.person('collector')
  const complaints = complaintsOf(page)
  await visit(page, '/receivables/worklist')
  const current = page.locator('main ol button[aria-current=true]')
  const first = (await current.innerText()).split('\n')[0]!
  const second = (await page.locator('main ol button').nth(1).innerText()).split('\n')[0]!
  // Why they are first: the points of the reasons add up.
  const points = (await page.locator('main tbody tr td.figure:last-child').allInnerTexts())
    .filter((text) => / of /.test(text))
    .map((text) => Number.parseFloat(text.replace('−', '-')))
  const total = Number(await page.locator('main tfoot td').innerText())
  expect(points.reduce((sum, each) => sum + each, 0)).toBeCloseTo(total, 1)

  let strokes = 0
  const press = async (key: string) => {
    strokes++
    await page.keyboard.press(key)
  }
  await press('p')
  for (const letter of 'fri') await press(letter)
  await press('Control+Enter')
  expect(strokes).toBeLessThanOrEqual(8)
  await page.getByText(`${first} promised`).waitFor()
  await settled(page)
  await expect.poll(async () => (await current.innerText()).split('\n')[0], soon).toBe(second)
  await expect
    .poll(
      async () =>
        (await page.locator('main ol button').allInnerTexts()).some((text) => text.startsWith(first)),
      soon,
    )
    .toBe(false)

  // A call without an answer, to be made again in two days.
  await page.keyboard.press('c')
  await page.getByText('No answer', { exact: true }).click()
  await page.getByLabel('Call again on').fill('in 2 days')
  await page.keyboard.press('Control+Enter')
  await page.getByText(`Call to ${second} logged`).waitFor()

  // Put off, and taken up again.
  await settled(page)
  const third = (await current.innerText()).split('\n')[0]!
  await page.getByRole('heading', { level: 1 }).focus()
  await page.keyboard.press('s')
  await page.keyboard.type('2w')
  await page.keyboard.press('Tab')
  await page.keyboard.type('On holiday')
  await page.keyboard.press('Control+Enter')
  await page.getByText(`${third} put off until`).waitFor()
  await visit(page, '/receivables/worklist?state=paused')
  await page.getByText('On holiday').waitFor()
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Take up again' }).click()
  await page.getByText('Nobody left for today').first().waitFor()

  // Both are among those called today.
  await visit(page, '/receivables/worklist?state=worked')
  const worked = await page.locator('main ol button').allInnerTexts()
  for (const name of [first, second]) expect(worked.some((text) => text.startsWith(name))).toBe(true)
  expect(complaints).toEqual([])
})

test('the worklist on a phone: the list first, then one customer', { timeout: 60_000 }, async () => {
  const page = await browser.person('director', { viewport: phone, colorScheme: 'dark' })
  await visit(page, '/receivables/worklist')
  await expectNoSidewaysScroll(page)
  expect(await axe(page)).toEqual([])
  const row = page.locator('main ol button').first()
  const name = (await row.innerText()).split('\n')[0]!
  await row.click()
  await page.getByRole('heading', { name, level: 2 }).waitFor()
  await settled(page)
  await page.getByRole('button', { name: 'Log a call' }).click()
  await page.getByLabel('Spoken to').waitFor()
  await expectNoSidewaysScroll(page)
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Back to the list' }).click()
  await row.waitFor()
})

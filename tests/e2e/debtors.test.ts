import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { axe, browserOfFile, expectNoSidewaysScroll, phone, settled, visit } from './browser.ts'
import { type Account, type Printed, printedReport } from './debtor-report.ts'

const browser = browserOfFile()

const names = ['VAN DER MERWE J', 'NAIDOO P', 'DLAMINI S', 'BOTHA M', 'KHUMALO T', 'PILLAY R']
/** Thirty accounts; every fifth has neither e-mail nor phone. */
const accounts = (more = 0): Account[] =>
  Array.from({ length: 30 }, (_, at) => ({
    acc_no: String(100_100 + at),
    name: `${names[at % names.length]} ${String.fromCharCode(65 + at)}`,
    owes: [10_000 + at * 111, 0, at % 3 === 0 ? 20_000 + more : 0, at % 4 === 0 ? 5_050 : 0, 0, 0, 0],
    ...(at % 5 === 0 ? {} : { tel: `082555${1000 + at}`, email: `debtor${at}@example.com` }),
  }))
const aid: Account = { acc_no: '900001', name: 'MEDICAL AID CONTROL ACC', owes: [500_000, 0, 0, 0, 0, 0, 0] }
const pdf = async (name: string, report: Omit<Printed, 'pharmacy'>) => ({
  name,
  mimeType: 'application/pdf',
  buffer: await printedReport({ pharmacy: 'STORY PHARMACY', ...report }),
})
type File = Awaited<ReturnType<typeof pdf>>

const drop = (page: Page, file: File) => page.getByLabel(/^Drop the debtor report/).setInputFiles(file)
const chip = (page: Page, name: RegExp) =>
  page.getByRole('group', { name: /^Ages/ }).getByRole('button', { name })
const saved = async (page: Page, act: () => Promise<void>) => {
  const download = page.waitForEvent('download')
  await act()
  const file = await download
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
}

/** A pharmacy of this story alone, and its page. */
async function newPharmacy(page: Page, name: string): Promise<string> {
  await visit(page, '/debtors')
  await page.getByRole('button', { name: 'Add a pharmacy' }).first().click()
  await page.getByRole('dialog').getByLabel('Name of the pharmacy').fill(name)
  await page.getByRole('dialog').getByRole('button', { name: 'Add a pharmacy' }).click()
  await page.waitForURL(/\/debtors\/\d+\/settings$/)
  await settled(page)
  return new URL(page.url()).pathname.replace('/settings', '')
}

test('a clerk’s first hour: from the printed report to who is to be reminded', {
  timeout: 180_000,
}, async () => {
  const page = await browser.person('admin')
  const list = await newPharmacy(page, 'Story Pharmacy')

  // Whom to pay, and how to reach the pharmacy: what reminders and letters say.
  await page.getByLabel('Bank', { exact: true }).fill('First Bank')
  await page.getByLabel('Account number at the bank').fill('62 000 111')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').getByText('Saved').waitFor()
  expect(await axe(page)).toEqual([])

  await visit(page, list)
  await page.getByRole('heading', { name: 'No debtors yet' }).waitFor()
  expect(await axe(page)).toEqual([])
  await drop(page, await pdf('september.pdf', { day: '30 SEP 2026', accounts: [...accounts(), aid] }))
  await page.getByText('The report was read: 30 accounts.').waitFor()
  await page.getByText('Agrees with the paper to the cent.').waitFor()
  await page.getByText(/^As of 30 Sep/).waitFor()
  await settled(page)
  expect(await axe(page)).toEqual([])

  // The control account of the medical aids is on the paper, and no debtor.
  expect(await page.getByText('MEDICAL AID CONTROL ACC').count()).toBe(0)
  await page.getByText('Column by column').click()
  await page.getByRole('row', { name: /^Of it medical-aid control accounts .*5,000\.00/ }).waitFor()

  // Ages filter, and say what is owed in them; the address remembers.
  await chip(page, /^60 days .*2,000\.00/).click()
  await page.getByRole('row', { name: /^10 accounts/ }).waitFor()
  expect(new URL(page.url()).search).toBe('?ageing_buckets=d60')
  await page.getByLabel('Phone', { exact: true }).selectOption('Without')
  await page.getByRole('row', { name: /^2 accounts/ }).waitFor()
  await page.reload()
  await page.getByRole('row', { name: /^2 accounts/ }).waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()

  // A contact is written where it stands, by keyboard, and taken back.
  await page.getByRole('searchbox').fill('100100')
  await page.getByRole('row', { name: /^1 account/ }).waitFor()
  await page.getByRole('link', { name: 'VAN DER MERWE J A' }).focus()
  await page.keyboard.press('e')
  await page.keyboard.type('jan@example.com')
  await page.keyboard.press('Enter')
  await page.getByRole('cell', { name: /jan@example\.com/ }).waitFor()
  await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click()
  await page.getByText('No e-mail, no phone').waitFor()
  await page.getByRole('button', { name: /^Change the contact of VAN DER MERWE/ }).click()
  await page.getByRole('textbox', { name: 'E-mail' }).fill('jan@example.com')
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('cell', { name: /jan@example\.com/ }).waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()

  // Whom no message reaches gets a letter.
  await page.getByText('5 accounts have neither e-mail nor phone.').waitFor()
  const letters = await saved(page, () => page.getByRole('button', { name: 'Letters as PDF' }).click())
  expect(letters.name).toMatch(/^letters_\d+\.pdf$/)
  expect(letters.bytes.subarray(0, 5).toString()).toBe('%PDF-')
  const csv = await saved(page, async () => {
    await page.getByRole('button', { name: 'Download' }).click()
    await page.getByRole('menuitem', { name: 'CSV file' }).click()
  })
  expect(csv.bytes.toString().split(/\r?\n/)[0]).toBe(
    'Account No,Name,Current,30 Days,60 Days,90 Days,120 Days,150 Days,180 Days,Balance,Email,Phone',
  )

  // The next month: one is new, one settled, and somebody's contact differs from what the report prints.
  const october = accounts(700).slice(1)
  await drop(
    page,
    await pdf('october.pdf', {
      day: '31 OCT 2026',
      accounts: [
        { ...accounts()[0]!, email: 'other@example.com' },
        ...october.slice(0, 28),
        { acc_no: '200001', name: 'ENTIRELY NEW', owes: [0, 0, 7_700, 0, 0, 0, 0] },
        aid,
      ],
    }),
  )
  await page.getByText(/^As of 31 Oct/).waitFor()
  const since = page.getByRole('list', { name: 'Since the report before' })
  await since.getByRole('link', { name: /^1 new/ }).waitFor()
  await since.getByRole('link', { name: /^1 settled/ }).waitFor()
  await since.getByRole('link', { name: '1 contact differs from the report' }).click()
  await page.getByRole('row', { name: /jan@example\.com.*other@example\.com/ }).waitFor()
  await settled(page)
  expect(await axe(page)).toEqual([])

  // Who is reminded: by keyboard, the first three.
  await visit(page, list)
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Shift+X')
  await page.getByText('3 accounts picked').waitFor()
  await page.keyboard.press('r')
  await page.waitForURL(/\/debtors\/remind\?/)
  const search = new URL(page.url()).searchParams
  expect(list).toBe(`/debtors/${search.get('outlet')}`)
  expect(search.get('ids')!.split(',')).toHaveLength(3)
  await page.context().close()
})

test('a report that does not add up waits beside its paper, and can be accepted and taken back', {
  timeout: 120_000,
}, async () => {
  const page = await browser.person('admin')
  const list = await newPharmacy(page, 'Careful Pharmacy')
  await visit(page, list)
  await drop(page, await pdf('right.pdf', { day: '30 SEP 2026', accounts: accounts() }))
  await page.getByText('Agrees with the paper to the cent.').waitFor()
  await drop(page, await pdf('wrong.pdf', { day: '31 OCT 2026', accounts: accounts(100), off: 12_345 }))
  await page.getByText('wrong.pdf waits for you').waitFor()
  // The list is the one before.
  await page.getByText(/^As of 30 Sep/).waitFor()
  await settled(page)
  expect(await axe(page)).toEqual([])

  await page.getByRole('link', { name: 'Check the report' }).click()
  await page.getByRole('button', { name: /Grand total .*60 days.*off by -123\.45/ }).click()
  const mark = page.locator('[data-line]:not(button)')
  await mark.waitFor()
  await page.getByText('Page 3 of 3').waitFor()

  // A row marks its line on the picture of the page, and a click on the picture its row.
  await page.getByRole('button', { name: 'Previous page' }).click()
  await page.getByText('Page 2 of 3').waitFor()
  await page.getByRole('button', { name: /^BOTHA M P/ }).click()
  await mark.waitFor()
  const picture = page.getByRole('region', { name: 'Picture of page 2' }).locator('img')
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: 15_000 })
    .toBeGreaterThan(500)
  const row = (await mark.boundingBox())!
  await page.getByRole('button', { name: /^VAN DER MERWE J S/ }).click()
  await page.mouse.click(row.x + row.width / 2, row.y + row.height / 2)
  await page.getByRole('button', { name: /^BOTHA M P/, pressed: true }).waitFor()
  await settled(page)
  expect(await axe(page)).toEqual([])

  await page.getByRole('button', { name: 'Accept as the list' }).click()
  await page.getByText('The list now', { exact: true }).waitFor()
  await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Earlier list', { exact: true }).waitFor()
  await visit(page, `${list}/reports`)
  await page.getByRole('row', { name: /^right\.pdf.*The list now/ }).waitFor()
  await page
    .getByRole('row', { name: /^wrong\.pdf/ })
    .getByRole('button', { name: 'Make it the list again' })
    .click()
  await page.getByRole('row', { name: /^wrong\.pdf.*The list now/ }).waitFor()
  expect(await axe(page)).toEqual([])

  // One account through both reports.
  await visit(page, list)
  await page.getByRole('link', { name: /^VAN DER MERWE J A/ }).click()
  await page
    .getByRole('figure')
    .getByText(/^From .* to /)
    .waitFor()
  await page.getByText('Nothing was sent to them yet.').waitFor()
  await settled(page)
  expect(await axe(page)).toEqual([])
  await page.context().close()
})

test('on a phone: a locked report asks for its password, a new layout for its columns', {
  timeout: 120_000,
}, async () => {
  const page = await browser.person('admin', { viewport: phone })
  const list = await newPharmacy(page, 'Pocket Pharmacy')
  await visit(page, list)
  await drop(page, await pdf('locked.pdf', { day: '30 SEP 2026', accounts: accounts(), password: 'blue-42' }))
  await page.getByLabel('Password of locked.pdf').fill('green')
  await page.getByRole('button', { name: 'Read the report' }).click()
  await page.getByText('That is not its password.').waitFor()
  expect(await axe(page)).toEqual([])
  await page.getByLabel('Password of locked.pdf').fill('blue-42')
  await page.getByRole('button', { name: 'Read the report' }).click()
  await page.getByText('Agrees with the paper to the cent.').waitFor()
  await settled(page)
  expect(await axe(page)).toEqual([])
  await expectNoSidewaysScroll(page)

  // Nobody keeps the password: its words are drawn where they stand.
  await page.getByRole('link', { name: 'locked.pdf' }).click()
  await page.getByText('There is no picture of this page').waitFor()
  await settled(page)
  expect(await axe(page)).toEqual([])
  await expectNoSidewaysScroll(page)
  await page.context().close()
})

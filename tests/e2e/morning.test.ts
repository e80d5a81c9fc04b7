import { expect, test } from 'vitest'
import {
  axe,
  browserOfFile,
  complaintsOf,
  expectNoSidewaysScroll,
  phone,
  settled,
  visit,
  wide,
} from './browser.ts'

const browser = browserOfFile()

test.for([
  ['manager', 'My region this morning', 'My region'],
  ['engineer', 'My customers this morning', 'My customers'],
] as const)(
  '%s opens the morning from the start page, and says what a debt is waiting for',
  {
    timeout: 240_000,
  },
  async ([who, link, title]) => {
    const page = await browser.person(who)
    const complaints = complaintsOf(page)
    await visit(page, '/')
    await page.getByRole('link', { name: link }).click()
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
    await settled(page)
    for (const section of [
      'Your part of the books',
      'How old it is',
      'Promises due this week',
      'Customers by age',
    ])
      await page.getByRole('region', { name: section, exact: true }).waitFor()
    const missing = page.getByRole('region', { name: 'Remarks missing', exact: true })
    await missing.waitFor()
    const choice = missing.getByRole('combobox').first()
    const name = (await choice.getAttribute('aria-label'))!.replace('Remark of ', '')
    await choice.selectOption({ label: 'Under follow-up' })
    const said = page.getByRole('alert').filter({ hasText: `${name}: Under follow-up` })
    await missing
      .getByRole('combobox', { name: `Remark of ${name}`, exact: true })
      .waitFor({ state: 'hidden' })
    await said.getByRole('button', { name: 'Undo' }).click()
    await missing.getByRole('combobox', { name: `Remark of ${name}`, exact: true }).waitFor()
    expect(await axe(page)).toEqual([])
    await page.setViewportSize(phone)
    await expectNoSidewaysScroll(page)
    expect(await axe(page)).toEqual([])
    await page.setViewportSize(wide)
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await axe(page)).toEqual([])
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${who}.png`, fullPage: true })
    expect(complaints).toEqual([])
  },
)

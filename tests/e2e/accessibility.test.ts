import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { axe, browserOfFile, complaintsOf, phone, sidewaysScroll, visit, wide } from './browser.ts'

const browser = browserOfFile()

const outside = [
  '/sign-in',
  '/register',
  '/forgot-password',
  '/reset/some-token',
  '/invite/some-token',
  '/p/some-token',
]
const inside = [
  '/',
  '/profile',
  '/receivables/invoices',
  '/receivables/invoices?status=all&region_id=1&assigned_to=0&amount_min=1000&due_from=2020-01-01',
  '/receivables/invoices?search=nobody-has-this-number',
  '/receivables/invoices/1',
  '/receivables/customers',
  '/receivables/customers?status=all&sort=-oldest_days',
  '/receivables/customers/1',
  '/receivables/promises?tab=all',
  '/receivables/worklist',
  '/receivables/worklist?state=paused',
  '/receivables/forecast',
  '/receivables/dunning',
  '/receivables/dunning?part=queue',
  '/receivables/dunning?part=policies',
  '/receivables/dunning?part=blocks',
  '/insights',
  '/insights/team',
  '/insights/mine',
  '/insights/region',
  '/insights/engineer',
  '/insights/why',
  '/insights/packs',
  '/admin/rates',
  '/admin/dispute-reasons',
  '/receivables/customers/1?tab=timeline',
  '/receivables/customers/1?tab=people',
  '/receivables/customers/1?tab=tasks',
  '/receivables/tasks?owner=all',
  '/receivables/contacts',
  '/receivables/inbox',
  '/receivables/team',
  '/notifications',
  '/receivables/ageing',
  '/receivables/disputes',
  '/receivables/disputes?view=state&state=all',
  '/receivables/disputes?open=7',
  '/receivables/ageing?group_by=region&basis=invoice',
  '/receivables/payments',
  '/receivables/payments?open=1',
  '/receivables/remittance',
  '/receivables/write-offs',
  '/receivables/write-offs?state=all',
  '/communications',
  '/communications/campaigns/1?outlet=1',
  '/communications/messages',
  '/communications/messages?open=1',
  '/communications/outbox',
  '/communications/suppressions',
  '/communications/templates',
  '/communications/rules',
  '/communications/channels',
  '/communications/channels?outlet=1',
  '/communications/escalation',
  '/debtors/remind?outlet=1',
  '/debtors',
  '/debtors/1',
  '/debtors/1?has_email=false&has_phone=false',
  '/debtors/1/reports',
  '/debtors/1/settings',
  '/outstanding',
  '/outstanding/sheet',
  '/outstanding/sheet?q=nobody-has-this-name',
  '/outstanding/tracker',
  '/imports',
  '/imports?target=outstanding',
  '/imports/1',
  '/imports/missing?decided=all',
  '/imports/sources',
  '/admin/users',
  '/admin/users?tab=invitations',
  '/admin/users?tab=requests',
  '/admin/users?search=nobody-has-this-name',
  '/admin/roles',
  '/admin/organisation',
  '/admin/regions',
  '/admin/departments',
  '/admin/outlets',
  '/admin/audit',
  '/admin/organisations',
  '/no-such-page',
]

const looks = [
  { colorScheme: 'light', viewport: wide },
  { colorScheme: 'dark', viewport: wide },
  { colorScheme: 'dark', viewport: phone },
  { colorScheme: 'light', viewport: phone },
] as const

/** What is wrong with the page as it is, in every combination of colours and width. */
async function faultsInEveryLook(page: Page, what: string): Promise<string[]> {
  const faults: string[] = []
  for (const { colorScheme, viewport } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(viewport)
    const found = [...(await axe(page)), ...(await sidewaysScroll(page))]
    faults.push(...found.map((fault) => `${what}, ${colorScheme}, ${viewport.width} px: ${fault}`))
  }
  return faults
}

/** Two windows take the paths one after the other: axe keeps one core busy, the machine has more. */
async function inTwoWindows(
  paths: string[],
  open: () => Promise<Page>,
  look: (page: Page, path: string) => Promise<void>,
): Promise<void> {
  const waiting = [...paths]
  const pages = [await open(), await open()]
  await Promise.all(
    pages.map(async (page) => {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        await visit(page, path)
        await look(page, path)
      }
      await page.context().close()
    }),
  )
}

test('pages before the sign-in', async () => {
  const faults: string[] = []
  await inTwoWindows(
    outside,
    () => browser.visitor(),
    async (page, path) => {
      faults.push(...(await faultsInEveryLook(page, path)))
    },
  )
  expect(faults).toEqual([])
})

test('every page behind it', { timeout: 240_000 }, async () => {
  const faults: string[] = []
  const complaints: string[][] = []
  await inTwoWindows(
    inside,
    async () => {
      const page = await browser.person('admin')
      complaints.push(complaintsOf(page))
      return page
    },
    async (page, path) => {
      faults.push(...(await faultsInEveryLook(page, path)))
      const title = await page.title()
      if (!title.endsWith(' · Duebook')) faults.push(`${path}: its title is ${title}`)
    },
  )
  expect(faults).toEqual([])
  expect(complaints.flat()).toEqual([])
})

describe.concurrent.each([
  { scheme: 'light', screen: 'wide', viewport: wide },
  { scheme: 'dark', screen: 'phone', viewport: phone },
] as const)('$scheme on a $screen screen', ({ scheme, viewport }) => {
  test('dialogs, menus and drawers', { timeout: 120_000 }, async ({ expect }) => {
    const page = await browser.person('admin', { viewport, colorScheme: scheme })
    const check = async (what: string) => {
      await page.waitForTimeout(300)
      expect(await axe(page), what).toEqual([])
      expect(await sidewaysScroll(page), what).toEqual([])
      await page.keyboard.press('Escape')
      await page.waitForTimeout(300)
    }
    await visit(page, '/')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Go, find or do' }).fill('inv')
    await check('palette')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await check('key sheet')
    await page.getByRole('button', { name: /^Profile of/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
    await check('profile menu')
    if (viewport === phone) {
      await page.getByRole('button', { name: 'Open menu' }).click()
      await page.getByRole('dialog').getByRole('link', { name: 'Audit trail' }).waitFor()
      await check('menu drawer')
    }
    await visit(page, '/receivables/invoices')
    await page.getByRole('checkbox', { name: /^Pick all/ }).check()
    await page.getByRole('button', { name: 'Assign', exact: true }).click()
    await page.getByLabel('Assigned to').selectOption({ index: 2 })
    await page
      .getByText(/change hands/)
      .first()
      .waitFor()
    await check('assigning many')
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: 'CSV file' }).waitFor()
    await check('export menu')
    await visit(page, '/receivables/invoices/1')
    await page.getByRole('button', { name: 'Assign', exact: true }).click()
    await page.getByLabel('Assigned to').waitFor()
    await check('assigning one')
    await visit(page, '/admin/users?open=invite')
    await page.getByRole('dialog', { name: 'Invite a colleague' }).waitFor()
    await check('invitation')
    await visit(page, '/admin/users?open=4')
    await page.getByRole('button', { name: 'Save' }).waitFor()
    await check('person')
    await visit(page, '/admin/roles?open=new')
    await page.getByRole('dialog', { name: 'Add a role' }).waitFor()
    await check('new role')
    await visit(page, '/admin/audit')
    await page.locator('main [data-row-link]').first().click()
    await page.getByRole('dialog').waitFor()
    await check('event')
    await visit(page, '/profile')
    await page.getByRole('button', { name: 'Create a key' }).click()
    await page.getByRole('dialog', { name: 'Create a key' }).waitFor()
    await check('new key')
    await page.getByRole('button', { name: 'Set up the second factor' }).click()
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    await check('second factor')
    await page.context().close()
  })
})

test('other roles see their own pages, and a clear word where they may not go', {
  timeout: 120_000,
}, async () => {
  const paths = [
    '/',
    '/receivables/worklist',
    '/receivables/ageing',
    '/receivables/disputes',
    '/receivables/disputes?view=state&state=all',
    '/receivables/disputes?open=7',
    '/receivables/invoices',
    '/receivables/customers',
    '/imports',
    '/admin/users',
    '/admin/roles',
    '/admin/organisation',
    '/admin/audit',
  ]
  const faults: string[] = []
  for (const username of ['operations', 'collector', 'agent', 'pharmacy'])
    await inTwoWindows(
      paths,
      () => browser.person(username),
      async (page, path) => {
        faults.push(...(await axe(page)).map((fault) => `${username} ${path}: ${fault}`))
      },
    )
  expect(faults).toEqual([])
})

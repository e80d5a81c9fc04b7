import { test } from 'vitest'
import { axe, browserOfFile, phone, settled, visit, wide } from './browser.ts'

const browser = browserOfFile()
test('shots', { timeout: 240_000 }, async () => {
  const page = await browser.person('admin')
  const shot = async (name: string) => {
    for (const [size, viewport] of [
      ['wide', wide],
      ['phone', phone],
    ] as const) {
      await page.setViewportSize(viewport)
      await page.waitForTimeout(300)
      await page.screenshot({ path: `/tmp/cash-${name}-${size}.png`, fullPage: size === 'wide' })
      console.log(name, size, await axe(page))
    }
    await page.setViewportSize(wide)
  }
  await visit(page, '/receivables/payments')
  await shot('payments')
  await visit(page, '/receivables/payments?open=2')
  await page.waitForTimeout(500)
  await shot('drawer')
  await visit(page, '/receivables/write-offs')
  await shot('writeoffs')
  const items = (
    await page.evaluate(async () =>
      (await fetch('/api/receivables/invoices?status=open&page_size=200&sort=due_date')).json(),
    )
  ).items as any[]
  const of = [...Map.groupBy(items, (e: any) => e.customer_id).values()].find(
    (x: any) => x.length >= 4,
  )! as any[]
  await visit(page, '/receivables/remittance')
  await page
    .getByLabel('E-mail, cells of a sheet, or a line of the bank statement')
    .fill(
      `We paid ${of[0].customer_name}\n${of[0].invoice_number}\t${of[0].open_amount}\n${of[1].invoice_number}\t${of[1].open_amount - 500}\tless TDS\nABC-99 12.00`,
    )
  await page.keyboard.press('Control+Enter')
  await settled(page)
  await page.waitForTimeout(500)
  await shot('remittance')
  const bad = (
    await page.evaluate(async () => (await fetch('/api/receivables/invoices?contradicted=true')).json())
  ).items as any[]
  console.log('contradicted', bad.length)
  if (bad[0]) {
    await visit(page, `/receivables/invoices/${bad[0].id}`)
    await shot('contradicted')
  }
  const credits = (await page.evaluate(async () => (await fetch('/api/receivables/credits')).json()))
    .items as any[]
  await visit(page, `/receivables/customers/${credits[0].customer_id}`)
  await shot('customer')
})

import { debtorReportPdf, type Printed, type PrintedAccount } from '../db/seeds/debtor-report.ts'
import type { TestApp } from './app.ts'
import { call } from './call.ts'
import type { Person } from './given.ts'

// Pharmacies and their reports, as tests of debtors begin with them.

export const account = (
  acc_no: string,
  name: string,
  ages: Partial<Record<number, number>>,
  contact: Pick<PrintedAccount, 'email' | 'phone'> = {},
): PrintedAccount => ({
  acc_no,
  name,
  ages: [0, 1, 2, 3, 4, 5, 6].map((at) =>
    Math.round((ages[at] ?? 0) * 100),
  ) as unknown as PrintedAccount['ages'],
  ...contact,
})

export async function pharmacy(
  t: TestApp,
  admin: Person,
  name = 'Hillside Pharmacy',
  more: object = {},
): Promise<number> {
  const { status, body } = await call(t, 'POST /pharmacies', { as: admin, json: { name, ...more } })
  if (status !== 201) throw new Error(`The pharmacy answered ${status}: ${JSON.stringify(body)}`)
  return body.pharmacy_id
}

/** A member with this role who may read the pharmacy, or write there too. */
export const letIn = (t: TestApp, admin: Person, who: Person, pharmacy_id: number, can_write = true) =>
  call(t, `POST /users/${who.username}/pharmacies`, { as: admin, json: { pharmacy_id, can_write } })

/** Drops a file on the pharmacy's page. */
export async function drop(
  { app }: TestApp,
  by: { headers: Record<string, string> },
  pharmacyId: number,
  file: Buffer | string,
  { name = 'report.pdf', fields = {} as Record<string, string> } = {},
) {
  const form = new FormData()
  for (const [key, value] of Object.entries(fields)) form.set(key, value)
  form.set('file', new File([file as never], name))
  const raw = await app.inject({
    method: 'POST',
    url: `/pharmacies/${pharmacyId}/debtors/upload`,
    headers: by.headers,
    payload: form,
  })
  return { status: raw.statusCode, body: raw.json() }
}

export const paper = (accounts: PrintedAccount[], more: Partial<Printed> = {}) =>
  debtorReportPdf({ pharmacy: 'Hillside Pharmacy', day: '2026-10-31', accounts, ...more })

import type { FastifyInstance } from 'fastify'
import { addDays } from '../../server/core/dates.ts'

// Money in the demo that people recorded themselves: a remittance of three invoices paid short, money that settles nothing yet,
// a cheque that came back, a payment that the next file does not know, and a write-off that waits for approval.

type Answer = {
  id: number
  items: { id: number; invoice_number: string; customer_id: number; open_amount: number }[]
}
type Call = (method: 'GET' | 'POST', path: string, payload?: object) => Promise<Answer>

const callAs =
  (app: FastifyInstance, authorization: string): Call =>
  async (method, path, payload) => {
    const answer = await app.inject({
      method,
      url: `/api/receivables/${path}`,
      headers: { authorization },
      ...(payload ? { payload } : {}),
    })
    if (answer.statusCode >= 300) throw new Error(`The demo's payments could not be recorded: ${answer.body}`)
    return answer.json() as Answer
  }

/** Before the last file: it still shows the invoice open, and the invoice says so. */
export async function recordBeforeLastFile(
  app: FastifyInstance,
  authorization: string,
  number: string | undefined,
  today: string,
) {
  if (!number) return
  const call = callAs(app, authorization)
  const [invoice] = (await call('GET', `invoices?search=${encodeURIComponent(number)}`)).items
  if (!invoice || invoice.open_amount <= 0) return
  const amount = Math.round(invoice.open_amount / 3)
  await call('POST', 'payments', {
    customer_id: invoice.customer_id,
    amount,
    received_on: addDays(today, -9),
    reference: 'UTR HDFC2600417',
    allocations: [{ invoice_id: invoice.id, amount }],
  })
}

export async function recordDemoCash(app: FastifyInstance, authorization: string, today: string) {
  const call = callAs(app, authorization)
  const open = (await call('GET', 'invoices?status=open&disputed=false&sort=due_date&page_size=200')).items
  const customers = [...Map.groupBy(open, (each) => each.customer_id).values()].filter((of) => of.length >= 3)
  const [first, second, third] = customers
  if (!first || !second || !third) return
  const [a, b, c] = first as [(typeof open)[0], (typeof open)[0], (typeof open)[0]]
  const short = Math.round(b.open_amount * 98) / 100
  const total = a.open_amount + short + c.open_amount
  await call('POST', 'payments', {
    customer_id: a.customer_id,
    amount: Math.round(total * 100) / 100,
    received_on: addDays(today, -1),
    reference: 'UTR SBIN2611230',
    remittance: `Dear Sir,\nwe have paid today by NEFT\n${a.invoice_number}\t${a.open_amount}\n${b.invoice_number}\t${short}\tless 2% TDS\n${c.invoice_number}\t${c.open_amount}`,
    allocations: [
      { invoice_id: a.id, amount: a.open_amount },
      { invoice_id: b.id, amount: short },
      { invoice_id: c.id, amount: c.open_amount },
    ],
  })
  await call('POST', 'payments', {
    customer_id: second[0]!.customer_id,
    amount: 150_000,
    received_on: addDays(today, -2),
    reference: 'UTR ICIC2611201',
    note: 'No advice with it; asked by e-mail.',
  })
  const cheque = await call('POST', 'payments', {
    customer_id: third[0]!.customer_id,
    amount: third[0]!.open_amount,
    received_on: addDays(today, -8),
    method: 'cheque',
    reference: 'Cheque 004417',
    strategy: 'oldest_first',
  })
  await call('POST', `payments/${cheque.id}/reverse`, {
    returned_on: addDays(today, -3),
    reason: 'Insufficient funds',
  })
  await call('POST', 'write-offs', {
    invoice_id: b.id,
    reason: 'short_payment',
    note: 'TDS certificate is in the file; the rest will not be paid.',
  })
}

import type { FastifyInstance } from 'fastify'
import type { ApiDeps } from '../../server/core/api.ts'
import { addDays } from '../../server/core/dates.ts'
import { businessDay } from '../../server/core/scope.ts'
import { demoPasswordFor } from '../../server/modules/tenancy/demo.ts'

// The demo's people at work: whom they talk to, what was said, what is to be done next, and how work is shared.

type Row = Record<string, unknown> & { id: number }

/** Calls the API as the demo's people do. */
export async function loadDemoWork(app: FastifyInstance, deps: ApiDeps) {
  const today = businessDay(deps.now(), 'Asia/Kolkata')
  const as = async (username: string) => {
    const signedIn = await app.inject({
      method: 'POST',
      url: '/api/auth/token',
      payload: { username, password: demoPasswordFor(deps) },
    })
    const authorization = `Bearer ${signedIn.json().access_token}`
    return async <T = Row>(method: 'GET' | 'POST' | 'PUT', path: string, payload?: object): Promise<T> => {
      const answer = await app.inject({
        method,
        url: `/api/receivables/${path}`,
        headers: { authorization },
        ...(payload ? { payload } : {}),
      })
      if (answer.statusCode >= 300)
        throw new Error(`The demo's work could not be loaded: ${path}: ${answer.body}`)
      return answer.json() as T
    }
  }
  const [collector, operations, biller] = [await as('collector'), await as('operations'), await as('biller')]
  type List = { items: Row[] }

  const late = await collector<List>(
    'GET',
    'customers?status=overdue&sort=oldest_days&order=desc&page_size=4',
  )
  const people = [
    ['Meera Joshi', 'Accounts payable', 'call', '+91 98200 11223'],
    ['Anil Deshpande', 'Purchase head', 'email', '+91 98200 44556'],
    ['Farah Khan', 'Owner', 'call', '+91 98200 77889'],
    ['Suresh Patil', 'Stores', 'visit', '+91 98200 99001'],
  ] as const
  const said = [
    ['call', 'spoke', 'Will release the payment after the next board meeting.', 3],
    ['call', 'no_answer', null, 0],
    ['email', 'sent', 'Sent copies of the two oldest invoices.', -1],
    ['visit', 'left_message', 'Owner was out; left the statement with the front office.', 6],
  ] as const
  for (const [at, customer] of late.items.entries()) {
    const [name, role, preferred_channel, phone] = people[at]!
    const contact = await collector('POST', `customers/${customer.id}/contacts`, {
      name,
      role,
      phone,
      preferred_channel,
      email: `${name.split(' ')[0]!.toLowerCase()}@customer.example`,
    })
    const [channel, outcome, note, again] = said[at]!
    await collector('POST', `customers/${customer.id}/attempts`, {
      channel,
      outcome,
      note,
      contact_id: contact.id,
      attempted_at: new Date(deps.now().getTime() - (at * 26 + 2) * 3_600_000).toISOString(),
      next_follow_up: addDays(today, again),
    })
  }
  if (late.items[0])
    await collector('POST', `customers/${late.items[0].id}/comments`, {
      body: '@operations they ask for a payment plan of three months. Can we agree to it?',
    })

  const held = await biller<List>('GET', 'invoices?status=disputed&page_size=12')
  const causes = ['Billing Error', 'PO Mismatch', 'Delivery Issue', 'Billing Error', 'Customer Dispute']
  for (const [at, invoice] of held.items.entries())
    if (at % 3 < 2)
      await biller('PUT', `invoices/${invoice.id}/root-cause`, { root_cause: causes[at % causes.length] })

  const { items: assignees } = await operations<{ items: { id: number; username: string }[] }>(
    'GET',
    'assignees',
  )
  const idOf = (username: string) => assignees.find((each) => each.username === username)!.id
  await operations('POST', 'assignment-rules', {
    name: 'Delivery and billing errors to the biller',
    root_cause: 'Billing Error',
    whole_customer: false,
    user_ids: [idOf('biller')],
  })
  await operations('POST', 'assignment-rules', {
    name: 'Everything else, shared',
    is_on: false,
    balance: 'amount',
    user_ids: [idOf('collector'), idOf('engineer')],
  })
  await operations('POST', 'absences', {
    user_id: idOf('engineer'),
    stand_in_id: idOf('collector'),
    from_on: addDays(today, 10),
    until_on: addDays(today, 17),
    note: 'Family wedding',
  })
}

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Proof } from '../prove.ts'
import { callServer, enterNewOrganisation, keptBy } from '../server-calls.ts'
import { type ServerProcess, startServer, temporaryFolder } from '../server-process.ts'
import { startSendgrid } from '../stand-ins/sendgrid.ts'

// The server is killed with SIGKILL again and again while a thousand reminders leave. Whatever the moments: nobody gets a reminder twice,
// what is called sent was taken by the provider once, and what may have left without our hearing of it is listed as unknown.

const DEBTORS = 1_000
/** How long a pharmacy's thousand may take, restarts included. */
const PATIENCE_MS = 15 * 60_000

type Counts = Record<'waiting' | 'sent' | 'delivered' | 'failed' | 'unknown' | 'held' | 'members', number>

export default {
  name: 'killed-sends',
  claim: 'kill -9 while reminders are sent: none leaves twice, none is lost, and what is not known is listed',
  full: 200,
  sample: 3,
  async run({ trials, random, note }) {
    const folder = temporaryFolder('killed-sends')
    const provider = await startSendgrid()
    // The time a provider takes, so that kills fall into calls.
    provider.latency = () => 10 + Math.floor(random() * 40)
    const env = { ...keptBy(join(folder.path, 'data')), SENDGRID_URL: provider.url }
    let server: ServerProcess = startServer(env)
    const all = { sent: 0, unknown: 0, left: 0 }
    try {
      let url = await server.ready
      const token = await enterNewOrganisation(url, 'sends', noonNow())
      // Nothing is quiet, whatever the day: what is proven here is not when messages go.
      const week = Array(7).fill({ from: '06:00', until: '21:00' })
      await callServer(
        url,
        'PUT',
        '/api/communications/sending-rules',
        { week, keeps_holidays: false },
        token,
      )
      let kills = 0
      for (let nth = 1; kills < trials || nth === 1; nth += 1) {
        const campaign = await begin(url, token, provider.key, nth)
        provider.mails.length = 0
        const began = performance.now()
        let counts: Counts
        for (;;) {
          counts = (await callServer(url, 'GET', campaign, undefined, token)).counts
          if (counts.waiting === 0) break
          if (performance.now() - began > PATIENCE_MS)
            throw new Error(`Still waiting: ${JSON.stringify(counts)}`)
          await sleep(100 + random() * 400)
          if (kills === trials) continue
          server.child.kill('SIGKILL')
          await server.ended
          kills += 1
          if (kills % 20 === 0) note(`${kills} kills`)
          server = startServer(env)
          url = await server.ready
        }
        const members = await membersOf(url, token, campaign)
        all.left += provider.mails.length
        judge(
          members,
          provider.mails.map(({ to }) => to),
        )
        const states = Map.groupBy(members, ({ state }) => state)
        all.sent += states.get('sent')?.length ?? 0
        all.unknown += states.get('unknown')?.length ?? 0
      }
      return `${all.sent + all.unknown} reminders, ${all.left} taken by the provider, 0 twice, 0 lost, ${all.unknown} listed as unknown`
    } catch (error) {
      note(`the server's last words:\n${server.output().split('\n').slice(-12).join('\n')}`)
      throw error
    } finally {
      await server.stop()
      await provider.close()
      folder.remove()
    }
  },
} satisfies Proof

/** A time zone in which it is about noon. Its names count westwards. */
function noonNow(): string {
  const west = new Date().getUTCHours() - 12
  return west === 0 ? 'Etc/UTC' : `Etc/GMT${west > 0 ? '+' : ''}${west}`
}

type Member = { recipient: string | null; state: string; reason: string | null }

/** A pharmacy with a thousand debtors, and reminders to all of them on their way. Answers where the campaign is found. */
async function begin(url: string, token: string, key: string, nth: number): Promise<string> {
  const post = (path: string, body: unknown) => callServer(url, 'POST', path, body, token)
  const { pharmacy_id: id } = await post('/pharmacies', {
    name: `Pharmacy ${nth}`,
    email: `accounts.${nth}@pharmacy.example`,
    phone: '0301234567',
    bank_name: 'Bank',
    banking_account: '62001234567',
    sendgrid_api_key: key,
  })
  const lines = ['Account No,Name,Current,30 Days,60 Days,90 Days,120 Days,150 Days,180 Days,Balance,Email']
  for (let n = 1; n <= DEBTORS; n += 1)
    lines.push(
      `${nth * 10_000 + n},Debtor ${n},0.00,0.00,100.00,0.00,0.00,0.00,0.00,100.00,debtor.${nth}.${n}@example.com`,
    )
  const sum = `${DEBTORS * 100}.00`
  lines.push(`TOTAL,,0.00,0.00,${sum},0.00,0.00,0.00,0.00,${sum},`)
  const form = new FormData()
  form.set('file', new Blob([`${lines.join('\n')}\n`]), 'debtors.csv')
  const report = await post(`/pharmacies/${id}/debtors/upload`, form)
  if (report.total_accounts !== DEBTORS || report.status !== 'completed')
    throw new Error(`The report was read as ${report.total_accounts} accounts, ${report.status}`)
  const campaign = await post(`/pharmacies/${id}/campaigns`, { name: 'Reminder', kind: 'email' })
  await post(`/pharmacies/${id}/campaigns/${campaign.id}/start`, {})
  return `/pharmacies/${id}/campaigns/${campaign.id}`
}

async function membersOf(url: string, token: string, campaign: string): Promise<Member[]> {
  const members: Member[] = []
  for (let page = 1; members.length < DEBTORS; page += 1) {
    const { items } = await callServer(
      url,
      'GET',
      `${campaign}/members?page=${page}&page_size=500`,
      undefined,
      token,
    )
    if (items.length === 0) break
    members.push(...items)
  }
  return members
}

/** What the outbox says of each against what the provider took. */
function judge(members: readonly Member[], taken: readonly string[]): void {
  if (members.length !== DEBTORS) throw new Error(`${members.length} of ${DEBTORS} are listed`)
  const times = new Map<string, number>()
  for (const to of taken) times.set(to, (times.get(to) ?? 0) + 1)
  for (const { recipient, state, reason } of members) {
    const got = times.get(recipient ?? '') ?? 0
    if (got > 1) throw new Error(`${recipient} got ${got} reminders`)
    if (state === 'sent' ? got !== 1 : state !== 'unknown')
      throw new Error(`${recipient} is ${state} (${reason}) and got ${got}`)
    times.delete(recipient ?? '')
  }
  if (times.size > 0) throw new Error(`Nobody's reminders: ${[...times.keys()].slice(0, 5).join(', ')}`)
}

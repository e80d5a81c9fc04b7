// The life of a message, computed without touching anything.

export const messageStates = [
  'pending',
  'sending',
  'sent',
  'delivered',
  'failed',
  'unknown',
  'held',
  'cancelled',
] as const
export type MessageState = (typeof messageStates)[number]

export const reports = [
  'accepted',
  'deferred',
  'delivered',
  'bounced',
  'blocked',
  'dropped',
  'expired',
  'opened',
  'clicked',
  'spam',
  'unsubscribed',
  'replied',
] as const
export type ReportKind = (typeof reports)[number]

/** What is over: nothing more is done with it unless somebody asks. */
export const isSettled = (state: MessageState) => state !== 'pending' && state !== 'sending'

const arrived: readonly ReportKind[] = ['delivered']
const lost: readonly ReportKind[] = ['bounced', 'blocked', 'dropped', 'expired']
/** Whoever did this got the message. */
const seen: readonly ReportKind[] = ['opened', 'clicked', 'spam', 'unsubscribed', 'replied']

export type Report = { kind: ReportKind; at: number; detail: string | null }

/**
 * What all reports of an attempt come to, in whatever order they were told: the latest end counts, and of two at one moment the bad
 * one. Without an end, a message that somebody opened has arrived, and one that the provider is at work on was sent.
 */
export function outcomeOf(told: readonly Report[]): { state: MessageState; error: string | null } | null {
  const ends = told.filter(({ kind }) => arrived.includes(kind) || lost.includes(kind))
  const last = ends.reduce<Report | null>((best, each) => {
    if (!best || each.at > best.at) return each
    if (each.at < best.at) return best
    const worse = Number(lost.includes(each.kind)) - Number(lost.includes(best.kind))
    // Two ends alike differ in their words alone: the same ones win in any order.
    return worse > 0 || (worse === 0 && `${each.kind} ${each.detail}` > `${best.kind} ${best.detail}`)
      ? each
      : best
  }, null)
  if (last) {
    if (arrived.includes(last.kind)) return { state: 'delivered', error: null }
    return {
      state: 'failed',
      error: last.detail || lostWords[last.kind] || 'The provider could not deliver it.',
    }
  }
  if (told.some(({ kind }) => seen.includes(kind))) return { state: 'delivered', error: null }
  return told.length > 0 ? { state: 'sent', error: null } : null
}

const lostWords: Partial<Record<ReportKind, string>> = {
  bounced: 'The address does not exist or refuses mail.',
  blocked: "The recipient's server refused it.",
  dropped: 'The provider did not send it.',
  expired: 'It could not be delivered in time.',
}

/** Why nothing goes out, in a sentence. */
export const heldWords: Record<string, string> = {
  no_address: 'There is no address that this can be sent to.',
  opted_out: 'The recipient asked not to be written to any more.',
  bounced: 'Earlier messages to this address came back.',
  spam: 'The recipient reported an earlier message as unwanted.',
  manual: 'Somebody of the organisation put this address on the list of those not to write to.',
  no_longer: 'What it says is not so any more.',
  no_channel: 'There is no channel to send this by. Set one up, then send it again.',
}

/** Words that end texts, alone in a reply; and the one that takes them back. */
export const replyMeans = (text: string): 'stop' | 'start' | null => {
  const word = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()
  if (
    /^(?:STOP|STOPALL|STOP ALL|OPT OUT|OPTOUT|END|CANCEL|UNSUBSCRIBE|QUIT|STOP (?:SMS|ASB|PLEASE)|PLEASE STOP)$/.test(
      word,
    )
  )
    return 'stop'
  return /^(?:START|UNSTOP)$/.test(word) ? 'start' : null
}

import type { MessageKey } from '../i18n.ts'
import { t } from '../i18n.ts'
import { can } from '../session.ts'
import type { Me } from '../wire.ts'
import { navigationFor } from './nav.ts'

export type Command = {
  id: string
  group: string
  label: string
  /** Second line or key hint. */
  hint?: string
  /** More words that find it. */
  words: string
  to?: { path: string; search?: Record<string, string> }
  act?: 'scheme' | 'keys' | 'sign_out'
}

/** What the palette offers without asking the server: places to go and things to do. */
export function commandsFor(me: Me): Command[] {
  const go: Command[] = [
    ...navigationFor(me)
      .flatMap((group) => group.items)
      .map((item) => ({
        id: `go:${item.to}`,
        group: t('core.palette_go'),
        label: t(item.label),
        ...(item.letter ? { hint: t('core.key_go', { letter: item.letter.toUpperCase() }) } : {}),
        words: t(item.also),
        to: { path: item.to },
      })),
    {
      id: 'go:/profile',
      group: t('core.palette_go'),
      label: t('core.profile'),
      hint: t('core.key_go', { letter: 'P' }),
      words: t('core.nav_profile_also'),
      to: { path: '/profile' },
    },
  ]
  const doing: Command[] = []
  const offer = (
    permission: string | undefined,
    id: string,
    label: MessageKey,
    also: MessageKey,
    rest: Pick<Command, 'to' | 'act'>,
  ) => {
    if (can(me, permission))
      doing.push({ id: `do:${id}`, group: t('core.palette_do'), label: t(label), words: t(also), ...rest })
  }
  if (me.tenant) {
    offer('receivables.import', 'import', 'core.do_import', 'core.do_import_also', {
      to: { path: '/imports' },
    })
    offer('users.write', 'invite', 'core.do_invite', 'core.do_invite_also', {
      to: { path: '/admin/users', search: { open: 'invite' } },
    })
  }
  offer(undefined, 'scheme', 'core.do_scheme', 'core.do_scheme_also', { act: 'scheme' })
  offer(undefined, 'keys', 'core.keys_title', 'core.do_keys_also', { act: 'keys' })
  offer(undefined, 'sign_out', 'core.sign_out', 'core.do_sign_out_also', { act: 'sign_out' })
  return [...go, ...doing]
}

/** Every word of the query must start a word of the command; best matches (in the label) first. */
export function matching(commands: Command[], query: string): Command[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return commands
  const starts = (text: string, part: string) =>
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .some((word) => word.startsWith(part))
  const score = (command: Command): number =>
    wanted.reduce((sum, part) => {
      if (sum < 0) return sum
      if (starts(command.label, part)) return sum + 2
      return starts(command.words, part) ? sum + 1 : -1
    }, 0)
  return commands
    .map((command) => ({ command, points: score(command) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ command }) => command)
}

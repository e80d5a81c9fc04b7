/** The name that is being typed after an @, up to the caret; null while none is. */
export function typedName(text: string, caret: number): { from: number; name: string } | null {
  const match = /(?:^|[^\p{L}\p{N}._+-])@([\p{L}\p{N}._+-]{0,40})$/u.exec(text.slice(0, caret))
  if (!match) return null
  const name = match[1]!
  return { from: caret - name.length - 1, name: name.toLowerCase() }
}

/** Colleagues whose user name, or a word of whose name, begins so. */
export const namesLike = <One extends { username: string; full_name: string }>(
  members: readonly One[],
  name: string,
): One[] =>
  members
    .filter(
      ({ username, full_name }) =>
        username.toLowerCase().startsWith(name) ||
        full_name
          .toLowerCase()
          .split(/\s+/)
          .some((word) => word.startsWith(name)),
    )
    .slice(0, 6)

/** A text in pieces: words, and the names that it calls. */
export function pieces(
  body: string,
  mentions: readonly { username: string; full_name: string }[],
): { text: string; name?: string }[] {
  if (mentions.length === 0) return [{ text: body }]
  const escaped = mentions.map(({ username }) => username.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&'))
  const found = new RegExp(`@(${escaped.sort((a, b) => b.length - a.length).join('|')})`, 'giu')
  const parts: { text: string; name?: string }[] = []
  let at = 0
  for (const match of body.matchAll(found)) {
    if (match.index > at) parts.push({ text: body.slice(at, match.index) })
    const who = mentions.find(({ username }) => username.toLowerCase() === match[1]!.toLowerCase())
    parts.push({ text: match[0], name: who?.full_name ?? match[1]! })
    at = match.index + match[0].length
  }
  if (at < body.length) parts.push({ text: body.slice(at) })
  return parts
}

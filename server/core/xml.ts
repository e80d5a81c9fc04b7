import { Unreadable } from './table.ts'

// XML as workbooks hold it, read as it streams by. Nothing is built: who watches keeps what it wants. Declarations of
// entities are refused, so a text is never longer than its bytes.

export type XmlWatch = {
  /** Names come without their prefix; `attributes` is the text between name and end, for `attributeOf`. */
  open(name: string, attributes: string): void
  close(name: string): void
  /** A text may come in several pieces. */
  text(text: string): void
}

/** No tag, comment or entity is longer. */
const PENDING_MAX = 1024 * 1024

const damaged = (what: string) =>
  new Unreadable(`The workbook is damaged: ${what}. Open it in a spreadsheet program and save it again.`)

export async function readXml(bytes: AsyncIterable<Buffer>, watch: XmlWatch): Promise<void> {
  const steps = xmlSteps(bytes, watch)
  while (!(await steps.next()).done);
}

/** Reads chunk by chunk: between two, whoever pulls may take what the watch has gathered. */
export async function* xmlSteps(bytes: AsyncIterable<Buffer>, watch: XmlWatch): AsyncGenerator<void> {
  let decoder: TextDecoder | undefined
  let rest = ''
  let depth = 0
  let rooted = false

  function read(text: string): string {
    let at = 0
    for (;;) {
      const start = text.indexOf('<', at)
      if (start === -1) {
        const end = wholeText(text, at)
        if (end > at) tell(text.slice(at, end))
        return text.slice(end)
      }
      if (start > at) tell(text.slice(at, start))
      at = start
      const first = text.charCodeAt(start + 1)
      if (first === 33 || first === 63) {
        const end = first === 33 ? declarationEnd(text, start) : endOf(text, '?>', start + 2)
        if (end === -1) return text.slice(start)
        if (text.startsWith('<![CDATA[', start)) watch.text(text.slice(start + 9, end - 3))
        at = end
        continue
      }
      const end = tagEnd(text, start + 1)
      if (end === -1) return text.slice(start)
      if (first === 47) {
        if (--depth < 0) throw damaged('a tag is closed that is not open')
        watch.close(nameIn(text, start + 2, end))
      } else {
        const empty = text.charCodeAt(end - 1) === 47
        if (depth === 0 && rooted) throw damaged('a part has two roots')
        rooted = true
        const last = empty ? end - 1 : end
        const nameEnd = endOfName(text, start + 1, last)
        const name = localName(text, start + 1, nameEnd)
        watch.open(name, nameEnd === last ? '' : text.slice(nameEnd, last))
        if (empty) watch.close(name)
        else depth++
      }
      at = end + 1
    }
  }
  const tell = (text: string) => watch.text(text.includes('&') ? unescaped(text) : text)

  for await (const chunk of bytes) {
    decoder ??= decoderOf(chunk)
    rest = read(rest + decoder.decode(chunk, { stream: true }))
    if (rest.length > PENDING_MAX) throw damaged('a tag of it never ends')
    yield
  }
  rest = read(rest + (decoder?.decode() ?? ''))
  if (depth > 0 || !rooted || rest.trim() !== '') throw damaged('a part of it ends in the middle')
  yield
}

/** The value of an attribute, or undefined. */
export function attributeOf(attributes: string, name: string): string | undefined {
  let at = attributes.indexOf(`${name}=`)
  while (at > 0 && !isSpace(attributes.charCodeAt(at - 1))) at = attributes.indexOf(`${name}=`, at + 1)
  if (at > 0) {
    const from = at + name.length + 2
    const end = attributes.indexOf(attributes.charAt(from - 1), from)
    if (end === -1) return undefined
    const value = attributes.slice(from, end)
    return value.includes('&') ? unescaped(value) : value
  }
  // Space around the equals sign is allowed, and nobody writes it.
  const match = /\s=|=\s/.test(attributes)
    ? new RegExp(String.raw`\s${name}\s*=\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes)
    : null
  const value = match?.[1] ?? match?.[2]
  return value === undefined ? undefined : unescaped(value)
}

const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9

/** A > inside a quoted value does not end the tag. */
function tagEnd(text: string, from: number): number {
  let quote = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === 62) return at
    else if (code === 34 || code === 39) quote = code
    else if (code === 60) throw damaged('a tag of it is not closed')
  }
  return -1
}

/** The place after `mark`, or -1 when it has yet to come. */
function endOf(text: string, mark: string, from: number) {
  const at = text.indexOf(mark, from)
  return at === -1 ? -1 : at + mark.length
}

/** The place after a comment or CDATA, or -1 when it has yet to come. */
function declarationEnd(text: string, start: number): number {
  if (text.startsWith('<!--', start)) return endOf(text, '-->', start + 4)
  if (text.startsWith('<![CDATA[', start)) return endOf(text, ']]>', start + 9)
  if (['<!--', '<![CDATA['].some((mark) => mark.startsWith(text.slice(start, start + 9)))) return -1
  throw new Unreadable(
    'The workbook declares a document type or entities, which no spreadsheet program writes. It is not read.',
  )
}

function endOfName(text: string, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at)
    if (isSpace(code)) return at
  }
  return end
}
const nameIn = (text: string, from: number, end: number) => localName(text, from, endOfName(text, from, end))
function localName(text: string, from: number, end: number) {
  const name = text.slice(from, end)
  return name.slice(name.indexOf(':') + 1)
}

/** Where a text can be cut: not inside an entity. */
function wholeText(text: string, from: number): number {
  const entity = text.lastIndexOf('&')
  if (entity >= from && text.length - entity < 12 && !text.includes(';', entity)) return entity
  return text.length
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
function unescaped(text: string) {
  return text.replace(/&([^;&]{0,10});?/g, (written, name: string) => {
    const code = /^#x[0-9a-f]{1,6}$/i.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : /^#\d{1,7}$/.test(name)
        ? Number(name.slice(1))
        : -1
    const character = code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entities[name]
    if (character === undefined || !written.endsWith(';')) throw damaged(`${written} is no character`)
    return character
  })
}

function decoderOf(start: Buffer): TextDecoder {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le')
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be')
  const declared = /^[^>]{0,100}\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    start.toString('latin1', 0, 200),
  )?.[1]
  try {
    return new TextDecoder(declared ?? 'utf-8')
  } catch {
    throw damaged(`its encoding ${declared} is not known`)
  }
}

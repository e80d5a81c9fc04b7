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
  let depth = 0
  let rooted = false
  // A string that is put together is slower to read than one that is decoded whole: what is left over stays bytes.
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of inUtf8(bytes)) {
    const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const cut = all.lastIndexOf(62) + 1
    const text = all.toString('utf8', 0, cut)
    const read = readTags(text)
    rest = all.subarray(cut)
    // A comment or a quoted value that holds a >.
    if (read < text.length) rest = Buffer.concat([Buffer.from(text.slice(read)), rest])
    if (rest.length > PENDING_MAX) throw damaged('a tag or text of it never ends')
    yield
  }
  if (depth > 0 || !rooted || rest.toString().trim() !== '') throw damaged('a part of it ends in the middle')

  /** Returns how far it came. */
  function readTags(text: string): number {
    let at = 0
    while (at < text.length) {
      const start = text.indexOf('<', at)
      if (start === -1) {
        tell(text.slice(at))
        return text.length
      }
      if (start > at) tell(text.slice(at, start))
      const first = text.charCodeAt(start + 1)
      if (first === 33 || first === 63) {
        const end = first === 33 ? declarationEnd(text, start) : endOf(text, '?>', start + 2)
        if (end === -1) return start
        if (text.startsWith('<![CDATA[', start)) watch.text(text.slice(start + 9, end - 3))
        at = end
        continue
      }
      const end = tagEnd(text, start + 1)
      if (end === -1) return start
      at = end + 1
      if (first === 47) {
        if (--depth < 0) throw damaged('a tag is closed that is not open')
        watch.close(localName(text, start + 2, endOfName(text, start + 2, end)))
        continue
      }
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
    return at
  }
  function tell(text: string) {
    watch.text(text.includes('&') ? unescaped(text) : text)
  }
}

/** The value of an attribute, or undefined. */
export function attributeOf(attributes: string, wanted: string): string | undefined {
  let found: string | undefined
  eachAttribute(attributes, (name, value) => {
    if (name === wanted) found = value
  })
  return found
}

export function eachAttribute(attributes: string, tell: (name: string, value: string) => void) {
  const length = attributes.length
  let at = 0
  for (;;) {
    while (at < length && isSpace(attributes.charCodeAt(at))) at++
    if (at >= length) return
    const start = at
    let code = attributes.charCodeAt(at)
    while (at < length && code !== 61 && !isSpace(code)) code = attributes.charCodeAt(++at)
    const name = attributes.slice(start, at)
    while (at < length && isSpace(attributes.charCodeAt(at))) at++
    if (attributes.charCodeAt(at++) !== 61) throw damaged('an attribute has no value')
    while (at < length && isSpace(attributes.charCodeAt(at))) at++
    const quote = attributes.charCodeAt(at++)
    const end = quote === 34 ? attributes.indexOf('"', at) : quote === 39 ? attributes.indexOf("'", at) : -1
    if (end === -1) throw damaged('an attribute has no quotes')
    const value = attributes.slice(at, end)
    tell(name, value.includes('&') ? unescaped(value) : value)
    at = end + 1
  }
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
function localName(text: string, from: number, end: number) {
  for (let at = from; at < end; at++) if (text.charCodeAt(at) === 58) return text.slice(at + 1, end)
  return text.slice(from, end)
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
function unescaped(text: string) {
  return text.replace(/&([^;&]{0,10});?/g, (written, name: string) => {
    const code = /^#x[0-9a-f]{1,6}$/i.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : /^#\d{1,7}$/.test(name)
        ? Number(name.slice(1))
        : -1
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    const character = isCharacter
      ? String.fromCodePoint(code)
      : Object.hasOwn(entities, name)
        ? entities[name]
        : undefined
    if (character === undefined || !written.endsWith(';')) throw damaged(`${written} is no character`)
    return character
  })
}

/** Workbooks are UTF-8, and may be UTF-16 or what they declare. */
async function* inUtf8(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined
  let started = false
  for await (const chunk of bytes) {
    if (!started) {
      started = true
      decoder = decoderOf(chunk)
      if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) {
        yield chunk.subarray(3)
        continue
      }
    }
    yield decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk
  }
}

function decoderOf(start: Buffer): TextDecoder | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le')
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be')
  const declared = /^[^>]{0,100}\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    start.toString('latin1', 0, 200),
  )?.[1]
  if (!declared || /^utf-?8$/i.test(declared)) return undefined
  try {
    return new TextDecoder(declared)
  } catch {
    throw damaged(`its encoding ${declared} is not known`)
  }
}

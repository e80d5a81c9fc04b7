// A first look at a file in the browser: enough to choose columns before anything is sent. The server reads the file
// itself and decides; nothing here is trusted.

export type Preview = { delimiter: string; header: string[]; rows: string[][] }

const delimiters = [',', ';', '\t', '|']

/** The header and the first rows of a delimited text; null when there is nothing to read. */
export function readHeader(text: string, rowCount = 4): Preview | null {
  const clean = text.replace(/^\uFEFF/, '')
  if (!clean.trim()) return null
  const best = delimiters
    .map((delimiter) => ({ delimiter, rows: parse(clean, delimiter, rowCount + 1) }))
    .sort((a, b) => score(b.rows) - score(a.rows))[0]!
  const [header = [], ...rows] = best.rows
  return { delimiter: best.delimiter, header: header.map((cell) => cell.trim()), rows }
}

/** More columns win, provided that the rows agree about how many there are. */
function score(rows: string[][]): number {
  const width = rows[0]?.length ?? 0
  const agreeing = rows.filter((row) => row.length === width).length
  return width * (agreeing / rows.length)
}

/** The first `count` records, quotes and line breaks inside them respected. */
function parse(text: string, delimiter: string, count: number): string[][] {
  const records: string[][] = []
  let record: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length && records.length < count; at++) {
    const character = text[at]!
    if (quoted) {
      if (character === '"' && text[at + 1] === '"') {
        cell += '"'
        at++
      } else if (character === '"') quoted = false
      else cell += character
    } else if (character === '"' && cell === '') quoted = true
    else if (character === delimiter) {
      record.push(cell)
      cell = ''
    } else if (character === '\n' || character === '\r') {
      if (character === '\r' && text[at + 1] === '\n') at++
      record.push(cell)
      cell = ''
      if (record.some((one) => one !== '')) records.push(record)
      record = []
    } else cell += character
  }
  if (records.length < count && (cell !== '' || record.length > 0)) records.push([...record, cell])
  return records
}

/** Bytes to text: UTF-8 or UTF-16 by their mark, else UTF-8 where it is valid, else Windows-1252 as Excel writes it. */
export function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    // A cut in the middle of a character at the end of the sample is not an error of the file.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

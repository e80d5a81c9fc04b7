import { inflateSync } from 'node:zlib'

// The text of a PDF of ours, as a reader would select it: what each font's glyphs stand for is written in the file.

const streams = (pdf: string) =>
  [...pdf.matchAll(/(\d+) 0 obj\n([\s\S]*?)endobj/g)].map(([, id, body]) => {
    const at = body!.indexOf('stream\n')
    const head = at < 0 ? body! : body!.slice(0, at)
    const raw = at < 0 ? '' : body!.slice(at + 7, body!.lastIndexOf('\nendstream'))
    const data = head.includes('FlateDecode')
      ? inflateSync(Buffer.from(raw, 'latin1')).toString('latin1')
      : raw
    return { id: id!, head, data }
  })

function glyphs(map: string): Map<string, string> {
  const known = new Map<string, string>()
  const text = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex').swap16().toString('utf16le')
  for (const [, from, , list] of map.matchAll(/<(\w{4})> <(\w{4})> \[([^\]]*)\]/g))
    for (const [at, [, hex]] of [...list!.matchAll(/<([\w ]*)>/g)].entries())
      known.set((Number.parseInt(from!, 16) + at).toString(16).padStart(4, '0'), text(hex!))
  return known
}

export function pdfText(file: Buffer): string {
  const objects = streams(file.toString('latin1'))
  const byId = new Map(objects.map((each) => [each.id, each]))
  const fonts = new Map<string, Map<string, string>>()
  for (const { head } of objects)
    for (const [, name, id] of head.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const map = /\/ToUnicode (\d+) 0 R/.exec(byId.get(id!)?.head ?? '')?.[1]
      if (map) fonts.set(name!, glyphs(byId.get(map)!.data))
    }
  const words: string[] = []
  for (const { data } of objects.filter((each) => / Tf\n/.test(each.data))) {
    let font: Map<string, string> | undefined
    for (const [, name, shown] of data.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
      if (name) font = fonts.get(name)
      else
        words.push(
          [...shown!.matchAll(/<(\w*)>/g)]
            .flatMap(([, hex]) => hex!.match(/\w{4}/g) ?? [])
            .map((glyph) => font?.get(glyph) ?? '')
            .join(''),
        )
    }
  }
  return words.join('\n')
}

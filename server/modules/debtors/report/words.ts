// Glyphs of a page to words, and words to lines. Coordinates are PDF points, origin top left, of the page turned so that its
// text is upright.

export type Glyph = {
  char: string
  x0: number
  x1: number
  y0: number
  y1: number
  /** Where it stands on its base line. */
  x: number
  y: number
  angle: number
}

export type Word = {
  text: string
  x0: number
  x1: number
  /** Base line. */
  y: number
  /** Height of its letters' boxes. */
  h: number
  /** Where each character begins; the last entry is where the word ends. */
  xs: number[]
}

export type Page = {
  page: number
  /** As shown. */
  width: number
  height: number
  rotation: number
  /** Degrees that the text was turned by to be upright, beyond the page's own rotation. */
  turned: number
  words: Word[]
  /** Text that runs across the page: watermarks and stamps. */
  aslant: Word[]
  /** The pitch where all characters are equally wide. */
  pitch: number | null
}

const median = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}

/** The point of the upright text where it stands on the page as shown. */
export const asShown = (page: Page, x: number, y: number): [number, number] => {
  if (page.turned === 90) return [page.width - y, x]
  if (page.turned === 180) return [page.width - x, page.height - y]
  if (page.turned === 270) return [y, page.height - x]
  return [x, y]
}

export function cutWords(
  page: number,
  width: number,
  height: number,
  rotation: number,
  glyphs: Glyph[],
): Page {
  const quarter = (angle: number) => {
    const nearest = Math.round(angle / 90) * 90
    return Math.abs(angle - nearest) < 3 ? nearest % 360 : -1
  }
  const counts = new Map<number, number>()
  for (const glyph of glyphs)
    if (glyph.char !== ' ') counts.set(quarter(glyph.angle), (counts.get(quarter(glyph.angle)) ?? 0) + 1)
  counts.delete(-1)
  const turned = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0
  const upright: Glyph[] = []
  const aslant: Glyph[] = []
  for (const glyph of glyphs) {
    if (quarter(glyph.angle) !== turned) aslant.push(glyph)
    else upright.push(turned === 0 ? glyph : turnBack(glyph, turned, width, height))
  }
  const pitch = pitchOf(upright)
  return {
    page,
    width,
    height,
    rotation,
    turned,
    words: wordsOf(upright, pitch),
    aslant: aslantOf(aslant),
    pitch,
  }
}

/** Text that runs downwards (90), upside down or upwards, seen upright. */
function turnBack(glyph: Glyph, turned: number, width: number, height: number): Glyph {
  const { x0, x1, y0, y1, x, y } = glyph
  if (turned === 90)
    return { ...glyph, x0: y0, x1: y1, y0: width - x1, y1: width - x0, x: y, y: width - x, angle: 0 }
  if (turned === 180)
    return {
      ...glyph,
      x0: width - x1,
      x1: width - x0,
      y0: height - y1,
      y1: height - y0,
      x: width - x,
      y: height - y,
      angle: 0,
    }
  return { ...glyph, x0: height - y1, x1: height - y0, y0: x0, y1: x1, x: height - y, y: x, angle: 0 }
}

function pitchOf(glyphs: Glyph[]): number | null {
  const widths = new Map<number, number>()
  let count = 0
  for (const { x0, x1, char } of glyphs) {
    if (char === ' ') continue
    const width = Math.round((x1 - x0) * 20) / 20
    widths.set(width, (widths.get(width) ?? 0) + 1)
    count++
  }
  const [width, times] = [...widths].sort((a, b) => b[1] - a[1])[0] ?? [0, 0]
  let near = 0
  for (const [each, number] of widths) if (Math.abs(each - width) <= 0.06 + width * 0.02) near += number
  return times > 0 && near >= count * 0.9 ? width : null
}

/** Space between two words of a phrase. */
export const spaceOf = (h: number, pitch: number | null) => pitch ?? h * 0.27

function wordsOf(glyphs: Glyph[], pitch: number | null): Word[] {
  const words: Word[] = []
  for (const row of rowsOf(glyphs, (glyph) => ({ y: glyph.y, h: glyph.y1 - glyph.y0, x: glyph.x0 }))) {
    let word: Word | undefined
    let last: Glyph | undefined
    for (const glyph of row) {
      const h = glyph.y1 - glyph.y0
      if (glyph.char === ' ') {
        // Some programs print blanks over the text: only one that stands after its word ends it.
        if (last && glyph.x0 >= last.x1 - h * 0.15) word = undefined
        continue
      }
      const gap = last ? glyph.x0 - last.x1 : 0
      // Printed twice a hair apart to look bold.
      if (last && last.char === glyph.char && Math.abs(glyph.x0 - last.x0) < h * 0.12) continue
      if (word && gap < Math.max(h * 0.13, pitch ? pitch * 0.4 : 0) && gap > -h * 0.6) {
        word.text += glyph.char
        word.xs[word.xs.length - 1] = glyph.x0
        for (let i = 1; i < glyph.char.length; i++) word.xs.push(glyph.x0)
        word.xs.push(glyph.x1)
        word.x1 = Math.max(word.x1, glyph.x1)
        word.h = Math.max(word.h, h)
      } else {
        word = {
          text: glyph.char,
          x0: glyph.x0,
          x1: glyph.x1,
          y: glyph.y,
          h,
          xs: [...Array(glyph.char.length).fill(glyph.x0), glyph.x1],
        }
        words.push(word)
      }
      last = glyph
    }
  }
  return words
}

function aslantOf(glyphs: Glyph[]): Word[] {
  const words: Word[] = []
  let word: Word | undefined
  let last: Glyph | undefined
  for (const glyph of glyphs) {
    if (word && last && Math.abs(last.angle - glyph.angle) < 2) {
      word.text += glyph.char
      word.x0 = Math.min(word.x0, glyph.x0)
      word.x1 = Math.max(word.x1, glyph.x1)
      word.y = Math.max(word.y, glyph.y1)
      word.h = Math.max(word.h, word.y - glyph.y0)
    } else {
      word = { text: glyph.char, x0: glyph.x0, x1: glyph.x1, y: glyph.y1, h: glyph.y1 - glyph.y0, xs: [] }
      words.push(word)
    }
    last = glyph
  }
  for (const word of words) word.text = word.text.replaceAll(/\s+/g, ' ').trim()
  return words.filter(({ text }) => text !== '')
}

/** What stands on one base line, top to bottom, each from left to right. Sizes that differ much do not share a line. */
export function rowsOf<T>(things: T[], place: (thing: T) => { x: number; y: number; h: number }): T[][] {
  const placed = things.map((thing) => ({ thing, ...place(thing) }))
  placed.sort((a, b) => a.y - b.y || a.x - b.x)
  const rows: { y: number; h: number; things: typeof placed }[] = []
  let open: typeof rows = []
  for (const each of placed) {
    open = open.filter((row) => each.y - row.y <= row.h * 0.6)
    const row = open.find(
      (row) =>
        Math.abs(each.y - row.y) <= Math.min(row.h, each.h) * 0.3 &&
        each.h < row.h * 1.7 + 0.5 &&
        row.h < each.h * 1.7 + 0.5,
    )
    if (row) row.things.push(each)
    else {
      const fresh = { y: each.y, h: each.h, things: [each] }
      rows.push(fresh)
      open.push(fresh)
    }
  }
  rows.sort((a, b) => a.y - b.y)
  return rows.map((row) => row.things.sort((a, b) => a.x - b.x).map(({ thing }) => thing))
}

export const medianOf = median

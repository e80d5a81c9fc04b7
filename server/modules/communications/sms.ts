// How a text is charged: 160 characters of the GSM alphabet in one part, or 70 of any other; in several parts fewer each.

/** GSM 03.38. Those of the second list take two places. */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
const extended = new Set('^{}\\[~]|€\f')

export type Parts = {
  encoding: 'GSM-7' | 'UCS-2'
  parts: number
  /** Places taken, in septets or in units of two bytes. */
  septets: number
  /** The first character that makes the text dear, if one does. */
  foreign: string | null
}

export function partsOf(text: string): Parts {
  const characters = [...text]
  const foreign = characters.find((each) => !basic.has(each) && !extended.has(each)) ?? null
  const widths = characters.map((each) => (foreign ? each.length : extended.has(each) ? 2 : 1))
  const septets = widths.reduce((sum, width) => sum + width, 0)
  const [single, several] = foreign ? [70, 67] : [160, 153]
  let parts = septets === 0 ? 0 : 1
  if (septets > single) {
    // A character of two places is never cut in half: it begins the next part.
    let room = several
    for (const width of widths) {
      if (width > room) {
        parts += 1
        room = several
      }
      room -= width
    }
  }
  return { encoding: foreign ? 'UCS-2' : 'GSM-7', parts, septets, foreign }
}

/** What stands for signs that look the same to a reader and are not in the alphabet. */
const like: Record<string, string> = {
  '\u00a0': ' ',
  '\u2007': ' ',
  '\u2009': ' ',
  '\u202f': ' ',
  '\u200b': '',
  '\u00ad': '',
  '\t': ' ',
  '‘': "'",
  '’': "'",
  '‚': "'",
  '′': "'",
  ʻ: "'",
  ʼ: "'",
  '`': "'",
  '´': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '‑': '-',
  '−': '-',
  '…': '...',
  '•': '-',
  '·': '.',
  '×': 'x',
  '₹': 'Rs ',
  '₽': 'RUB ',
  ç: 'c',
  ı: 'i',
  ł: 'l',
  Ł: 'L',
  œ: 'oe',
  Œ: 'OE',
  đ: 'd',
  Đ: 'D',
}

/**
 * Writes the text with the GSM alphabet where that changes nothing for a reader: quotes, dashes, the fixed space in amounts, ê and ô.
 * Other scripts stay as they are; a text with one letter of them is charged by 70 whatever the rest is.
 */
export function transliterated(text: string): string {
  return [...text.normalize('NFC')]
    .map((each) => {
      if (basic.has(each) || extended.has(each)) return each
      if (like[each] !== undefined) return like[each]
      const bare = each.normalize('NFD').replace(/\p{M}/gu, '')
      return bare !== each && [...bare].every((letter) => basic.has(letter)) ? bare : each
    })
    .join('')
}

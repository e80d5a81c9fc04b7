import { contactsIn } from './contacts.ts'
import type { Placed } from './prepare.ts'
import type { Line } from './tokens.ts'
import type { View } from './views.ts'
import { words } from './wording.ts'

// What the document as a whole says of its lines.

/** The kind of characters of an account number: "AB1234/1" and "XY77/2" have one shape. */
export const shapeOf = (text: string) =>
  text
    .replaceAll(/\d+/g, '9')
    .replaceAll(/\p{L}+/gu, 'A')
    .replaceAll(/\s+/g, ' ')

/** Shapes of account numbers: of lines with amounts, or where these have none, of the lines above them. */
export function shapesOf(views: View[], placed: Placed[]): Map<string, number> {
  const beside = new Map<string, number>()
  const above = new Map<string, number>()
  let anchors = 0
  const add = (to: Map<string, number>, account: string) =>
    to.set(shapeOf(account), (to.get(shapeOf(account)) ?? 0) + 1)
  for (const [at, view] of views.entries()) {
    if (placed[at]!.header || placed[at]!.beforeHeader) continue
    if (words.total.test(view.text) && words.totalStart.test(view.text)) continue
    if (view.figures >= 2) {
      anchors++
      if (view.account !== '') add(beside, view.account)
    } else if (
      view.figures === 0 &&
      view.account !== '' &&
      !words.detail.test(view.text) &&
      !words.foot.test(view.text)
    )
      add(above, view.account)
  }
  const count = [...beside.values()].reduce((sum, each) => sum + each, 0)
  if (count >= anchors * 0.5 || (count > 0 && above.size === 0)) return beside
  // The heads of accounts repeat one shape, which titles and notes do not.
  const shapes = new Map<string, number>()
  const top = Math.max(0, ...above.values())
  for (const [shape, times] of above)
    if (times >= Math.max(1, top * 0.05) && (/9/.test(shape) || top === times)) shapes.set(shape, times)
  return shapes
}

/** Whether most lines with amounts are documents of an account: they begin with a date or carry one before their amounts. */
export function hasDetails(views: View[], placed: Placed[]): boolean {
  let dated = 0
  let all = 0
  for (const [at, view] of views.entries()) {
    if (placed[at]!.header || placed[at]!.beforeHeader || view.figures === 0) continue
    if (words.total.test(view.text)) continue
    all++
    if (words.date.test(leftText(view))) dated++
  }
  return dated >= 3 && dated >= all * 0.3
}

/** Text of account and name, and of columns in between: where documents have their date. */
export const leftText = (view: View) => `${view.account} ${view.name} ${view.other}`

/** Page numbers and times differ; telephone numbers that differ are those of accounts. */
export const normal = (line: Line) => {
  const text = line.text.replaceAll(/\s+/g, ' ')
  const { emails, phones, fields } = contactsIn(text)
  return emails.length + phones.length > 0 || fields ? text : text.replaceAll(/\d+/g, '9')
}

/** Texts that stand at the same height on several pages: heads and feet. */
export function repeatedTexts(placed: Placed[]): Set<string> {
  const pages = new Map<string, Set<number>>()
  const count = new Set(placed.map(({ line }) => line.page)).size
  for (const { line, header } of placed) {
    if (header) continue
    const key = `${normal(line)}@${Math.round(line.y / 6)}`
    const set = pages.get(key) ?? new Set()
    set.add(line.page)
    pages.set(key, set)
  }
  const repeated = new Set<string>()
  for (const [key, set] of pages)
    if (set.size >= Math.max(2, count * 0.3)) repeated.add(key.slice(0, key.lastIndexOf('@')))
  return repeated
}

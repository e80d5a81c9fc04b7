import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { eventWords } from '../../web/admin/event-words.ts'
import { browserOfFile, phone, settled, wide } from './browser.ts'

const browser = browserOfFile()

const pages = [
  '/',
  '/profile',
  '/receivables/invoices',
  '/receivables/invoices/1',
  '/receivables/customers',
  '/receivables/customers/1',
  '/insights',
  '/insights/why',
  '/insights/packs',
  '/admin/rates',
  '/receivables/ageing',
  '/communications',
  '/communications/campaigns/1?outlet=1',
  '/communications/messages',
  '/communications/suppressions',
  '/communications/templates',
  '/communications/rules',
  '/communications/channels',
  '/communications/escalation',
  '/debtors/remind?outlet=1',
  '/debtors',
  '/debtors/1',
  '/debtors/1/reports',
  '/debtors/1/settings',
  '/imports',
  '/imports/1',
  '/imports/missing?decided=all',
  '/imports/sources',
  '/admin/users',
  '/admin/users?open=4',
  '/admin/users?open=invite',
  '/admin/roles',
  '/admin/organisation',
  '/admin/regions',
  '/admin/outlets',
  '/admin/audit',
  '/no-such-page',
]

/** Words that Intl writes (months, days, how long ago), and names of browsers. */
const intlWords =
  /\b(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|january|february|march|april|august|september|october|november|december|mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|this|last|next|yesterday|today|tomorrow|seconds?|minutes?|hours?|days?|months?|years?|ago|chrome|headlesschrome|linux|minute)\b/gi

/** Every text of every answer: what is written in it is data and not ours to translate. */
function dataOf(page: Page): () => Promise<Set<string>> {
  const data = new Set<string>()
  const reading: Promise<void>[] = []
  const add = (...texts: string[]) => {
    for (const text of texts) data.add(text.toLowerCase().trim())
  }
  const collect = (value: unknown, key = ''): void => {
    if (typeof value === 'string') {
      add(value, eventWords(value), ...value.split(', '))
      if (key === 'full_name') add(value.split(' ')[0]!)
      // A chart breaks the names of reasons into lines.
      if (key === 'reason') add(...value.split(' '))
    } else if (value && typeof value === 'object') {
      for (const [name, inner] of Object.entries(value)) {
        add(name)
        collect(inner, name)
      }
    }
  }
  page.on('response', (response) => {
    if ((response.headers()['content-type'] ?? '').includes('json'))
      reading.push(
        response.json().then(
          (value) => collect(value),
          () => {},
        ),
      )
  })
  // The page may show an answer before we have read it.
  return async () => {
    await Promise.all(reading)
    return data
  }
}

/** Finds any of the texts as whole words, the longest first. */
const anyOf = (texts: string[]) =>
  new RegExp(
    `(?<!\\p{L})(?:${texts
      .filter((text) => text.length > 1)
      .sort((a, b) => b.length - a.length)
      .map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
      .join('|')})(?!\\p{L})`,
    'gu',
  )

/** Visible text and names for screen readers that hold an unaccented word. */
const plainTexts = (page: Page) =>
  page.evaluate(() => {
    const found = new Set<string>()
    const add = (text: string | null) => {
      if (text && /[A-Za-z]{3,}/.test(text)) found.add(text.trim())
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement
      if (!parent?.checkVisibility() || parent.closest('script, style, noscript, code, pre, kbd')) continue
      add(node.textContent)
    }
    // What is hidden from screen readers has a name that nobody hears.
    for (const element of document.querySelectorAll(
      '[aria-label]:not([aria-hidden=true]), [placeholder], [title], [alt]',
    ))
      for (const name of ['aria-label', 'placeholder', 'title', 'alt']) add(element.getAttribute(name))
    return [...found]
  })

/** Elements that cut off our own (accented) words. */
const clipped = (page: Page) =>
  page.evaluate(() => {
    const ours = /[áƀçðéƒĝĥîĵķļɱñóþǫŕšţûṽŵẋýž]/
    return [...document.querySelectorAll<HTMLElement>('body *')]
      .filter((element) => {
        const own = [...element.childNodes].some(
          (node) => node.nodeType === 3 && ours.test(node.textContent ?? ''),
        )
        if (!own || element.closest('option, textarea')) return false
        for (let box: HTMLElement | null = element; box && box !== document.body; box = box.parentElement) {
          const style = getComputedStyle(box)
          if (style.position === 'fixed' || style.clipPath !== 'none') return false
          const cutsSideways = /hidden|clip/.test(style.overflowX) && box.scrollWidth > box.clientWidth + 1
          const cutsBelow = /hidden|clip/.test(style.overflowY) && box.scrollHeight > box.clientHeight + 2
          if (box.clientWidth > 1 && box.clientHeight > 1 && (cutsSideways || cutsBelow)) return true
          if (/auto|scroll/.test(style.overflowX + style.overflowY)) return false
        }
        return false
      })
      .map((element) => `${element.tagName} ${element.className} ${element.textContent}`)
  })

describe.each([
  { screen: 'wide', viewport: wide },
  { screen: 'phone', viewport: phone },
])('in the pseudo-locale on a $screen screen', ({ viewport }) => {
  test('everything is translated, and a third more text is cut off nowhere', {
    timeout: 120_000,
  }, async () => {
    const page = await browser.person('admin', { viewport })
    const data = dataOf(page)
    for (const path of pages) {
      await page.goto(`${path}${path.includes('?') ? '&' : '?'}locale=pseudo`)
      await settled(page)
      const isData = anyOf([...(await data())])
      const untranslated = (await plainTexts(page)).filter((text) => {
        const rest = text.toLowerCase().normalize('NFC').replace(isData, ' ').replace(intlWords, ' ')
        return /(?<!\p{L})[a-z]{3,}(?!\p{L})/u.test(rest)
      })
      expect(untranslated, path).toEqual([])
      expect(await clipped(page), path).toEqual([])
    }
    await page.context().close()
  })
})

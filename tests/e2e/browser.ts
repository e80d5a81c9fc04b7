import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { launchChromium } from '../chromium.ts'

// What every story needs: a browser, people who are signed in, and the question whether a page can be used by everybody.

export const demoPassword = 'Duebook-demo-1'
export const wide = { width: 1440, height: 900 }
export const phone = { width: 390, height: 844 }

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const axeRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** One browser per file, closed with it. */
export function browserOfFile() {
  let browser: Browser | undefined
  const cookies = new Map<string, Awaited<ReturnType<BrowserContext['storageState']>>>()
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
  })
  const open = async (options: BrowserContextOptions = {}) => {
    const context = await browser!.newContext({
      baseURL: inject('baseUrl'),
      viewport: wide,
      locale: 'en-GB',
      reducedMotion: 'reduce',
      ...options,
    })
    context.setDefaultTimeout(15_000)
    await context.addInitScript(countFetches)
    return context
  }
  return {
    /** A window of nobody in particular. */
    async visitor(options: BrowserContextOptions = {}): Promise<Page> {
      return (await open(options)).newPage()
    },
    /** A window of a demo person; they sign in by hand once and keep their cookies afterwards. */
    async person(username: string, options: BrowserContextOptions = {}): Promise<Page> {
      const state = cookies.get(username)
      if (state) return (await open({ ...options, storageState: state })).newPage()
      const page = await (await open(options)).newPage()
      await signIn(page, username, demoPassword)
      cookies.set(username, await page.context().storageState())
      return page
    },
  }
}

export async function signIn(page: Page, identifier: string, password: string): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail or username').fill(identifier)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => url.pathname !== '/sign-in')
}

/** Goes to a page and waits until it has its data. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await settled(page)
}

/** Runs in the page: how many answers are awaited, and since when none is. */
function countFetches(): void {
  const state = { awaited: 0, since: performance.now() }
  Object.assign(window, { fetches: state })
  const { fetch } = window
  window.fetch = async (...args) => {
    state.awaited++
    try {
      return await fetch(...args)
    } finally {
      state.awaited--
      state.since = performance.now()
    }
  }
}

/** The heading is there, no answer is awaited, nothing is shown as loading, and the page is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.waitForFunction(() => {
    const { fetches } = window as unknown as { fetches: { awaited: number; since: number } }
    const loading = document.querySelector('[role=status][aria-label]')
    return fetches.awaited === 0 && performance.now() - fetches.since > 120 && loading === null
  })
}

/** What axe finds, a line per rule with the first elements; empty is what we want. */
export async function axe(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource)
  // What is on its way in or out covers what it will not cover, and is paler than it will be.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) =>
          playState !== 'running' || effect?.getTiming().iterations === Number.POSITIVE_INFINITY,
      ),
  )
  return page.evaluate(async (rules) => {
    const { axe } = window as unknown as {
      axe: {
        run: (
          root: Document,
          options: object,
        ) => Promise<{
          violations: { id: string; nodes: { html: string; target: string[]; failureSummary?: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] })
    // What a modal dialog half covers cannot be clicked while it is open, so its size says nothing.
    const isBehind = ({ target }: { target: string[] }) =>
      document.querySelector('[aria-modal="true"]') !== null &&
      !document.querySelector(target[0]!)?.closest('[aria-modal="true"]')
    return violations
      .map(({ id, nodes }) => ({
        id,
        nodes: nodes.filter((node) => id !== 'target-size' || !isBehind(node)),
      }))
      .filter(({ nodes }) => nodes.length > 0)
      .map(
        ({ id, nodes }) =>
          `${id} on ${nodes.length}: ${nodes
            .slice(0, 2)
            .map((node) => `${node.html.slice(0, 200)} ${node.failureSummary}`)
            .join(' | ')}`,
      )
  }, axeRules)
}

/** The page scrolls down only; wide things scroll inside their own frame. What is too wide, or nothing. */
export async function sidewaysScroll(page: Page): Promise<string[]> {
  const [needed, there] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ])
  return needed! > there! ? [`${needed} px wide on ${there} px`] : []
}

/** A page that has just become narrower may take a moment to lay itself out; then it stays within its width. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  await expect.poll(() => sidewaysScroll(page), { timeout: 5_000 }).toEqual([])
}

/** Complaints of the console and requests to elsewhere. The 401 of somebody who is not signed in is no complaint. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  const home = new URL(inject('baseUrl')).host
  page.on('console', (message) => {
    if (message.type() === 'error' && !/401 \(Unauthorized\)/.test(message.text()))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  // What the console says of a refusal names no address.
  page.on('response', (response) => {
    if (response.status() >= 400 && response.status() !== 401)
      complaints.push(`${response.status()} ${response.request().method()} ${response.url()}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.host !== home && !['data:', 'blob:'].includes(url.protocol))
      complaints.push(`request to ${url.host}`)
  })
  return complaints
}

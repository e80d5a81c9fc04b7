import { spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

// A Chromium for the browser tests: on x64 Linux the one inside npm, elsewhere (or where that one does not run) the
// machine's own. CHROMIUM names another.

type Found = { path: string; env: Record<string, string> }

let found: Promise<Found> | undefined

/** Starts a browser; close it after use. Throws when none is to be had, saying what to install. */
export async function launchChromium(): Promise<Browser> {
  found ??= findChromium()
  const { path, env } = await found
  return chromium.launch({
    executablePath: path,
    env: { ...process.env, ...env } as Record<string, string>,
    // Small shared memory (containers) and root are usual where tests run.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none'],
  })
}

async function findChromium(): Promise<Found> {
  const tried: string[] = []
  for (const candidate of candidates()) {
    try {
      const one = await candidate()
      if (!one) continue
      const { status, error, stderr } = spawnSync(one.path, ['--version'], {
        env: { ...process.env, ...one.env },
        encoding: 'utf8',
      })
      if (status === 0 || process.platform === 'win32') return one
      tried.push(`${one.path}: ${error?.message ?? stderr.trim()}`)
    } catch (error) {
      tried.push((error as Error).message)
    }
  }
  throw new Error(
    ['The browser tests need a Chromium or Chrome; install one, or name it in CHROMIUM.', ...tried].join(
      '\n  ',
    ),
  )
}

function candidates(): (() => Promise<Found | undefined> | Found | undefined)[] {
  const own = [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) =>
      ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'].map((path) =>
        join(process.env[name] ?? '', path),
      ),
    ),
  ]
  const named = process.env.CHROMIUM
  if (named) return [() => ({ path: named, env: {} })]
  return [packaged, ...own.map((path) => () => (existsSync(path) ? { path, env: {} } : undefined))]
}

/** @sparticuz/chromium: a compressed headless Chromium for Lambda, with the libraries and a font that a bare system lacks. */
async function packaged(): Promise<Found | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const bin = resolve(dirname(entry), '../bin')
  const { version } = JSON.parse(readFileSync(resolve(dirname(entry), '../package.json'), 'utf8')) as {
    version: string
  }
  const folder = join(cacheFolder(), `chromium-${version}-${process.getuid?.() ?? 0}`)
  if (!existsSync(folder)) {
    // The package unpacks to fixed names in the temporary folder; ours is apart, and complete or absent.
    const draft = `${folder}.${process.pid}`
    mkdirSync(draft, { recursive: true })
    const { TMPDIR } = process.env
    process.env.TMPDIR = draft
    try {
      const { inflate } = await import('@sparticuz/chromium')
      const archives = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br']
      await Promise.all(archives.map((archive) => inflate(join(bin, archive))))
      renameSync(draft, folder)
    } catch (error) {
      rmSync(draft, { recursive: true, force: true })
      if (!existsSync(folder)) throw error // else another run was faster
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = TMPDIR
    }
  }
  const path = join(folder, 'chromium')
  // The system's fonts when there are any, else the one of the package: without fonts there is no text.
  const fonts = join(folder, 'fonts.conf')
  writeFileSync(
    fonts,
    `<?xml version="1.0"?><fontconfig><dir>/usr/share/fonts</dir><dir>${folder}/fonts</dir><cachedir>${folder}/fonts-cache</cachedir></fontconfig>`,
  )
  const env: Record<string, string> = { FONTCONFIG_FILE: fonts }
  const { stderr } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  if (/error while loading shared libraries/.test(stderr ?? ''))
    env.LD_LIBRARY_PATH = join(folder, 'al2023/lib')
  return { path, env }
}

/** Beside the packages, or a private temporary folder where those belong to somebody else. */
function cacheFolder(): string {
  const modules = resolve(import.meta.dirname, '../node_modules')
  try {
    accessSync(modules, constants.W_OK)
    return join(modules, '.cache')
  } catch {
    return join(tmpdir(), `duebook-cache-${process.getuid?.() ?? 0}`)
  }
}

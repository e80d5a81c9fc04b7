import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'
import { measure, overBudget, type Sizes } from './budget.ts'

const webFolder = import.meta.dirname
const dist = `${webFolder}/dist`
const stampFile = `${dist}/.vite/stamp.json`

/**
 * Builds web/dist unless it already belongs to these very sources. Throws when a size limit is broken.
 * Prints one line with the sizes after a build, nothing when there was nothing to do.
 */
export async function buildWeb(): Promise<void> {
  const stamp = await inputsHash()
  if (
    existsSync(stampFile) &&
    (JSON.parse(await readFile(stampFile, 'utf8')) as { stamp: string }).stamp === stamp
  )
    return
  const started = performance.now()
  // Loaded only now: most starts have nothing to build.
  const [{ build }, { viteConfig }] = await Promise.all([import('vite'), import('./vite-config.ts')])
  // Beside, and swapped in when complete: a running server keeps its files, and two starts at once do not mix theirs.
  const draft = `${dist}.${process.pid}`
  await removeAbandoned()
  const config = viteConfig()
  try {
    await build({
      ...config,
      build: { ...config.build, outDir: draft },
      mode: 'production',
      logLevel: 'warn',
    })
    const found = await measure(draft)
    console.log(report(found, performance.now() - started))
    const broken = overBudget(found)
    if (broken.length > 0) throw new Error(`The web build is too big.\n${broken.join('\n')}`)
    await writeFile(stampFile.replace(dist, draft), JSON.stringify({ stamp, sizes: found }))
    const old = `${draft}.old`
    await rename(dist, old).catch(() => {}) // there may be none
    await rename(draft, dist).catch(async (error) => {
      if (!existsSync(stampFile)) throw error // else another start was faster
    })
    await rm(old, { recursive: true, force: true })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Drafts of builds that were killed. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(webFolder)) {
    if (!/^dist\.\d+/.test(name)) continue
    const { mtimeMs } = await stat(`${webFolder}/${name}`)
    if (Date.now() - mtimeMs > 600_000) await rm(`${webFolder}/${name}`, { recursive: true, force: true })
  }
}

function report(found: Sizes, ms: number): string {
  const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`
  const widest = found.routes[0]
  const lazy = widest ? `, largest lazy route ${kb(widest.js)} (${widest.name})` : ''
  return `Web built in ${(ms / 1000).toFixed(1)} s: first load ${kb(found.first_js)} JS + ${kb(found.first_css)} CSS gzipped${lazy}`
}

/** SHA-256 over every source file of the page and the locked package versions. */
async function inputsHash(): Promise<string> {
  const hash = createHash('sha256')
  const entries = await readdir(webFolder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((path) => !/^dist(\.|\/)/.test(path.slice(webFolder.length + 1)) && !/\.test\.tsx?$/.test(path))
    .sort()
  for (const path of [...files, `${webFolder}/../package-lock.json`]) {
    hash
      .update(path.slice(webFolder.length))
      .update('\0')
      .update(await readFile(path))
      .update('\0')
  }
  return hash.digest('hex')
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  try {
    await buildWeb()
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

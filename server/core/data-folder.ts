import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from './config.ts'

// The folder that holds everything Duebook keeps: the embedded database, files, secrets.

/** A mistake of the surroundings, told to the person who starts the server without a stack. */
export class StartError extends Error {}

/** True for root on Unix. */
export const isRoot = process.getuid?.() === 0

/** Creates the folder when needed. Root's is passable for the lesser account that runs PostgreSQL, but not listable. */
export function openDataFolder(folder: string): void {
  try {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) && isRoot) chmodSync(folder, 0o711)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartError(
      `The data folder ${folder} cannot be used (${(error as NodeJS.ErrnoException).code}). ` +
        'Start as its owner, or set DATA_DIR to another folder.',
    )
  }
}

/** The key that signs tokens: SECRET_KEY, or the one generated at the first start. */
export function secretKey(config: Config): string {
  return (
    config.secretKey ?? keep(join(config.dataDir, 'secret.key'), () => randomBytes(32).toString('base64url'))
  )
}

/**
 * Answers the file's text, creating it (0600, flushed to disk) when it does not exist. Of two starts at once one
 * creates it and both read the same.
 */
export function keep(file: string, create: () => string): string {
  const existing = read(file)
  if (existing !== undefined) return existing
  const draft = `${file}.${process.pid}`
  rmSync(draft, { force: true })
  const handle = openSync(draft, 'wx', 0o600)
  try {
    writeSync(handle, create())
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  try {
    linkSync(draft, file) // unlike rename, refuses to replace
    if (process.platform !== 'win32') {
      const folder = openSync(dirname(file), 'r')
      fsyncSync(folder)
      closeSync(folder)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readFileSync(file, 'utf8')
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new StartError(`${file} cannot be read (${code}). Start as the account that created it.`)
  }
}

import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { link, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Refusal } from './errors.ts'

export type StoredFile = { sha256: string; size: number; path: string }

/** Uploads and exports, named by their content: the same bytes are stored once, and a name never changes its bytes. */
export type Files = {
  /** Streams to disk while hashing; 413 beyond `maxSize` bytes, and then nothing is kept. */
  store(source: AsyncIterable<Uint8Array>, maxSize: number): Promise<StoredFile>
  /** Where a stored file lies; null when there is none of that name. */
  find(sha256: string): Promise<StoredFile | null>
}

/** Keeps files in `folder`, as `ab/cdef…`. Half-written ones live in `incoming` and are removed when their upload fails. */
export function localFiles(folder: string): Files {
  const pathOf = (sha256: string) => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError('not the name of a stored file')
    return join(folder, sha256.slice(0, 2), sha256.slice(2))
  }
  return {
    async store(source, maxSize) {
      const incoming = join(folder, 'incoming')
      await mkdir(incoming, { recursive: true, mode: 0o700 })
      const draft = join(incoming, randomBytes(12).toString('hex'))
      const hash = createHash('sha256')
      let size = 0
      try {
        await pipeline(
          source,
          new Transform({
            transform(chunk: Buffer, _encoding, done) {
              size += chunk.length
              if (size > maxSize) return done(tooLarge(maxSize))
              hash.update(chunk)
              done(null, chunk)
            },
          }),
          createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }),
        )
        const sha256 = hash.digest('hex')
        const path = pathOf(sha256)
        await mkdir(join(folder, sha256.slice(0, 2)), { recursive: true })
        // Of two equal uploads at once the first stays. Some file systems have no links: there the second replaces it
        // with the same bytes.
        await link(draft, path).catch((error: NodeJS.ErrnoException) =>
          error.code === 'EEXIST' ? undefined : rename(draft, path),
        )
        return { sha256, size, path }
      } finally {
        await rm(draft, { force: true })
      }
    },
    async find(sha256) {
      const path = pathOf(sha256)
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      return found && { sha256, size: found.size, path }
    },
  }
}

const tooLarge = (maxSize: number) =>
  new Refusal(
    413,
    'too_large',
    `The file is larger than ${Math.floor(maxSize / 1024 / 1024)} MB. Split it, or ask your administrator.`,
  )

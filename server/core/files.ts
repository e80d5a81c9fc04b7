import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream, existsSync, rmSync } from 'node:fs'
import { link, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Refusal } from './errors.ts'

export type StoredFile = { sha256: string; size: number; path: string }

/**
 * Uploads and exports, named by their content within their organisation: the same bytes are stored once, and a name never
 * changes its bytes. Who stores a file holds it until it is released.
 */
export type Files = {
  /** Streams to disk while hashing; 413 beyond `maxSize` bytes, and then nothing is kept. */
  store(tenantId: number, source: AsyncIterable<Uint8Array>, maxSize: number): Promise<StoredFile>
  /** Holds a file that was stored before; undefined when it is gone. */
  hold(tenantId: number, sha256: string, size: number): StoredFile | undefined
  /** Removes the file when its last holder lets go and `isKept` says that nothing refers to it. */
  release(file: StoredFile, isKept: () => Promise<boolean>): Promise<void>
}

/** Keeps files in `folder`, as `7/ab/cdef…`. Half-written ones live in `incoming`, which is emptied at the start. */
export function localFiles(folder: string): Files {
  const incoming = join(folder, 'incoming')
  rmSync(incoming, { recursive: true, force: true })
  /** Path -> its holders of now, and how many there have been since it was last free. */
  const held = new Map<string, { holders: number; taken: number }>()
  const pathOf = (tenantId: number, sha256: string) =>
    join(folder, String(tenantId), sha256.slice(0, 2), sha256.slice(2))
  const take = (path: string) => {
    const hold = held.get(path) ?? { holders: 0, taken: 0 }
    hold.holders++
    hold.taken++
    held.set(path, hold)
  }
  return {
    hold(tenantId, sha256, size) {
      const path = pathOf(tenantId, sha256)
      if (!existsSync(path)) return undefined
      take(path)
      return { sha256, size, path }
    },
    async store(tenantId, source, maxSize) {
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
        const path = pathOf(tenantId, sha256)
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        take(path)
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
    async release({ path }, isKept) {
      const hold = held.get(path)
      if (!hold) return
      hold.holders--
      if (hold.holders > 0) return
      const { taken } = hold
      const kept = await isKept().catch(() => true)
      // Taken again meanwhile: that holder looks when it lets go.
      if (hold.taken !== taken || hold.holders > 0) return
      held.delete(path)
      if (!kept) rmSync(path, { force: true })
    },
  }
}

const tooLarge = (maxSize: number) =>
  new Refusal(
    413,
    'too_large',
    `The file is larger than ${Math.floor(maxSize / 1024 / 1024)} MB. Split it, or ask your administrator.`,
  )

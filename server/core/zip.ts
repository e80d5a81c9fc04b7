import type { Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { Unreadable } from './table.ts'

// A zip file from a stranger. What its directory declares is judged before anything is inflated, and inflating stops
// where a part grows beyond what it declared: a few kilobytes can otherwise become gigabytes.

const MB = 1024 * 1024
const zipLimits = { parts: 10_000, part: 256 * MB, all: 512 * MB, ratio: 200, ratioFrom: 4 * MB }

export type Zip = {
  has(name: string): boolean
  /** Names of parts in lower case, as the format compares them. */
  names(): string[]
  /** The bytes of a part; throws Unreadable when they are not what the directory says. */
  read(name: string): AsyncGenerator<Buffer>
  close(): void
}

export async function openZip(path: string): Promise<Zip> {
  const file = await openPromise(path, { autoClose: false }).catch((error) => {
    throw damaged(error)
  })
  try {
    const parts = await directoryOf(file)
    const partNamed = (name: string) => parts.get(name.toLowerCase())
    return {
      has: (name) => partNamed(name) !== undefined,
      names: () => [...parts.keys()],
      read(name) {
        const part = partNamed(name)
        if (!part)
          throw new Unreadable(`The workbook is damaged: its part ${name} is missing. Save it again.`)
        return inflated(file, part)
      },
      close: () => file.close(),
    }
  } catch (error) {
    file.close()
    throw error
  }
}

async function directoryOf(file: ZipFile): Promise<Map<string, Entry>> {
  if (file.entryCount > zipLimits.parts)
    throw new Unreadable(`The file holds ${file.entryCount} parts; a workbook has some dozens.`)
  const parts = new Map<string, Entry>()
  let all = 0
  try {
    for await (const part of file.eachEntry()) {
      const { fileName, uncompressedSize: size, compressedSize: packed } = part
      all += size
      if (size > zipLimits.part) throw tooLarge(`its part ${fileName.slice(0, 100)} unpacks to`, size)
      if (all > zipLimits.all) throw tooLarge('it unpacks to more than', zipLimits.all)
      if (size > zipLimits.ratioFrom && size > packed * zipLimits.ratio)
        throw tooLarge(
          `its part ${fileName.slice(0, 100)} is packed ${Math.floor(size / Math.max(1, packed))}-fold, to`,
          size,
        )
      const key = fileName.toLowerCase()
      // Which of two would be read depends on the program: what one person checks, another would not see.
      if (parts.has(key))
        throw new Unreadable(`The workbook holds its part ${fileName.slice(0, 100)} twice. Save it again.`)
      parts.set(key, part)
    }
  } catch (error) {
    throw damaged(error)
  }
  return parts
}

async function* inflated(file: ZipFile, part: Entry): AsyncGenerator<Buffer> {
  let stream: Readable | undefined
  let size = 0
  let sum = 0
  try {
    if (part.isEncrypted())
      throw new Unreadable('The file is protected with a password. Remove the password and send it again.')
    if (part.compressionMethod !== 0 && part.compressionMethod !== 8)
      throw new Unreadable('The file is packed in a way that workbooks are not. Save it as .xlsx again.')
    const raw = await file.openReadStreamPromise(part, { decodeFileData: false })
    stream = raw
    if (part.compressionMethod === 8) {
      const inflate = createInflateRaw({ chunkSize: 128 * 1024 })
      raw.on('error', (error) => inflate.destroy(error))
      inflate.on('close', () => raw.destroy())
      stream = raw.pipe(inflate)
    }
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > part.uncompressedSize) break
      sum = crc32(chunk, sum)
      yield chunk
    }
    if (size !== part.uncompressedSize || sum !== part.crc32)
      throw new Unreadable(
        `The workbook is damaged: its part ${part.fileName.slice(0, 100)} is not what the file says it is. Save it again.`,
      )
  } catch (error) {
    throw damaged(error)
  } finally {
    stream?.destroy()
  }
}

const tooLarge = (what: string, bytes: number) =>
  new Unreadable(
    `The file is too large to read: ${what} ${Math.ceil(bytes / MB)} MB. Split it and import the parts, or send it as CSV.`,
  )

/** Errors of the file system stay what they are; all others come from the bytes of the file. */
function damaged(error: unknown): unknown {
  if (error instanceof Unreadable || (error as NodeJS.ErrnoException).syscall) return error
  return new Unreadable(
    `The file is damaged or not complete (${(error as Error).message}). Send it again, or open it in a spreadsheet program and save it again.`,
  )
}

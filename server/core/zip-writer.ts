import { pipeline, Readable } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'

/** A part of a zip file as it is written; its bytes come when it is their turn. */
export type NewPart = { name: string; content: AsyncIterable<Buffer> | Iterable<Buffer> }

const SIZE_MAX = 0xffff_ffff
/** 1 January 1980, the first day that a zip file knows: the same content gives the same bytes. */
const DATE = 0x21
/** Sizes follow the part, names are UTF-8. */
const FLAGS = 0x0808

/** The bytes of a zip file, part by part, in constant memory. Parts may be decided while earlier ones are written. */
export async function* zipOf(parts: AsyncIterable<NewPart> | Iterable<NewPart>): AsyncGenerator<Buffer> {
  const directory: Buffer[] = []
  let at = 0
  for await (const { name, content } of parts) {
    const start = at
    const nameBytes = Buffer.from(name)
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04034b50, 0)
    header.writeUInt16LE(20, 4)
    header.writeUInt16LE(FLAGS, 6)
    header.writeUInt16LE(8, 8)
    header.writeUInt16LE(DATE, 12)
    header.writeUInt16LE(nameBytes.length, 26)
    yield Buffer.concat([header, nameBytes])

    let sum = 0
    let size = 0
    let packed = 0
    const measured = async function* () {
      for await (const chunk of content) {
        sum = crc32(chunk, sum)
        size += chunk.length
        yield chunk
      }
    }
    // The loop below is told what goes wrong.
    const deflated = pipeline(
      Readable.from(measured(), { objectMode: false, highWaterMark: 1 }),
      createDeflateRaw({ chunkSize: 64 * 1024 }),
      () => {},
    )
    for await (const chunk of deflated as AsyncIterable<Buffer>) {
      packed += chunk.length
      yield chunk
    }
    at += 30 + nameBytes.length + packed + 16
    if (at > SIZE_MAX || size > SIZE_MAX) throw new Error('A zip file holds at most 4 GB')

    const sizes = Buffer.alloc(16)
    sizes.writeUInt32LE(0x08074b50, 0)
    sizes.writeUInt32LE(sum, 4)
    sizes.writeUInt32LE(packed, 8)
    sizes.writeUInt32LE(size, 12)
    yield sizes

    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(20, 4)
    header.copy(entry, 6, 4, 14)
    sizes.copy(entry, 16, 4)
    entry.writeUInt16LE(nameBytes.length, 28)
    entry.writeUInt32LE(start, 42)
    directory.push(entry, nameBytes)
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length / 2, 8)
  end.writeUInt16LE(directory.length / 2, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(at, 16)
  yield Buffer.concat([entries, end])
}

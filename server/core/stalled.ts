import { Transform } from 'node:stream'

/**
 * What is written to it comes out again; it is cut when its reader takes nothing for `patience` ms although something waits.
 * A writer that is slow is no fault of the reader.
 */
export function untilStalled(patience: number, why: () => Error): Transform {
  let passed = 0
  let before = 0
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length
      done(null, chunk)
    },
  })
  const timer = setInterval(() => {
    const taken = passed - through.readableLength
    if (taken === before && through.readableLength > 0) through.destroy(why())
    before = taken
  }, patience)
  timer.unref()
  through.once('close', () => clearInterval(timer))
  return through
}

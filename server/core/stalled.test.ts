import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { untilStalled } from './stalled.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})
const stream = () => {
  const through = untilStalled(60_000, () => new Error('stalled'))
  through.on('error', () => {})
  return through
}

test('a reader that takes nothing while something waits is cut', () => {
  const through = stream()
  through.write(Buffer.alloc(100))
  vi.advanceTimersByTime(60_000)
  expect(through.destroyed).toBe(true)
  expect(through.errored).toMatchObject({ message: 'stalled' })
})

test('a reader that takes something is left alone, however slowly', () => {
  const through = stream()
  for (let minute = 0; minute < 5; minute++) {
    through.write(Buffer.alloc(100))
    through.write(Buffer.alloc(100))
    through.read(100)
    vi.advanceTimersByTime(60_000)
  }
  expect(through.destroyed).toBe(false)
})

test('a writer that is slow is no fault of the reader', () => {
  const through = stream()
  through.write(Buffer.alloc(100))
  through.read(100)
  vi.advanceTimersByTime(600_000)
  expect(through.destroyed).toBe(false)
})

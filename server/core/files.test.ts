import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { localFiles } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'files-'))
afterAll(() => rmSync(folder, { recursive: true }))
const files = localFiles(folder)
const bytes = async function* (...texts: string[]) {
  for (const text of texts) yield Buffer.from(text)
}

test('a file is named by its content and stored once, however often it comes', async () => {
  const stored = await Promise.all(
    Array.from({ length: 10 }, () => files.store(1, bytes('Hello, ', 'world'), 100)),
  )
  const sha256 = createHash('sha256').update('Hello, world').digest('hex')
  expect(new Set(stored.map((each) => each.path)).size).toBe(1)
  expect(stored[0]).toMatchObject({ sha256, size: 12 })
  expect(readFileSync(stored[0]!.path, 'utf8')).toBe('Hello, world')
  expect(readdirSync(join(folder, 'incoming'))).toEqual([])
})

test('of a file that is too large nothing stays', async () => {
  await expect(files.store(1, bytes('1234567890', 'x'), 10)).rejects.toMatchObject({ status: 413 })
  expect(readdirSync(join(folder, 'incoming'))).toEqual([])
})

test('a file goes when its last holder lets go and nothing keeps it; those of others stay', async () => {
  const store = (tenant: number) => files.store(tenant, bytes('released'), 100)
  const [first, second, others] = [await store(1), await store(1), await store(2)]
  const nobody = async () => false
  await files.release(first, nobody)
  expect(existsSync(first.path)).toBe(true)
  await files.release(second, nobody)
  expect([first, others].map(({ path }) => existsSync(path))).toEqual([false, true])
  await files.release(others, async () => true)
  await files.release(others, nobody)
  expect(existsSync(others.path)).toBe(true)
})

test('a file that comes again while it is looked for is not removed under its new holder', async () => {
  const first = await files.store(1, bytes('again'), 100)
  let second: typeof first | undefined
  await files.release(first, async () => {
    second = await files.store(1, bytes('again'), 100)
    return false
  })
  expect(existsSync(first.path)).toBe(true)
  await files.release(second!, async () => false)
  expect(existsSync(first.path)).toBe(false)
})

test('what a server that died was still receiving is gone at the next start', () => {
  writeFileSync(join(folder, 'incoming', 'half'), 'x')
  localFiles(folder)
  expect(existsSync(join(folder, 'incoming', 'half'))).toBe(false)
})

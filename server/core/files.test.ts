import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
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
    Array.from({ length: 10 }, () => files.store(bytes('Hello, ', 'world'), 100)),
  )
  const sha256 = createHash('sha256').update('Hello, world').digest('hex')
  expect(new Set(stored.map((each) => each.path)).size).toBe(1)
  expect(stored[0]).toMatchObject({ sha256, size: 12 })
  expect(readFileSync(stored[0]!.path, 'utf8')).toBe('Hello, world')
  expect(await files.find(sha256)).toEqual(stored[0])
  expect(readdirSync(join(folder, 'incoming'))).toEqual([])
})

test('of a file that is too large nothing stays', async () => {
  await expect(files.store(bytes('1234567890', 'x'), 10)).rejects.toMatchObject({ status: 413 })
  expect(readdirSync(join(folder, 'incoming'))).toEqual([])
})

test('only names of stored files lead anywhere', async () => {
  expect(await files.find('0'.repeat(64))).toBeNull()
  await expect(files.find('../../etc/passwd')).rejects.toThrow()
})

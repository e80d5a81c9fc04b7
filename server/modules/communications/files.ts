import { join } from 'node:path'
import type { ApiDeps } from '../../core/api.ts'
import { type Files, localFiles } from '../../core/files.ts'
import { packFiles } from '../insights/pack-files.ts'
import type { MessageFile } from './messages.ts'

// Files that go with messages: statements in a folder of their own, packs where packs lie.

const MAX = 20 * 1024 * 1024
const stores = new Map<string, Files>()
function messageFiles({ config }: Pick<ApiDeps, 'config'>): Files {
  const folder = join(config.dataDir, 'messages')
  const known = stores.get(folder)
  if (known) return known
  const files = localFiles(folder)
  stores.set(folder, files)
  return files
}

/** Keeps a file for the message that is about to be put into the outbox; outside any scope. */
export async function keepFile(
  deps: Pick<ApiDeps, 'config'>,
  tenantId: number,
  bytes: Buffer,
  { name, mime }: { name: string; mime: string },
): Promise<MessageFile> {
  const { sha256, size } = await messageFiles(deps).store(tenantId, once(bytes), MAX)
  return { store: 'messages', sha256, size, name, mime }
}
async function* once(bytes: Buffer) {
  yield bytes
}

/** Where a message's file lies, or undefined when it is gone. */
export function pathOf(
  deps: Pick<ApiDeps, 'config'>,
  tenantId: number,
  file: MessageFile,
): string | undefined {
  const store = file.store === 'packs' ? packFiles(deps) : messageFiles(deps)
  const held = store.hold(tenantId, file.sha256, file.size)
  // What goes with a message is kept for good, so nobody need hold it while it is read.
  if (held) void store.release(held, async () => true)
  return held?.path
}

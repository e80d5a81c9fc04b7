import { join } from 'node:path'
import type { ApiDeps } from '../../core/api.ts'
import { type Files, localFiles } from '../../core/files.ts'

const stores = new Map<string, Files>()
/** Packs lie beside the uploads, in a folder of their own. */
export function packFiles({ config }: Pick<ApiDeps, 'config'>): Files {
  const folder = join(config.dataDir, 'packs')
  const known = stores.get(folder)
  if (known) return known
  const files = localFiles(folder)
  stores.set(folder, files)
  return files
}

/** What a file is, told by its bytes; its name only chooses between kinds that look alike. */
export type Kind = { mime: string; preview: 'pdf' | 'image' | null }

/** So much of the beginning is looked at. */
export const SNIFFED = 8192

const image = (mime: string): Kind => ({ mime, preview: 'image' })
const plain = (mime: string): Kind => ({ mime, preview: null })
const ooxml = (kind: string) => plain(`application/vnd.openxmlformats-officedocument.${kind}`)

/** By the ending of the name: what it says the file is, and whether the bytes agree. */
const kinds: Record<string, { kind: Kind; is: (bytes: Buffer) => boolean }> = {
  pdf: {
    kind: { mime: 'application/pdf', preview: 'pdf' },
    is: (bytes) => bytes.subarray(0, 1024).includes('%PDF-'),
  },
  png: { kind: image('image/png'), is: starts('89504e470d0a1a0a') },
  jpg: { kind: image('image/jpeg'), is: starts('ffd8ff') },
  gif: { kind: image('image/gif'), is: (bytes) => /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)) },
  webp: {
    kind: image('image/webp'),
    is: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  },
  tif: { kind: plain('image/tiff'), is: (bytes) => starts('49492a00')(bytes) || starts('4d4d002a')(bytes) },
  docx: { kind: ooxml('wordprocessingml.document'), is: isPackage },
  xlsx: { kind: ooxml('spreadsheetml.sheet'), is: isPackage },
  pptx: { kind: ooxml('presentationml.presentation'), is: isPackage },
  odt: { kind: plain('application/vnd.oasis.opendocument.text'), is: isPackage },
  ods: { kind: plain('application/vnd.oasis.opendocument.spreadsheet'), is: isPackage },
  doc: { kind: plain('application/msword'), is: isCompound },
  xls: { kind: plain('application/vnd.ms-excel'), is: isCompound },
  ppt: { kind: plain('application/vnd.ms-powerpoint'), is: isCompound },
  msg: { kind: plain('application/vnd.ms-outlook'), is: isCompound },
  eml: {
    kind: plain('message/rfc822'),
    is: (bytes) => isText(bytes) && /^(?:From |[!-9;-~]+:[ \t])/.test(bytes.toString('latin1', 0, 200)),
  },
  csv: { kind: plain('text/csv'), is: isText },
  txt: { kind: plain('text/plain'), is: isText },
}
const aliases: Record<string, string> = { jpeg: 'jpg', tiff: 'tif', tsv: 'csv', text: 'txt', log: 'txt' }

export const allowed =
  'PDF, images (PNG, JPEG, GIF, WebP, TIFF), mail (.eml, .msg), office documents, .csv and .txt'

function starts(hex: string) {
  const wanted = Buffer.from(hex, 'hex')
  return (bytes: Buffer) => bytes.subarray(0, wanted.length).equals(wanted)
}
/** A zip whose first entry is what office packages begin with; nothing is ever unpacked. */
function isPackage(bytes: Buffer) {
  if (!starts('504b0304')(bytes)) return false
  const name = bytes.toString('latin1', 30, 30 + bytes.readUInt16LE(26))
  return /^(?:\[Content_Types\]\.xml|_rels\/|docProps\/|word\/|xl\/|ppt\/|mimetype|META-INF\/)/.test(name)
}
function isCompound(bytes: Buffer) {
  return starts('d0cf11e0a1b11ae1')(bytes)
}
/** Text of one byte or UTF-8 per character, or UTF-16 that says so. */
function isText(bytes: Buffer) {
  if (starts('fffe')(bytes) || starts('feff')(bytes)) return true
  return !bytes.some((byte) => byte < 9 || (byte > 13 && byte < 27) || byte === 127)
}

/** The kind of a file by its name and first bytes, or what is wrong with it. */
export function sniff(name: string, bytes: Buffer): Kind | { problem: string } {
  const ending = (/\.([^.]+)$/.exec(name)?.[1] ?? '').toLowerCase()
  const known = kinds[aliases[ending] ?? ending]
  if (!known)
    return {
      problem: `${ending ? `.${ending} files` : 'Files without an ending'} are not taken. Send ${allowed}.`,
    }
  if (!known.is(bytes))
    return {
      problem: `The name says .${ending}, but the file is something else. Save it as .${ending} again and send that.`,
    }
  return known.kind
}

/** What may be shown in a browser: never what the sender calls it, only what it was found to be. */
export const previewOf = (mime: string): 'pdf' | 'image' | null =>
  Object.values(kinds).find(({ kind }) => kind.mime === mime)?.kind.preview ?? null

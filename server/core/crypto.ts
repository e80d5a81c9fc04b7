import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** Keys derived from SECRET_KEY, one per purpose; the key id lets an older key still open what it sealed. */
export type Keyring = {
  /** HS256 key of access tokens. */
  tokens: Uint8Array
  seal(text: string, context: string): string
  open(sealed: string, context: string): string
  /** Keyed digest for CSRF tokens and the successor of a refresh token. */
  mac(purpose: string, text: string): Buffer
}

const derive = (secret: string, purpose: string) =>
  new Uint8Array(hkdfSync('sha256', secret, 'duebook', purpose, 32))

export function keyring(secret: string, previous: string[] = []): Keyring {
  const sealing = new Map(
    [secret, ...previous].map((each) => {
      const key = derive(each, 'seal')
      return [createHash('sha256').update(key).digest('hex').slice(0, 8), key] as const
    }),
  )
  const [current] = sealing.keys()
  const macKey = derive(secret, 'mac')
  return {
    tokens: derive(secret, 'tokens'),
    /** AES-256-GCM, `v1:key id:iv:ciphertext:tag`. `context` is bound in: text moved to another row does not open. */
    seal(text, context) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', sealing.get(current!)!, iv).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return [
        'v1',
        current,
        ...[iv, body, cipher.getAuthTag()].map((part) => part.toString('base64url')),
      ].join(':')
    },
    open(sealed, context) {
      const [version, keyId, iv, body, tag] = sealed.split(':')
      const key = sealing.get(keyId ?? '')
      if (version !== 'v1' || !key) throw new Error('Sealed with a key that this server does not have')
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv!, 'base64url'))
        .setAAD(Buffer.from(context))
        .setAuthTag(Buffer.from(tag!, 'base64url'))
      return Buffer.concat([decipher.update(Buffer.from(body!, 'base64url')), decipher.final()]).toString(
        'utf8',
      )
    },
    mac: (purpose, text) => createHmac('sha256', macKey).update(purpose).update('\0').update(text).digest(),
  }
}

export const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()
/** 256 random bits, URL-safe: refresh tokens, tickets, reset and invitation links, API keys. */
export const randomToken = (bytes = 32) => randomBytes(bytes).toString('base64url')
export const sameBytes = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b)

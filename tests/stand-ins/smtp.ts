import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A mail server that takes mail with a password, and can refuse, ask to wait, or break off after it took one. */
export type Mood = 'well' | 'no such mailbox' | 'try later' | 'broken'
export type SmtpStandIn = {
  port: number
  user: string
  password: string
  mails: { to: string; raw: string }[]
  mood: (to: string) => Mood
  close(): Promise<void>
}

export async function startSmtp(): Promise<SmtpStandIn> {
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onAuth({ username, password }, _session, done) {
      if (username === self.user && password === self.password) return done(null, { user: username })
      done(Object.assign(new Error('Authentication credentials invalid'), { responseCode: 535 }))
    },
    onRcptTo({ address }, _session, done) {
      const mood = self.mood(address)
      if (mood === 'no such mailbox')
        return done(Object.assign(new Error('No such mailbox'), { responseCode: 550 }))
      if (mood === 'try later')
        return done(Object.assign(new Error('Greylisted, try later'), { responseCode: 451 }))
      done()
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const to = session.envelope.rcptTo[0]!.address
        self.mails.push({ to, raw: Buffer.concat(chunks).toString() })
        if (self.mood(to) === 'broken') {
          for (const connection of (
            server as unknown as { connections: Set<{ _socket: { destroy(): void } }> }
          ).connections)
            connection._socket.destroy()
          return
        }
        done()
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const self: SmtpStandIn = {
    port: (server.server.address() as AddressInfo).port,
    user: 'pharmacy',
    password: 'a-password-of-the-tests',
    mails: [],
    mood: () => 'well',
    close: () => new Promise((done) => server.close(() => done())),
  }
  return self
}

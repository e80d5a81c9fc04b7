import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = {
  method: string
  path: string
  headers: IncomingMessage['headers']
  raw: Buffer
  json: unknown
}
export type StandIn = { url: string; close(): Promise<void> }

/** A server on a free port of this machine that answers as a provider does. */
export async function listen(
  answer: (asked: Asked, response: ServerResponse) => void | Promise<void>,
): Promise<StandIn> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      let json: unknown = null
      try {
        json = JSON.parse(raw.toString())
      } catch {}
      const asked = { method: request.method!, path: request.url!, headers: request.headers, raw, json }
      void Promise.resolve(answer(asked, response)).catch((error: Error) => {
        response.writeHead(500).end(error.message)
      })
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

export function say(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body === undefined ? '' : JSON.stringify(body))
}

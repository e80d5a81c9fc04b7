import type { FastifyRequest } from 'fastify'
import type { Config } from './config.ts'

/** Whether a browser sent this from one of our own pages, or from an origin that the configuration names. */
export function fromOurPages(request: FastifyRequest, config: Pick<Config, 'frontendOrigins'>): boolean {
  const { origin } = request.headers
  const ours =
    origin === undefined ||
    origin === `${request.protocol}://${request.host}` ||
    config.frontendOrigins.includes(origin)
  return ours && request.headers['sec-fetch-site'] !== 'cross-site'
}

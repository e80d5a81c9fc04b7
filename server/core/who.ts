import type { FastifyRequest } from 'fastify'
import type { Actor, TenantFacts } from './scope.ts'

/** The signed-in caller of a request. `actor` and `tenant` are null until the person is inside an organisation. */
export type Who = {
  user_id: number
  session_id: number | null
  api_key_id: number | null
  /** The sign-in door or `api-key`; decides token lifetimes at refresh. */
  door: string
  via: 'bearer' | 'cookie' | 'api-key'
  is_superuser: boolean
  /** Something the person must do before anything else opens. */
  pending: 'second_factor_enrolment' | null
  /** Role codes, strongest family first; the Outstanding Tracker's clients are told apart by them. */
  role_codes: readonly string[]
  actor: Actor | null
  tenant: TenantFacts | null
}

/** Reads who is calling from the request's credentials; null when it carries none. Throws a 401 for bad ones. */
export type Identify = (request: FastifyRequest) => Promise<Who | null>

declare module 'fastify' {
  interface FastifyRequest {
    who: Who | null
    /** Why the credentials were refused; thrown once the rate limit has counted the call. */
    refused: Error | null
  }
}

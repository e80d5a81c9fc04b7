import type { TestApp } from './app.ts'
import { send } from './books.ts'
import { call } from './call.ts'
import { type Organisation, organisation, type Person, person } from './given.ts'

// An organisation with somebody who imports, and what they do with a file step by step.

export type Office = { test: TestApp; org: Organisation; operations: Person }
export async function officeIn(test: TestApp): Promise<Office> {
  const org = await organisation(test)
  return { test, org, operations: await person(test, { in: org, roles: ['Operations'] }) }
}

export const create = (
  { test, operations }: Office,
  content: string | Buffer,
  fields: Record<string, string> = {},
  name = 'ar.csv',
) => send(test, operations, content, fields, { url: '/api/imports', name })
export const revise = ({ test, operations }: Office, id: number, json: unknown) =>
  call(test, `PATCH /api/imports/${id}`, { as: operations, json })
export const act = ({ test, operations }: Office, id: number, verb: string) =>
  call(test, `POST /api/imports/${id}/${verb}`, { as: operations })
/** One import, or what lies under it. */
export const get = async ({ test, operations }: Office, path: string | number) =>
  (await call(test, `GET /api/imports/${path}`, { as: operations })).body

import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import { addAttempt, changeAttempt, listAttempts, removeAttempt } from '../attempts.ts'
import { Attempt, AttemptChange, AttemptInput, AttemptQuery, Attempts } from '../schemas.ts'

export function attemptsRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Collections')
  api.get(
    '/api/receivables/attempts',
    {
      access: 'receivables.read',
      summary: 'Calls, messages and visits, newest first',
      query: AttemptQuery,
      reply: Attempts,
    },
    (scope, { query }) => listAttempts(scope, query),
  )
  api.post(
    '/api/receivables/customers/:id/attempts',
    {
      access: 'receivables.write',
      summary: 'Write down a call, a message or a visit; the next follow-up makes a task',
      params: idParams,
      body: AttemptInput,
      reply: Attempt,
      status: 201,
    },
    (scope, { params, body }) => addAttempt(scope, params.id, body),
  )
  api.put(
    '/api/receivables/attempts/:id',
    {
      access: 'receivables.write',
      summary: 'Correct what one has written down',
      params: idParams,
      body: AttemptChange,
      reply: Attempt,
    },
    async (scope, { params, body }, http) => {
      const attempt = await changeAttempt(scope, http, params.id, body)
      sendVersion(http, attempt)
      return attempt
    },
  )
  api.delete(
    '/api/receivables/attempts/:id',
    {
      access: 'receivables.write',
      summary: 'Take back what one has written down by mistake, with its open follow-up',
      params: idParams,
      reply: Attempt,
    },
    (scope, { params }, http) => removeAttempt(scope, http, params.id),
  )
}

import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import { Task, TaskChange, TaskDone, TaskInput, TaskOwners, TaskQuery, Tasks } from '../schemas.ts'
import { addTask, changeTask, finishTask, listTaskOwners, listTasks, removeTask } from '../tasks.ts'

export function tasksRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Collections')
  api.get(
    '/api/receivables/tasks',
    {
      access: 'receivables.read',
      summary: "What is to be done: one's own, somebody's, or a customer's",
      query: TaskQuery,
      reply: Tasks,
    },
    (scope, { query }) => listTasks(scope, query),
  )
  api.post(
    '/api/receivables/tasks',
    {
      access: 'receivables.write',
      summary: 'Add a task about a customer or an invoice',
      body: TaskInput,
      reply: Task,
      status: 201,
    },
    (scope, { body }) => addTask(scope, body),
  )
  api.put(
    '/api/receivables/tasks/:id',
    {
      access: 'receivables.write',
      summary: 'Change a task: its words, its day, whose it is',
      params: idParams,
      body: TaskChange,
      reply: Task,
    },
    async (scope, { params, body }, http) => {
      const task = await changeTask(scope, http, params.id, body)
      sendVersion(http, task)
      return task
    },
  )
  api.put(
    '/api/receivables/tasks/:id/done',
    {
      access: 'receivables.write',
      summary: 'Mark a task as done, or as not done after all',
      params: idParams,
      body: TaskDone,
      reply: Task,
    },
    async (scope, { params, body }, http) => {
      const task = await finishTask(scope, http, params.id, body.done)
      sendVersion(http, task)
      return task
    },
  )
  api.delete(
    '/api/receivables/tasks/:id',
    { access: 'receivables.write', summary: 'Remove a task', params: idParams, reply: Task },
    (scope, { params }, http) => removeTask(scope, http, params.id),
  )
  api.get(
    '/api/receivables/customers/:id/members',
    {
      access: 'receivables.read',
      summary: 'Colleagues who see a customer: whom one can call by @name there, or give a task',
      params: idParams,
      reply: TaskOwners,
    },
    (scope, { params }) => listTaskOwners(scope, params.id),
  )
}

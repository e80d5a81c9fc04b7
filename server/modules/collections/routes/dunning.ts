import type { FastifyInstance } from 'fastify'
import { type Api, type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import {
  addBlock,
  clearAddress,
  liftBlock,
  listBlocks,
  listDeadAddresses,
  markAddressDead,
} from '../dunning/blocks.ts'
import { dryRun } from '../dunning/dry-run.ts'
import { customerDunning, decideMessages, getMessage, listMessages } from '../dunning/messages.ts'
import { checkDunning } from '../dunning/outgoing.ts'
import {
  addPolicy,
  addStandardPolicy,
  archivePolicy,
  changePolicy,
  choosePolicy,
  listPolicies,
} from '../dunning/policies.ts'
import { prepareMessages } from '../dunning/prepare.ts'
import {
  AddressQuery,
  BlockQuery,
  CustomerDunning,
  DeadAddress,
  DeadAddresses,
  Decided,
  DryRun,
  DryRunInput,
  DunningBlock,
  DunningBlocks,
  DunningMessageDetails,
  DunningMessages,
  DunningPolicies,
  DunningPolicy,
  DunningPolicyInput,
  MessageDecision,
  MessageQuery,
  NewBlock,
  NewDeadAddress,
  PolicyChoice,
  Prepared,
  PrepareInput,
} from '../dunning/schemas.ts'

export function dunningRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Dunning')
  checkDunning()
  policyRoutes(api)
  queueRoutes(api)
  blockRoutes(api)
}

function policyRoutes(api: Api) {
  api.get(
    '/api/receivables/dunning/policies',
    { access: 'receivables.read', summary: 'Dunning policies with their steps', reply: DunningPolicies },
    (scope) => listPolicies(scope),
  )
  api.post(
    '/api/receivables/dunning/policies',
    {
      access: 'receivables.dun',
      summary: 'Add a dunning policy',
      body: DunningPolicyInput,
      reply: DunningPolicy,
      status: 201,
    },
    (scope, { body }) => addPolicy(scope, body),
  )
  api.post(
    '/api/receivables/dunning/policies/standard',
    {
      access: 'receivables.dun',
      summary: 'Begin with the standard policy, where there is none',
      reply: DunningPolicy,
    },
    (scope) => addStandardPolicy(scope),
  )
  api.put(
    '/api/receivables/dunning/policies/:id',
    {
      access: 'receivables.dun',
      summary: 'Change a dunning policy: another version of it',
      params: idParams,
      body: DunningPolicyInput,
      reply: DunningPolicy,
    },
    async (scope, { params, body }, http) => {
      const policy = await changePolicy(scope, http, params.id, body)
      sendVersion(http, policy)
      return policy
    },
  )
  api.delete(
    '/api/receivables/dunning/policies/:id',
    {
      access: 'receivables.dun',
      summary: 'Archive a dunning policy',
      params: idParams,
      reply: DunningPolicy,
    },
    (scope, { params }) => archivePolicy(scope, params.id),
  )
  api.get(
    '/api/receivables/customers/:id/dunning',
    {
      access: 'receivables.read',
      summary: 'Reminders of a customer: what is due, what went out, what stops them',
      params: idParams,
      reply: CustomerDunning,
    },
    (scope, { params }) => customerDunning(scope, params.id),
  )
  api.put(
    '/api/receivables/customers/:id/dunning',
    {
      access: 'receivables.dun',
      summary: 'Give a customer a dunning policy of its own, or the default',
      params: idParams,
      body: PolicyChoice,
      reply: CustomerDunning,
    },
    async (scope, { params, body }) => {
      await choosePolicy(scope, params.id, body.policy_id)
      return customerDunning(scope, params.id)
    },
  )
}

function queueRoutes(api: Api) {
  api.post(
    '/api/receivables/dunning/dry-run',
    {
      access: 'receivables.dun',
      summary: 'Who would get which reminder today, and why others would not; changes nothing',
      body: DryRunInput,
      reply: DryRun,
    },
    (scope, { body }) => dryRun(scope, body),
  )
  api.post(
    '/api/receivables/dunning/prepare',
    {
      access: 'receivables.dun',
      summary: "Put today's reminders into the queue; sends nothing",
      body: PrepareInput,
      reply: Prepared,
    },
    (scope, { body }) => prepareMessages(scope, body),
  )
  api.get(
    '/api/receivables/dunning/messages',
    {
      access: 'receivables.dun',
      summary: 'The queue of reminders',
      query: MessageQuery,
      reply: DunningMessages,
    },
    (scope, { query }) => listMessages(scope, query),
  )
  api.get(
    '/api/receivables/dunning/messages/:id',
    {
      access: 'receivables.read',
      summary: 'One reminder as it would go, with what stops it now',
      params: idParams,
      reply: DunningMessageDetails,
    },
    async (scope, { params }, http) => {
      const message = await getMessage(scope, params.id)
      sendVersion(http, message)
      return message
    },
  )
  api.post(
    '/api/receivables/dunning/messages/decide',
    {
      access: 'receivables.dun',
      summary: 'Approve, hold or cancel reminders, or say that approved ones went out',
      body: MessageDecision,
      reply: Decided,
    },
    (scope, { body }) => decideMessages(scope, body),
  )
}

function blockRoutes(api: Api) {
  api.get(
    '/api/receivables/dunning/blocks',
    {
      access: 'receivables.read',
      summary: 'Who gets no reminders, until when and why',
      query: BlockQuery,
      reply: DunningBlocks,
    },
    (scope, { query }) => listBlocks(scope, query),
  )
  api.post(
    '/api/receivables/dunning/blocks',
    {
      access: 'receivables.write',
      summary: 'Block reminders to a customer, or about an invoice, until a day',
      body: NewBlock,
      reply: DunningBlock,
      status: 201,
    },
    (scope, { body }) => addBlock(scope, body),
  )
  api.post(
    '/api/receivables/dunning/blocks/:id/lift',
    {
      access: 'receivables.write',
      summary: 'Lift a block before its day',
      params: idParams,
      reply: DunningBlock,
    },
    (scope, { params }) => liftBlock(scope, params.id),
  )
  api.get(
    '/api/receivables/dunning/dead-addresses',
    {
      access: 'receivables.dun',
      summary: 'Addresses that messages came back from',
      query: AddressQuery,
      reply: DeadAddresses,
    },
    (scope, { query }) => listDeadAddresses(scope, query),
  )
  api.post(
    '/api/receivables/dunning/dead-addresses',
    {
      access: 'receivables.dun',
      summary: 'Mark an address as dead: nothing is sent there',
      body: NewDeadAddress,
      reply: DeadAddress,
      status: 201,
    },
    (scope, { body }) => markAddressDead(scope, body.address, body.reason),
  )
  api.post(
    '/api/receivables/dunning/dead-addresses/:id/clear',
    {
      access: 'receivables.dun',
      summary: 'An address works again',
      params: idParams,
      reply: DeadAddress,
    },
    (scope, { params }) => clearAddress(scope, params.id),
  )
}

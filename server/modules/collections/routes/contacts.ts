import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor, sendVersion } from '../../../core/api.ts'
import { idParams } from '../../../core/schema.ts'
import { addContact, changeContact, listContacts, removeContact } from '../contacts.ts'
import { Contact, ContactInput, Contacts } from '../schemas.ts'

export function contactsRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Collections')
  api.get(
    '/api/receivables/customers/:id/contacts',
    {
      access: 'receivables.read',
      summary: 'The people of a customer',
      params: idParams,
      reply: Contacts,
    },
    (scope, { params }) => listContacts(scope, params.id),
  )
  api.post(
    '/api/receivables/customers/:id/contacts',
    {
      access: 'receivables.write',
      summary: 'Add a person to a customer',
      params: idParams,
      body: ContactInput,
      reply: Contact,
      status: 201,
    },
    (scope, { params, body }) => addContact(scope, params.id, body),
  )
  api.put(
    '/api/receivables/contacts/:id',
    {
      access: 'receivables.write',
      summary: 'Change a person of a customer',
      params: idParams,
      body: ContactInput,
      reply: Contact,
    },
    async (scope, { params, body }, http) => {
      const contact = await changeContact(scope, http, params.id, body)
      sendVersion(http, contact)
      return contact
    },
  )
  api.delete(
    '/api/receivables/contacts/:id',
    {
      access: 'receivables.write',
      summary: 'Remove a person from a customer; what was said to them stays',
      params: idParams,
      reply: Contact,
    },
    (scope, { params }, http) => removeContact(scope, http, params.id),
  )
}

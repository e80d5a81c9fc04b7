import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type ApiDeps, apiFor, expectVersion, sendVersion } from '../../../core/api.ts'
import type { Scope } from '../../../core/scope.ts'
import { credentialsOf, saveCredentials } from '../credentials.ts'
import {
  changePharmacy,
  createPharmacy,
  listPharmacies,
  type OpenPharmacy,
  openPharmacy,
} from '../pharmacies.ts'
import * as shape from '../schemas.ts'
import { markMedicalAid } from '../store.ts'

/** Pharmacies and what their reminders say of them. */
export function pharmacyRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Debtors', 'debtors')
  const wire = async (scope: Scope, pharmacy: OpenPharmacy): Promise<z.input<typeof shape.Pharmacy>> => {
    const { id, report_id, ...settings } = pharmacy
    return {
      pharmacy_id: id,
      ...settings,
      ...(await credentialsOf(scope, id)),
      currency: scope.tenant.currency,
    }
  }
  api.get(
    '/pharmacies',
    {
      access: 'debtors.read',
      summary: 'Pharmacies that the caller may read, each with its current report',
      query: shape.PharmacyQuery,
      reply: z.array(shape.ListedPharmacy),
    },
    (scope, { query }) => listPharmacies(scope, query),
  )
  api.post(
    '/pharmacies',
    {
      access: 'settings.write',
      summary: 'Add a pharmacy',
      body: shape.PharmacyInput,
      reply: shape.Pharmacy,
      status: 201,
    },
    async (scope, { body }, http) => {
      const id = await createPharmacy(scope, body)
      const pharmacy = await openPharmacy(scope, id)
      await saveCredentials(scope, deps.keys, pharmacy, body)
      sendVersion(http, pharmacy)
      return wire(scope, pharmacy)
    },
  )
  api.get(
    '/pharmacies/:pharmacy_id',
    {
      access: 'debtors.read',
      summary: 'One pharmacy with its settings; credentials are written, never read',
      params: shape.PharmacyParams,
      reply: shape.Pharmacy,
    },
    async (scope, { params }, http) => {
      const pharmacy = await openPharmacy(scope, params.pharmacy_id)
      sendVersion(http, pharmacy)
      return wire(scope, pharmacy)
    },
  )
  api.put(
    '/pharmacies/:pharmacy_id',
    {
      access: ['settings.write', 'debtors.write'],
      summary: 'Change a pharmacy and its settings; what is left out stays',
      params: shape.PharmacyParams,
      body: shape.PharmacyChanges,
      reply: shape.Pharmacy,
    },
    async (scope, { params, body }, http) => {
      const before = await openPharmacy(scope, params.pharmacy_id, 'write')
      expectVersion(http, before)
      await changePharmacy(scope, before, body)
      if (body.medical_aid) await markMedicalAid(scope, before, body.medical_aid)
      const after = await openPharmacy(scope, params.pharmacy_id)
      await saveCredentials(scope, deps.keys, after, body)
      sendVersion(http, after)
      return wire(scope, after)
    },
  )
}

import type { Keyring } from '../../core/crypto.ts'
import type { Scope } from '../../core/scope.ts'
import { listChannels, saveChannel } from '../communications/channels.ts'
import type { OpenPharmacy } from './pharmacies.ts'
import type { PharmacyChanges } from './schemas.ts'

// The document keeps a provider's keys with the pharmacy; here they are its channels'. They are written, never read.

export async function credentialsOf(scope: Scope, pharmacyId: number) {
  const { items } = await listChannels(scope, { outlet_id: pharmacyId })
  const holds = (provider: string, ...names: string[]) =>
    items.some(
      (channel) =>
        channel.provider === provider && names.every((name) => channel.secret_names.includes(name)),
    )
  return {
    has_sendgrid_api_key: holds('sendgrid', 'api_key'),
    has_smsportal_credentials: holds('smsportal', 'client_id', 'api_secret'),
  }
}

/** Null takes a key away; a key that is given makes its provider the pharmacy's. */
export async function saveCredentials(
  scope: Scope,
  keys: Keyring,
  pharmacy: Pick<OpenPharmacy, 'id' | 'name' | 'email'>,
  { sendgrid_api_key, smsportal_client_id, smsportal_api_secret }: PharmacyChanges,
) {
  const { items } = await listChannels(scope, { outlet_id: pharmacy.id })
  const save = async (
    kind: 'email' | 'sms',
    provider: 'sendgrid' | 'smsportal',
    given: Record<string, string | null | undefined>,
    settings: Record<string, string>,
  ) => {
    const said = Object.entries(given).filter(([, value]) => value !== undefined)
    const before = items.find((channel) => channel.kind === kind)
    const takesAway = said.every(([, value]) => value === null)
    if (said.length === 0 || (takesAway && before?.provider !== provider)) return
    await saveChannel(scope, keys, {
      outlet_id: pharmacy.id,
      kind,
      provider,
      secrets: Object.fromEntries(said.map(([name, value]) => [name, value ?? ''])),
      ...(before?.provider === provider ? {} : { settings }),
    })
  }
  await save(
    'email',
    'sendgrid',
    { api_key: sendgrid_api_key },
    { from_name: pharmacy.name, ...(pharmacy.email ? { from_email: pharmacy.email } : {}) },
  )
  await save('sms', 'smsportal', { client_id: smsportal_client_id, api_secret: smsportal_api_secret }, {})
}

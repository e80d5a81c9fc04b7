import { sql } from 'kysely'
import type { ApiDeps } from '../../core/api.ts'
import { Refusal } from '../../core/errors.ts'
import type { Scope, SystemScope } from '../../core/scope.ts'
import { suppress } from './suppressions.ts'

// The link at the end of a mail: whoever holds it can refuse further ones without signing in. It carries the address sealed, so it
// tells nobody anything and cannot be made for somebody else.

const context = (tenantId: number) => `unsubscribe ${tenantId}`

export const unsubscribeLink = (
  { config, keys }: Pick<ApiDeps, 'config' | 'keys'>,
  tenantId: number,
  address: string,
) =>
  `${config.publicUrl}/u/${tenantId}.${Buffer.from(keys.seal(address, context(tenantId))).toString('base64url')}`

/** Behind the wall of the organisation that the link names, as nobody of it. */
export async function openUnsubscribe(
  system: SystemScope,
  { keys }: Pick<ApiDeps, 'keys'>,
  token: string,
): Promise<{ scope: Scope; address: string }> {
  const gone = new Refusal(404, 'link_gone', 'This link is not valid. Answer the e-mail instead.')
  const [, tenant = '0', sealed = ''] = /^(\d{1,15})\.([A-Za-z0-9_-]{20,700})$/.exec(token) ?? []
  const tenantId = Number(tenant)
  let address: string
  try {
    address = keys.open(Buffer.from(sealed, 'base64url').toString(), context(tenantId))
  } catch {
    throw gone
  }
  const { rows } = await sql`select 1 from tenants where id = ${tenantId} and is_active`.execute(system.db)
  if (rows.length === 0) throw gone
  return { scope: await system.enter(tenantId), address }
}

export async function unsubscribe(scope: Scope, address: string) {
  await suppress(scope, { kind: 'email', address, reason: 'opted_out', source: 'the link in an e-mail' })
}

export async function subscribeAgain(scope: Scope, address: string) {
  const { rows } = await sql<{ id: number }>`
    delete from suppressions where tenant_id = ${scope.tenantId} and kind = 'email' and address = ${address} and reason = 'opted_out'
    returning id`.execute(scope.db)
  if (rows[0])
    await scope.record('suppression.lifted', rows[0].id, { kind: 'email', source: 'the link in an e-mail' })
}

export async function isRefused(scope: Scope, address: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from suppressions where tenant_id = ${scope.tenantId} and kind = 'email' and address = ${address}`.execute(
    scope.db,
  )
  return rows.length > 0
}

const asHtml = (text: string) => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`)
const masked = (address: string) => address.replace(/^(.).*(@.*)$/, '$1…$2')

/** A page that works in any mail program's browser: no script, one button. Looking at it changes nothing. */
export function unsubscribePage(organisation: string, address: string, isOut: boolean): string {
  const [words, button, action] = isOut
    ? [
        `${asHtml(organisation)} sends no more reminders to ${asHtml(masked(address))}.`,
        'Send them again',
        'again',
      ]
    : [`${asHtml(organisation)} sends reminders to ${asHtml(masked(address))}.`, 'Stop these e-mails', 'stop']
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${isOut ? 'No more e-mails' : 'Stop these e-mails?'}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 17px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem }
  h1 { font-size: 1.4rem }
  button { font: inherit; padding: .6rem 1.2rem; border-radius: .4rem; border: 1px solid currentColor; background: none; color: inherit; cursor: pointer }
  button:focus-visible { outline: 3px solid }
</style></head>
<body><main><h1>${isOut ? 'No more e-mails' : 'Stop these e-mails?'}</h1><p>${words}</p>
<form method="post"><input type="hidden" name="choice" value="${action}"><button type="submit">${button}</button></form></main></body></html>`
}

import type { ApiDeps } from '../../core/api.ts'
import type { Claimed } from './claim.ts'
import { pathOf } from './files.ts'
import { sealContext } from './messages.ts'
import type { Outgoing, Result } from './providers/provider.ts'
import { unsubscribeLink } from './unsubscribe.ts'

/** The message as it leaves: its words in the open, its files found, and the way to refuse further ones. */
export function prepare(deps: ApiDeps, tenantId: number, message: Claimed): Outgoing | { result: Result } {
  const { id, attempts: attempt, kind, refusable } = message
  const broken = (error: string) => ({ result: { id, attempt, outcome: 'failed' as const, error } })
  let { text, html } = message
  if (message.sealed) {
    try {
      ;({ text, html } = JSON.parse(
        deps.keys.open(message.sealed, sealContext(tenantId, message.dedupe_key)),
      ))
    } catch {
      return broken('Its words were sealed with a key that this server does not have.')
    }
  }
  const headers: Record<string, string> = {}
  if (kind === 'email' && refusable) {
    const link = unsubscribeLink(deps, tenantId, message.address)
    headers['List-Unsubscribe'] = `<${link}>`
    headers['List-Unsubscribe-Post'] = 'List-Unsubscribe=One-Click'
    if (!text.includes('/u/')) text = `${text.trimEnd()}\n\n--\nNo more such e-mails: ${link}\n`
    if (html && !html.includes('/u/'))
      html = withFooter(
        html,
        `<p style="color:#666;font-size:12px"><a href="${link}">No more such e-mails</a></p>`,
      )
  }
  const files: Outgoing['files'] = []
  for (const file of message.files) {
    const path = pathOf(deps, tenantId, file)
    if (!path) return broken(`Its file ${file.name} is gone.`)
    files.push({ name: file.name, mime: file.mime, path })
  }
  return {
    id,
    attempt,
    address: message.address,
    recipient_name: message.recipient_name,
    subject: message.subject ?? '',
    text,
    html,
    headers,
    files,
  }
}

const withFooter = (html: string, footer: string) => {
  const at = html.lastIndexOf('</body>')
  return at < 0 ? html + footer : html.slice(0, at) + footer + html.slice(at)
}

/**
 * A message as HTML that mail programs show alike, made by hand of one table: what they disagree about (grids, style sheets,
 * web fonts, images) is left out, so a compiler such as mjml, with its two hundred packages, would have nothing to do. Templates are plain text;
 * everything is escaped, and no template can bring markup of its own.
 *
 * Its grammar: a blank line begins a paragraph; lines that begin with `- ` are a list; two or more lines of the form `Label: value` are
 * a table; `**words**` are bold; addresses of pages and mail are links. The text part is the same text without the stars.
 */
export type Letterhead = {
  /** Who writes. */
  sender: string
  language: string
  /** Small print below, such as how to unsubscribe. */
  footer?: { text: string; link?: { label: string; url: string } | undefined } | undefined
}

const escaped: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => escaped[sign]!)

const linked = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)])|([a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+)/gi

function inline(text: string): string {
  let html = ''
  let at = 0
  for (const match of text.matchAll(linked)) {
    html += escapeHtml(text.slice(at, match.index))
    const [whole, url] = match
    html += `<a href="${escapeHtml(url ?? `mailto:${whole}`)}" style="color:#0b6e6e">${escapeHtml(whole)}</a>`
    at = match.index + whole.length
  }
  html += escapeHtml(text.slice(at))
  return html.replace(/\*\*([^*\n]+)\*\*/g, '<strong>$1</strong>')
}

const detail = /^([^:\n]{1,40}):\s+(\S.*)$/u
const font = 'font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:24px;color:#1f2933'

function block(paragraph: string): string {
  const lines = paragraph.split('\n')
  if (lines.every((line) => line.startsWith('- ')))
    return `<ul style="margin:0 0 16px;padding-left:24px;${font}">${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join('')}</ul>`
  if (lines.length > 1 && lines.every((line) => detail.test(line))) {
    const cells = lines.map((line) => {
      const [, label, value] = detail.exec(line)!
      return `<tr><td style="padding:4px 16px 4px 0;${font};color:#52606d;vertical-align:top">${inline(label!)}</td><td style="padding:4px 0;${font}"><strong>${inline(value!.replaceAll('**', ''))}</strong></td></tr>`
    })
    return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px;border-collapse:collapse">${cells.join('')}</table>`
  }
  return `<p style="margin:0 0 16px;${font}">${lines.map(inline).join('<br>')}</p>`
}

const paragraphsOf = (text: string) =>
  text
    .replace(/\r\n?/g, '\n')
    .split(/\n[ \t]*\n+/)
    .map((paragraph) =>
      paragraph
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean)
        .join('\n'),
    )
    .filter(Boolean)

export function mailHtml(subject: string, body: string, { sender, language, footer }: Letterhead): string {
  const small = 'font-family:Arial,Helvetica,sans-serif;font-size:13px;line-height:18px;color:#52606d'
  const foot = footer
    ? `<tr><td style="padding:16px 24px;border-top:1px solid #d9e2ec;${small}">${inline(footer.text)}${
        footer.link
          ? ` <a href="${escapeHtml(footer.link.url)}" style="color:#52606d">${escapeHtml(footer.link.label)}</a>`
          : ''
      }</td></tr>`
    : ''
  return `<!doctype html>
<html lang="${escapeHtml(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:0;background:#f5f7fa"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f5f7fa"><tr><td align="center" style="padding:24px 8px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:600px;background:#ffffff;border:1px solid #d9e2ec;border-radius:8px">
<tr><td style="padding:20px 24px;border-bottom:1px solid #d9e2ec;font-family:Arial,Helvetica,sans-serif;font-size:18px;line-height:24px;color:#102a43"><strong>${escapeHtml(sender)}</strong></td></tr>
<tr><td style="padding:24px 24px 8px">${paragraphsOf(body).map(block).join('\n')}</td></tr>
${foot}</table></td></tr></table></body></html>`
}

/** The same as plain text, for who reads mail as text. */
export function mailText(body: string, footer?: Letterhead['footer']): string {
  const words = paragraphsOf(body)
    .join('\n\n')
    .replace(/\*\*([^*\n]+)\*\*/g, '$1')
    .replace(/[\u00a0\u202f]/g, ' ')
  if (!footer) return words
  return `${words}\n\n-- \n${footer.text}${footer.link ? `\n${footer.link.label}: ${footer.link.url}` : ''}`
}

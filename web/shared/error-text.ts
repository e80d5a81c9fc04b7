import { ApiError } from '../api.ts'
import { t } from '../i18n.ts'

/** What a person is told: our own words for what every page can meet, else the server's sentence. */
export function errorText(error: unknown): { sentence: string; requestId: string | undefined } {
  if (!(error instanceof ApiError)) return { sentence: t('core.error_page'), requestId: undefined }
  const requestId = error.requestId
  if (error.code === 'network') return { sentence: t('core.error_network'), requestId }
  if (error.status === 429)
    return { sentence: t('core.error_too_many', { seconds: error.retryAfter ?? 60 }), requestId }
  if (error.status === 412) return { sentence: t('core.error_changed'), requestId }
  if (error.status >= 500) return { sentence: t('core.error_server'), requestId }
  if (error.errors.length > 0 && !error.detail)
    return { sentence: error.errors.map((one) => one.message).join(' '), requestId }
  return { sentence: error.detail || t('core.error_server'), requestId }
}

/** Field messages of a 422, by field name, for a form. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  return Object.fromEntries(
    error.errors.filter((one) => one.path).map((one) => [one.path!.replace(/^body[./]/, ''), one.message]),
  )
}

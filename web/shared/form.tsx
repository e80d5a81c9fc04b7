import { Alert, Group } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { ApiError } from '../api.ts'
import { t } from '../i18n.ts'
import { errorText, fieldErrors } from './error-text.ts'

type FieldForm = { setErrors: (errors: Record<string, string>) => void; getValues: () => object }

/** Runs a form's act once at a time; messages about fields go to the fields, the rest to `error`. */
export function useSubmit<Values>(act: (values: Values) => Promise<unknown>, form?: FieldForm) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const running = useRef(false)
  const submit = async (values: Values) => {
    if (running.current) return
    running.current = true
    setBusy(true)
    setError(null)
    try {
      await act(values)
    } catch (caught) {
      const known = form ? Object.keys(form.getValues()) : []
      const fields = Object.fromEntries(
        Object.entries(fieldErrors(caught)).filter(([name]) => known.includes(name)),
      )
      if (form && Object.keys(fields).length > 0) form.setErrors(fields)
      const everythingShown =
        Object.keys(fields).length > 0 && Object.keys(fields).length === (caught as ApiError).errors.length
      if (!everythingShown) setError(caught)
    } finally {
      running.current = false
      setBusy(false)
    }
  }
  return { busy, error, submit, setError }
}

/** What went wrong with a form, in one sentence, announced. */
export function FormError({ error, sentence }: { error: unknown; sentence?: string | undefined }) {
  if (!error) return null
  const text = errorText(error)
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle size={18} aria-hidden />}>
      {sentence ?? text.sentence}
      {error instanceof ApiError && error.status >= 500 && text.requestId && (
        <Group gap={6}>{t('core.request_id', { id: text.requestId })}</Group>
      )}
    </Alert>
  )
}

/** Field rules that every form shares; null when the value is fine, as @mantine/form wants it. */
export const required = (value: string | null | undefined) =>
  value?.trim() ? null : t('core.required_field')
export const emailRule = (value: string) =>
  /^\S+@\S+\.\S+$/.test(value.trim()) ? null : t('core.email_invalid')

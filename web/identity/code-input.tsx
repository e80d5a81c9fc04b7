import { TextInput } from '@mantine/core'
import { t } from '../i18n.ts'

type Props = { value: string; onChange: (code: string) => void; description?: string; autoFocus?: boolean }

/** One field for the whole code: it can be pasted, dictated and filled by the phone, which six boxes often refuse. */
export function CodeInput({ value, onChange, description, autoFocus }: Props) {
  return (
    <TextInput
      label={t('identity.code')}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="one-time-code"
      inputMode="text"
      autoCapitalize="none"
      spellCheck={false}
      size="md"
      maxLength={40}
      data-autofocus={autoFocus || undefined}
      ref={autoFocus ? focusOnce : undefined}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', letterSpacing: '0.12em' } }}
    />
  )
}

// The step replaced the password form, whose focus is gone with it.
const focused = new WeakSet<HTMLInputElement>()
function focusOnce(input: HTMLInputElement | null): void {
  if (!input || focused.has(input)) return
  focused.add(input)
  input.focus()
}

import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { t } from '../i18n.ts'

export const shortestPassword = 8

export const passwordRule = (value: string) =>
  value.length >= shortestPassword ? null : t('core.password_short', { count: shortestPassword })

/** A new password, which may be shown while it is typed. */
export function NewPassword(props: PasswordInputProps) {
  return (
    <PasswordInput
      label={t('core.new_password')}
      description={t('core.password_hint', { count: shortestPassword })}
      autoComplete="new-password"
      visibilityToggleButtonProps={visibilityToggle()}
      {...props}
    />
  )
}

/** Mantine hides the eye from keyboard and screen reader; it is a button like any other. */
export function visibilityToggle() {
  return { 'aria-label': t('core.show_password'), tabIndex: 0, 'aria-hidden': false } as const
}

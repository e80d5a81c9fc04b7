import { Badge, Button, Group, Modal, PasswordInput, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useMe, useRefreshSession } from '../../session.ts'
import { FormError, required, useSubmit } from '../../shared/form.tsx'
import { visibilityToggle } from '../../shared/password-field.tsx'
import { Section } from '../../shared/section.tsx'
import { done } from '../../shared/toast.tsx'
import { CodeInput } from '../code-input.tsx'
import { Enrolment } from '../enrolment.tsx'

export function SecondFactorSection() {
  const me = useMe()
  const refresh = useRefreshSession()
  const [open, setOpen] = useState<'enrol' | 'disable' | null>(null)
  const { enabled, required: demanded } = me.second_factor
  return (
    <Section
      title={t('identity.second_factor_title')}
      why={t('identity.second_factor_explained')}
      actions={
        <Badge color={enabled ? 'pine' : 'gray'} size="lg">
          {enabled ? t('identity.on') : t('identity.off')}
        </Badge>
      }
    >
      <Group>
        {enabled ? (
          <Button variant="default" disabled={demanded} onClick={() => setOpen('disable')}>
            {demanded ? t('identity.required_by_role') : t('identity.disable')}
          </Button>
        ) : (
          <Button onClick={() => setOpen('enrol')}>{t('identity.enrol')}</Button>
        )}
      </Group>
      <Modal opened={open === 'enrol'} onClose={() => setOpen(null)} title={t('identity.enrol')}>
        <Enrolment
          onDone={() => {
            setOpen(null)
            void refresh()
          }}
        />
      </Modal>
      <Modal opened={open === 'disable'} onClose={() => setOpen(null)} title={t('identity.disable')}>
        <Disable
          onDone={() => {
            setOpen(null)
            void refresh()
            done(t('identity.second_factor_removed'))
          }}
        />
      </Modal>
    </Section>
  )
}

function Disable({ onDone }: { onDone: () => void }) {
  const form = useForm({
    initialValues: { password: '', code: '' },
    validate: { password: required, code: required },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await api('POST', '/api/profile/second-factor/disable', { body: values })
    onDone()
  }, form)
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="md">
        <FormError error={error} />
        <PasswordInput
          label={t('identity.password')}
          autoComplete="current-password"
          visibilityToggleButtonProps={visibilityToggle()}
          {...form.getInputProps('password')}
        />
        <CodeInput value={form.values.code} onChange={(code) => form.setFieldValue('code', code)} />
        <Button type="submit" color="red" loading={busy}>
          {t('identity.disable')}
        </Button>
      </Stack>
    </form>
  )
}

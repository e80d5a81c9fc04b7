import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { NewPassword, passwordRule } from '../shared/password-field.tsx'
import { done } from '../shared/toast.tsx'
import classes from './demo-banner.module.css'

/** Says that the figures are invented, and takes them away on request. */
export function DemoBanner() {
  const [asking, setAsking] = useState(false)
  const demo = useQuery({
    queryKey: ['demo'],
    queryFn: () => api<{ is_demo: boolean }>('GET', '/api/admin/demo'),
  })
  if (!demo.data?.is_demo) return null
  return (
    <section className={classes.banner} aria-label={t('home.demo')}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">{t('home.demo_why')}</Text>
        <Button variant="default" size="sm" onClick={() => setAsking(true)}>
          {t('home.demo_clear')}
        </Button>
      </Group>
      <Modal opened={asking} onClose={() => setAsking(false)} title={t('home.demo_clear')}>
        <Clear onClose={() => setAsking(false)} />
      </Modal>
    </section>
  )
}

/** The demo's password is known to everybody: whoever keeps the organisation chooses their own. */
function Clear({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const form = useForm({ initialValues: { new_password: '' }, validate: { new_password: passwordRule } })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await api('POST', '/api/admin/demo/clear', { body: values })
    onClose()
    done(t('home.demo_cleared'))
    await client.invalidateQueries()
  }, form)
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="md">
        <Text>{t('home.demo_clear_why')}</Text>
        <FormError error={error} />
        <NewPassword {...form.getInputProps('new_password')} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('core.cancel')}
          </Button>
          <Button type="submit" color="red" loading={busy}>
            {t('home.demo_clear')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

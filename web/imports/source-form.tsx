import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { FormError, required, useSubmit } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import type { ImportKind, ImportSource } from '../wire.ts'
import { kindLabel, kinds, kindWhy } from './words.ts'

export function SourceForm({ source, onClose }: { source: ImportSource; onClose: () => void }) {
  const client = useQueryClient()
  const form = useForm({
    initialValues: { name: source.name, kind: (source.kind ?? '') as ImportKind | '' },
    validate: { name: required },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await api('PATCH', `/api/imports/sources/${source.id}`, {
      body: { name: values.name.trim(), kind: values.kind || null },
      ifMatch: ifMatchOf(null, source.version),
    })
    await client.invalidateQueries({ queryKey: ['imports'] })
    done(t('core.saved'))
    onClose()
  }, form)
  return (
    <Modal opened onClose={onClose} title={t('imports.change_source', { name: source.name })}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('imports.source_name')}
            data-autofocus
            maxLength={200}
            {...form.getInputProps('name')}
          />
          <Radio.Group label={t('imports.kind_title')} {...form.getInputProps('kind')}>
            <Stack gap="sm" mt="xs">
              {kinds.map((kind) => (
                <Radio key={kind} value={kind} label={kindLabel(kind)} description={kindWhy(kind)} />
              ))}
            </Stack>
          </Radio.Group>
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {t('core.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

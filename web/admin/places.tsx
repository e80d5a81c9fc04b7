import { Anchor, Badge, Button, Drawer, Group, Stack, Switch } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlus } from '@tabler/icons-react'
import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useCan } from '../session.ts'
import { Confirm } from '../shared/confirm.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Page } from '../shared/page.tsx'
import { Empty, Forbidden, Loaded } from '../shared/states.tsx'
import { done, failed } from '../shared/toast.tsx'
import { SettingsTabs } from './settings-tabs.tsx'

type Place = { id: number; name: string; is_active: boolean; version: number }
/** What the fields of a place need of the form. */
type FieldForm<Values> = { getInputProps(field: keyof Values & string): object }

type Props<Item extends Place, Values extends Record<string, unknown> & { is_active: boolean }> = {
  /** Path segment and query key: regions, departments, outlets. */
  kind: string
  title: string
  addLabel: string
  empty: { title: string; why: string }
  query: UseQueryResult<{ items: Item[] }>
  columns: Column<Item>[]
  valuesOf: (item: Item | null) => Values
  validate: Partial<Record<keyof Values, (value: never) => string | null>>
  fields: (form: FieldForm<Values>) => ReactNode
  bodyOf?: (values: Values) => object
  /** A second way to fill the list, such as the preset regions. */
  extra?: ReactNode
}

/** List, add, change and remove for the small lists an organisation is divided into. */
export function Places<Item extends Place, Values extends Record<string, unknown> & { is_active: boolean }>(
  props: Props<Item, Values>,
) {
  const { title, query, columns, empty, addLabel, extra } = props
  const maySee = useCan('settings.read')
  const mayChange = useCan('settings.write')
  const [editing, setEditing] = useState<Item | 'new' | null>(null)
  const all: Column<Item>[] = [
    {
      key: 'name',
      header: t('admin.name'),
      title: true,
      cell: (item) =>
        mayChange ? (
          <Anchor
            component="button"
            type="button"
            underline="hover"
            inherit
            ta="left"
            data-row-link
            onClick={() => setEditing(item)}
          >
            {item.name}
          </Anchor>
        ) : (
          item.name
        ),
    },
    ...columns,
    {
      key: 'state',
      header: t('admin.state'),
      cell: (item) =>
        item.is_active ? t('admin.active') : <Badge color="gray">{t('admin.inactive')}</Badge>,
    },
  ]
  const add = mayChange && (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setEditing('new')}>
      {addLabel}
    </Button>
  )
  return (
    <Page
      title={title}
      width="form"
      actions={
        maySee &&
        mayChange && (
          <Group gap="xs">
            {extra}
            {add}
          </Group>
        )
      }
    >
      {maySee ? (
        <>
          <SettingsTabs />
          <Loaded query={query}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty
                  {...empty}
                  action={
                    mayChange && (
                      <Group gap="xs">
                        {add}
                        {extra}
                      </Group>
                    )
                  }
                />
              ) : (
                <DataTable caption={title} columns={all} rows={items} rowKey={(item) => item.id} />
              )
            }
          </Loaded>
          <Drawer
            opened={editing !== null}
            onClose={() => setEditing(null)}
            title={editing === 'new' ? addLabel : (editing?.name ?? '')}
          >
            {editing && (
              <Editor {...props} item={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
            )}
          </Drawer>
        </>
      ) : (
        <Forbidden permission="settings.read" />
      )}
    </Page>
  )
}

function Editor<Item extends Place, Values extends Record<string, unknown> & { is_active: boolean }>({
  kind,
  item,
  valuesOf,
  validate,
  fields,
  bodyOf,
  onClose,
}: Props<Item, Values> & { item: Item | null; onClose: () => void }) {
  const client = useQueryClient()
  const [removing, setRemoving] = useState(false)
  const form = useForm<Values>({ initialValues: valuesOf(item), validate: validate as never })
  const read = () => client.invalidateQueries({ queryKey: [kind] })
  const { busy, error, submit } = useSubmit(async (values: Values) => {
    const body = bodyOf ? bodyOf(values) : values
    if (item) await api('PUT', `/api/admin/${kind}/${item.id}`, { body, ifMatch: `"${item.version}"` })
    else await api('POST', `/api/admin/${kind}`, { body })
    done(t('core.saved'))
    await read()
    onClose()
  }, form)
  const remove = useMutation({
    mutationFn: () => api('DELETE', `/api/admin/${kind}/${item!.id}`),
    onSuccess: () => {
      done(t('admin.deleted', { name: item!.name }))
      onClose()
      return read()
    },
    onError: (caught) => {
      setRemoving(false)
      failed(caught)
    },
  })
  return (
    <>
      <form onSubmit={form.onSubmit(submit as never)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          {fields(form)}
          {item && (
            <Switch
              label={t('admin.in_use')}
              description={t('admin.in_use_why')}
              checked={form.values.is_active}
              onChange={(event) =>
                form.setFieldValue('is_active' as never, event.currentTarget.checked as never)
              }
            />
          )}
          <Group>
            <Button type="submit" loading={busy}>
              {t('core.save')}
            </Button>
            {item && (
              <Button variant="outline" color="red" onClick={() => setRemoving(true)}>
                {t('core.delete')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
      <Confirm
        opened={removing}
        title={t('admin.delete_named', { name: item?.name ?? '' })}
        why={t('admin.delete_why')}
        action={t('core.delete')}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setRemoving(false)}
      />
    </>
  )
}

import { Button, Checkbox, Group, Menu, Modal, Stack, TextInput } from '@mantine/core'
import { IconArrowUp, IconBookmark, IconPencil, IconShare, IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import type { View } from '../wire.ts'
import { FormError, useSubmit } from './form.tsx'
import { done, failed } from './toast.tsx'
import { parseSearch } from './url-filters.ts'

/** What is part of a place, not of a view of it. */
const passing = ['page', 'open', 'chosen']

/** Named views of a list. The address stays the state: a view is an address with a name. */
function useViews(page: string) {
  const client = useQueryClient()
  const key = ['views', page]
  const views = useQuery({
    queryKey: key,
    queryFn: () => api<{ items: View[] }>('GET', '/api/views', { query: { path: page } }),
  })
  const act = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      failed(error)
    }
    await client.invalidateQueries({ queryKey: key })
  }
  const items = views.data?.items ?? []
  const mine = items.filter((view) => view.is_mine)
  return {
    items,
    save: (name: string, query: string, shared: boolean) =>
      api<View>('POST', '/api/views', { body: { path: page, name, query, shared } }).finally(() =>
        client.invalidateQueries({ queryKey: key }),
      ),
    change: (view: View, body: Partial<Pick<View, 'name' | 'shared' | 'query'>>) =>
      act(() => api('PUT', `/api/views/${view.id}`, { body, ifMatch: `"${view.version}"` })),
    remove: (view: View) =>
      act(async () => {
        await api('DELETE', `/api/views/${view.id}`)
        done(t('core.view_deleted', { name: view.name }), () =>
          act(() => api('POST', `/api/views/${view.id}/restore`)),
        )
      }),
    first: (view: View) =>
      act(() =>
        api('PUT', '/api/views/order', {
          body: {
            path: page,
            view_ids: [view.id, ...mine.map(({ id }) => id).filter((id) => id !== view.id)],
          },
        }),
      ),
  }
}

/** `page` is where views are kept when several places share them: what is asked of one pharmacy is asked of the next. */
export function ViewsMenu({ page }: { page?: string } = {}) {
  const { pathname: now, search } = useLocation()
  // Of the page it stands on: on the way to another one the address is already that one's.
  const [pathname] = useState(now)
  const navigate = useNavigate()
  const views = useViews(page ?? pathname)
  const [naming, setNaming] = useState<'new' | View | null>(null)
  const query = new URLSearchParams(
    Object.entries(search as Record<string, unknown>)
      .filter(([name, value]) => !passing.includes(name) && typeof value === 'string' && value !== '')
      .map(([name, value]) => [name, String(value)]),
  ).toString()
  const current = views.items.find((view) => view.query === query)
  const open = (view: View) => void navigate({ to: pathname, search: parseSearch(view.query) as never })
  return (
    <>
      <Menu withInitialFocusPlaceholder={false} width={290}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
            {current && query ? current.name : t('core.views')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown aria-label={t('core.views')}>
          {views.items.map((view) => (
            <Menu.Item
              key={view.id}
              onClick={() => open(view)}
              aria-current={view === current || undefined}
              rightSection={
                view.shared ? (
                  <IconShare size={14} role="img" aria-label={t('core.view_shared')} />
                ) : undefined
              }
            >
              {view.is_mine ? view.name : t('core.view_of', { name: view.name, who: view.made_by.full_name })}
            </Menu.Item>
          ))}
          {views.items.length > 0 && <Menu.Divider />}
          <Menu.Item leftSection={<IconBookmark size={16} aria-hidden />} onClick={() => setNaming('new')}>
            {t('core.view_save')}
          </Menu.Item>
          {current?.is_mine && (
            <>
              <Menu.Item
                leftSection={<IconPencil size={16} aria-hidden />}
                onClick={() => setNaming(current)}
              >
                {t('core.view_rename', { name: current.name })}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconShare size={16} aria-hidden />}
                onClick={() => views.change(current, { shared: !current.shared })}
              >
                {current.shared ? t('core.view_unshare') : t('core.view_share')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowUp size={16} aria-hidden />}
                onClick={() => views.first(current)}
              >
                {t('core.view_first')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconTrash size={16} aria-hidden />}
                onClick={() => views.remove(current)}
              >
                {t('core.view_delete')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {naming && (
        <NameView
          name={naming === 'new' ? '' : naming.name}
          asksShared={naming === 'new'}
          onSave={async (name, shared) => {
            if (naming === 'new') await views.save(name, query, shared)
            else await views.change(naming, { name })
            setNaming(null)
          }}
          onClose={() => setNaming(null)}
        />
      )}
    </>
  )
}

function NameView({
  name: before,
  asksShared,
  onSave,
  onClose,
}: {
  name: string
  asksShared: boolean
  onSave: (name: string, shared: boolean) => Promise<void>
  onClose: () => void
}) {
  const [name, setName] = useState(before)
  const [shared, setShared] = useState(false)
  const { busy, error, submit } = useSubmit(() => onSave(name.trim(), shared))
  return (
    <Modal opened onClose={onClose} title={t('core.view_save')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Stack gap="md">
          <FormError error={error} />
          <TextInput
            label={t('core.view_name')}
            value={name}
            maxLength={80}
            required
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {asksShared && (
            <Checkbox
              label={t('core.view_share')}
              checked={shared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={busy} disabled={name.trim() === ''}>
              {t('core.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

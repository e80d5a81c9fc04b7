import { Anchor, Badge, Button, NativeSelect, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Loaded } from '../../shared/states.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { AdminUser, Page } from '../../wire.ts'
import { useRoles } from '../queries.ts'

export function People() {
  const format = useFormat()
  const mayChange = useCan('users.write')
  const roles = useRoles()
  const [filters, setFilters] = useFilters(['search', 'role', 'status', 'sort', 'page', 'open'])
  const { open: _open, ...asked } = filters
  const query = { ...asked, page: pageOf(filters.page), page_size: 50 }
  const users = useQuery({
    queryKey: ['users', query],
    queryFn: ({ signal }) => api<Page<AdminUser>>('GET', '/api/admin/users', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const filtered = Boolean(filters.search || filters.role || filters.status)
  const clear = () => setFilters({ search: undefined, role: undefined, status: undefined })
  const columns: Column<AdminUser>[] = [
    {
      key: 'name',
      header: t('admin.name'),
      title: true,
      cell: (user) => (
        <>
          <Anchor
            component="button"
            type="button"
            underline="hover"
            inherit
            ta="left"
            data-row-link
            onClick={() => setFilters({ open: String(user.id) })}
          >
            {user.full_name || user.username}
          </Anchor>
          {user.full_name && (
            <Text size="xs" c="dimmed">
              {user.username}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'email',
      header: t('admin.email'),
      cell: (user) => <span className="wrap-anywhere">{user.email}</span>,
    },
    {
      key: 'roles',
      header: t('admin.roles'),
      cell: (user) => user.roles.map((role) => role.name).join(', ') || t('core.none'),
    },
    {
      key: 'place',
      header: t('admin.place'),
      cell: (user) =>
        [user.region?.name, user.department?.name, ...user.outlets.map((outlet) => outlet.name)]
          .filter(Boolean)
          .join(', ') || '–',
    },
    {
      key: 'last_login',
      header: t('admin.last_login'),
      cell: (user) => (user.last_login ? format.ago(user.last_login) : t('admin.never')),
    },
    {
      key: 'state',
      header: t('admin.state'),
      cell: (user) =>
        user.is_active ? t('admin.active') : <Badge color="gray">{t('admin.inactive')}</Badge>,
    },
  ]
  return (
    <>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('admin.search_users')}
          value={filters.search}
          onChange={(search) => setFilters({ search }, { replace: true })}
        />
        <NativeSelect
          label={t('admin.role')}
          value={filters.role ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            ...(roles.data?.roles ?? []).map((role) => ({ value: role.code, label: role.name })),
          ]}
          onChange={(event) => setFilters({ role: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('admin.state')}
          value={filters.status ?? ''}
          data={[
            { value: '', label: t('core.filter_all') },
            { value: 'active', label: t('admin.active') },
            { value: 'inactive', label: t('admin.inactive') },
          ]}
          onChange={(event) => setFilters({ status: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('core.sort_by')}
          value={filters.sort ?? 'full_name'}
          data={[
            { value: 'full_name', label: t('admin.name') },
            { value: 'email', label: t('admin.email') },
            { value: 'last_login', label: t('admin.last_login') },
            { value: 'created_at', label: t('admin.created') },
          ]}
          onChange={(event) =>
            setFilters({
              sort: event.currentTarget.value === 'full_name' ? undefined : event.currentTarget.value,
            })
          }
        />
      </FilterBar>
      <Loaded query={users}>
        {(data) =>
          data.items.length === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty
                title={t('admin.no_users')}
                why={t('admin.no_users_why')}
                action={
                  mayChange && (
                    <Button onClick={() => setFilters({ open: 'invite' })}>{t('core.do_invite')}</Button>
                  )
                }
              />
            )
          ) : (
            <>
              <DataTable
                caption={t('core.nav_users')}
                columns={columns}
                rows={data.items}
                rowKey={(user) => user.id}
                stale={users.isPlaceholderData}
              />
              <Pager
                page={data.page}
                pages={data.pages}
                total={data.total}
                pageSize={data.page_size}
                onPage={(page) => setFilters({ page: page === 1 ? undefined : String(page) })}
              />
            </>
          )
        }
      </Loaded>
    </>
  )
}

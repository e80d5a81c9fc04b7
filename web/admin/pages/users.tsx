import { Button, Tabs } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden } from '../../shared/states.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Invitation, JoinRequest } from '../../wire.ts'
import { EditUser } from '../users/edit-user.tsx'
import { Invitations } from '../users/invitations.tsx'
import { Invite } from '../users/invite.tsx'
import { JoinRequests } from '../users/join-requests.tsx'
import { People } from '../users/people.tsx'

export default function Users() {
  const maySee = useCan('users.read')
  const mayChange = useCan('users.write')
  const [{ open, tab = 'people' }, setFilters] = useFilters(['open', 'tab'])
  if (!maySee)
    return (
      <Page title={t('core.nav_users')}>
        <Forbidden permission="users.read" />
      </Page>
    )
  const close = () => setFilters({ open: undefined })
  return (
    <Page
      title={t('core.nav_users')}
      lead={t('admin.users_lead')}
      actions={
        mayChange && (
          <Button
            leftSection={<IconUserPlus size={17} aria-hidden />}
            onClick={() => setFilters({ open: 'invite' })}
          >
            {t('core.do_invite')}
          </Button>
        )
      }
    >
      <UserTabs tab={tab} onTab={(next) => setFilters({ tab: next === 'people' ? undefined : next })} />
      {mayChange && <Invite opened={open === 'invite'} onClose={close} />}
      <EditUser id={open && /^\d+$/.test(open) ? Number(open) : null} onClose={close} />
    </Page>
  )
}

function UserTabs({ tab, onTab }: { tab: string; onTab: (tab: string) => void }) {
  const invitations = useQuery({
    queryKey: ['invitations'],
    queryFn: () => api<{ items: Invitation[] }>('GET', '/api/admin/invitations'),
  })
  const requests = useQuery({
    queryKey: ['join-requests'],
    queryFn: () => api<{ items: JoinRequest[] }>('GET', '/api/admin/join-requests'),
  })
  const open = (items: { state: string }[] | undefined) =>
    items?.filter((one) => one.state === 'open' || one.state === 'pending').length ?? 0
  return (
    <Tabs value={tab} onChange={(next) => next && onTab(next)} keepMounted={false}>
      <Tabs.List aria-label={t('core.nav_users')} mb="md">
        <Tabs.Tab value="people">{t('admin.people')}</Tabs.Tab>
        <Tabs.Tab value="invitations">
          {t('admin.invitations_count', { count: open(invitations.data?.items) })}
        </Tabs.Tab>
        <Tabs.Tab value="requests">
          {t('admin.requests_count', { count: open(requests.data?.items) })}
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="people">
        <People />
      </Tabs.Panel>
      <Tabs.Panel value="invitations">
        <Invitations query={invitations} />
      </Tabs.Panel>
      <Tabs.Panel value="requests">
        <JoinRequests query={requests} />
      </Tabs.Panel>
    </Tabs>
  )
}

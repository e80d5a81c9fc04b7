import { ActionIcon, Tooltip } from '@mantine/core'
import { IconBell } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import classes from './bell.module.css'

/** How much one was told and has not read; the socket says when that changes. */
export function Bell() {
  const navigate = useNavigate()
  const { data } = useQuery({
    queryKey: ['notifications', 'unread'],
    queryFn: () => api<{ unread: number }>('GET', '/api/profile/notifications/unread'),
    staleTime: 60_000,
  })
  const unread = data?.unread ?? 0
  const label = unread > 0 ? t('core.notifications_unread', { count: unread }) : t('core.notifications')
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={() => void navigate({ to: '/notifications' })}
      >
        <IconBell size={20} aria-hidden />
        {unread > 0 && (
          <span className={classes.count} aria-hidden>
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </ActionIcon>
    </Tooltip>
  )
}

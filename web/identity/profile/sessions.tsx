import { Badge, Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useFormat } from '../../session.ts'
import { Section } from '../../shared/section.tsx'
import { Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { Session } from '../../wire.ts'
import { deviceName } from '../device-name.ts'
import classes from './rows.module.css'

export function Sessions() {
  const client = useQueryClient()
  const format = useFormat()
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: () => api<{ items: Session[] }>('GET', '/api/profile/sessions'),
  })
  const end = useMutation({
    mutationFn: (id: number) => api('DELETE', `/api/profile/sessions/${id}`),
    onSuccess: () => {
      done(t('identity.session_ended_done'))
      return client.invalidateQueries({ queryKey: ['sessions'] })
    },
    onError: failed,
  })
  return (
    <Section title={t('identity.sessions')} why={t('identity.sessions_why')}>
      <Loaded query={sessions}>
        {({ items }) => (
          <ul className={classes.rows}>
            {items.map((session) => {
              const { browser, system } = deviceName(session.user_agent)
              const device = browser
                ? t('identity.device', { browser, system: system || t('identity.device_unknown') })
                : t('identity.device_unknown')
              return (
                <li key={session.id} className={classes.row}>
                  <div>
                    <Text size="sm" fw={600}>
                      {device}
                    </Text>
                    <Text size="sm" c="dimmed">
                      {t('identity.session_line', {
                        ip: session.ip ?? t('identity.device_unknown'),
                        when: format.ago(session.last_seen_at),
                      })}
                    </Text>
                  </div>
                  <Group gap="xs">
                    {session.current ? (
                      <Badge>{t('identity.this_session')}</Badge>
                    ) : (
                      <Button
                        variant="default"
                        size="xs"
                        aria-label={t('identity.end_session_of', { device })}
                        loading={end.isPending && end.variables === session.id}
                        onClick={() => end.mutate(session.id)}
                      >
                        {t('identity.end_session')}
                      </Button>
                    )}
                  </Group>
                </li>
              )
            })}
          </ul>
        )}
      </Loaded>
    </Section>
  )
}

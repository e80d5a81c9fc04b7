import { Button, Code, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../api.ts'
import { t } from '../i18n.ts'
import { errorText } from './error-text.ts'
import { permissionLabel } from './permission-label.ts'
import classes from './states.module.css'

/** Waits 150 ms before it shows itself: a fast answer never flickers. */
export function Loading({ lines = 6 }: { lines?: number }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150)
    return () => clearTimeout(timer)
  }, [])
  if (!late) return null
  return (
    <Stack gap="sm" role="status" aria-label={t('core.loading')} className={classes.loading}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical lines that never move
        <Skeleton key={line} height={18} width={`${96 - ((line * 17) % 40)}%`} radius="sm" />
      ))}
    </Stack>
  )
}

type StateProps = {
  title: string
  children?: ReactNode
  action?: ReactNode
  tone?: 'plain' | 'bad'
  role?: 'alert'
}

function State({ title, children, action, tone = 'plain', role }: StateProps) {
  return (
    <div className={`sheet ${classes.state}`} data-tone={tone} role={role}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {children && (
        <Text c="dimmed" maw="56ch" component="div">
          {children}
        </Text>
      )}
      {action && (
        <Group gap="xs" mt="xs">
          {action}
        </Group>
      )}
    </div>
  )
}

/** Nothing here yet: why, and the one thing to do. */
export function Empty({ title, why, action }: { title: string; why: string; action?: ReactNode }) {
  return (
    <State title={title} action={action}>
      {why}
    </State>
  )
}

export function FilteredEmpty({ onClear }: { onClear: () => void }) {
  return (
    <State
      title={t('core.filtered_empty')}
      action={
        <Button variant="default" onClick={onClear}>
          {t('core.clear_filters')}
        </Button>
      }
    >
      {t('core.filtered_empty_why')}
    </State>
  )
}

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { sentence, requestId } = errorText(error)
  return (
    <State
      role="alert"
      tone="bad"
      title={sentence}
      action={onRetry && <Button onClick={onRetry}>{t('core.retry')}</Button>}
    >
      {requestId && (
        <>
          {t('core.request_id_label')} <Code>{requestId}</Code>
        </>
      )}
    </State>
  )
}

export function Forbidden({ permission }: { permission?: string }) {
  return (
    <State title={t('core.forbidden')}>
      {permission
        ? t('core.forbidden_why', { permission: permissionLabel(permission) })
        : t('core.forbidden_role')}
    </State>
  )
}

type LoadedProps<Data> = { query: UseQueryResult<Data>; children: (data: Data) => ReactNode; lines?: number }

/** The states of one query. Data that was read before stays on screen while an update fails. */
export function Loaded<Data>({ query, children, lines }: LoadedProps<Data>) {
  if (query.data !== undefined) return children(query.data)
  if (query.isError) {
    if (query.error instanceof ApiError && query.error.status === 403) return <Forbidden />
    return <Failed error={query.error} onRetry={() => query.refetch()} />
  }
  return <Loading {...(lines === undefined ? {} : { lines })} />
}

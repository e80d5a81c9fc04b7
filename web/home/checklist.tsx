import { Text, VisuallyHidden } from '@mantine/core'
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { can, useMe } from '../session.ts'
import { Section } from '../shared/section.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { AdminUser, Page } from '../wire.ts'
import classes from './home.module.css'

/** First steps of an administrator, ticked by what is there. */
export function Checklist() {
  const me = useMe()
  const count = (path: string, key: string, permission: string) => ({
    queryKey: [key, 'count'],
    enabled: can(me, permission),
    queryFn: async () => {
      const answer = await api<Page<AdminUser> | { items: unknown[] }>('GET', path)
      return 'total' in answer ? answer.total : answer.items.length
    },
  })
  const people = useQuery(count('/api/admin/users?page_size=1', 'users', 'users.read'))
  const imports = useQuery(count('/api/imports?page_size=1', 'imports', 'receivables.import'))
  const regions = useQuery(count('/api/admin/regions', 'regions', 'settings.read'))
  const steps = [
    { to: '/admin/users', label: t('home.step_people'), done: (people.data ?? 0) > 1 },
    { to: '/admin/regions', label: t('home.step_regions'), done: (regions.data ?? 0) > 0 },
    { to: '/imports', label: t('home.step_import'), done: (imports.data ?? 0) > 0 },
    { to: '/profile', label: t('home.step_second_factor'), done: me.second_factor.enabled },
  ]
  const left = steps.filter((step) => !step.done).length
  return (
    <Section
      title={t('home.checklist')}
      why={left === 0 ? t('home.all_done') : t('home.steps_left', { count: left })}
    >
      <ul className={classes.steps}>
        {steps.map((step) => (
          <li key={step.to} className={classes.step} data-done={step.done || undefined}>
            {step.done ? (
              <IconCircleCheckFilled size={20} className={classes.tick} aria-hidden />
            ) : (
              <IconCircle size={20} aria-hidden />
            )}
            {step.done ? (
              <Text component="span">
                {step.label} <VisuallyHidden>{t('home.done')}</VisuallyHidden>
              </Text>
            ) : (
              <TextLink to={step.to}>{step.label}</TextLink>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}

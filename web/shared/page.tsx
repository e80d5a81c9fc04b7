import { Box, Group, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { t } from '../i18n.ts'
import { useHeadingFocus } from './heading-focus.ts'
import classes from './page.module.css'

type Props = {
  title: string
  /** One line under the title: what the page is for, or its as-of date. */
  lead?: ReactNode
  actions?: ReactNode
  children: ReactNode
  width?: 'full' | 'form'
}

/** Heading (which receives focus after navigation, see router.tsx), window title and the page's actions. */
export function Page({ title, lead, actions, children, width = 'full' }: Props) {
  const heading = useHeadingFocus()
  useEffect(() => {
    document.title = t('core.window_title', { page: title })
  }, [title])
  return (
    <Box className={classes.page} data-width={width}>
      <Group justify="space-between" align="flex-start" gap="sm" mb="lg" className={classes.head}>
        <Box className={classes.words}>
          <Title ref={heading} order={1} size="h2" tabIndex={-1}>
            {title}
          </Title>
          {lead && (
            <Text c="dimmed" mt={2} component="div">
              {lead}
            </Text>
          )}
        </Box>
        {actions && (
          <Group gap="xs" className="no-print">
            {actions}
          </Group>
        )}
      </Group>
      {children}
    </Box>
  )
}

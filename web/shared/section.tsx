import { Group, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import classes from './section.module.css'

/** A titled sheet of a page. */
export function Section({
  title,
  why,
  actions,
  children,
}: {
  title: string
  why?: ReactNode
  actions?: ReactNode
  children?: ReactNode
}) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={`sheet ${classes.section}`}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className={classes.words}>
          <Title order={2} size="h4" id={id}>
            {title}
          </Title>
          {why && (
            <Text size="sm" c="dimmed" component="div" mt={2}>
              {why}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children && <div className={classes.body}>{children}</div>}
    </section>
  )
}

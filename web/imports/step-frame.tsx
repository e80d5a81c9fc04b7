import { Group, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './step-frame.module.css'

type Props = { title: string; why?: ReactNode; actions?: ReactNode; children?: ReactNode }

/** One step of an import. Its heading takes the focus when the step changes (wizard.tsx). */
export function StepFrame({ title, why, actions, children }: Props) {
  return (
    <section aria-labelledby="step">
      <Group justify="space-between" align="flex-end" gap="sm" mb="md">
        <div className={classes.words}>
          <Title order={2} size="h3" id="step" tabIndex={-1} className={classes.title}>
            {title}
          </Title>
          {why && (
            <Text c="dimmed" component="div">
              {why}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </section>
  )
}

import { Alert, Button, Group, Stack } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { t } from '../i18n.ts'
import { Rejects } from './rejects.tsx'
import { StepFrame } from './step-frame.tsx'
import type { StepProps } from './wizard.tsx'

/** Refused, failed or cancelled: why, what was wrong with the rows, and where to go from here. */
export function Stopped({ one }: StepProps) {
  const title =
    one.status === 'cancelled'
      ? t('imports.cancelled')
      : one.status === 'failed'
        ? t('imports.failed')
        : t('imports.refused')
  return (
    <StepFrame title={title} why={t('imports.nothing_written')}>
      <Stack gap="lg">
        {one.problem && (
          <Alert color="red" role="alert" icon={<IconAlertTriangle size={18} aria-hidden />}>
            <span className="wrap-anywhere">{one.problem}</span>
          </Alert>
        )}
        <Group>
          <Button component={Link} to="/imports">
            {t('imports.another')}
          </Button>
        </Group>
        {one.rejects.length > 0 && <Rejects one={one} />}
      </Stack>
    </StepFrame>
  )
}

import { Button, Group, Progress, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { ImportDetails } from '../wire.ts'
import { type Acts, useProgress } from './use-import.ts'
import { workLabel } from './words.ts'
import classes from './working.module.css'

type Props = { one: ImportDetails; acts: Acts; cancellable?: boolean; floating?: boolean }

/** Reading, publishing or taking back: which step, how many rows. Floating, it moves nothing that is on the page. */
export function Working({ one, acts, cancellable, floating }: Props) {
  const format = useFormat()
  const progress = useProgress(one)
  const fallback = one.status === 'publishing' ? 'writing' : one.status
  const share =
    progress && progress.of > 0 && progress.rows > 0 ? Math.min(1, progress.rows / progress.of) : null
  return (
    <div className={`sheet ${classes.working}`} data-floating={floating || undefined}>
      <Group justify="space-between" gap="sm" mb="xs">
        <Text role="status" fw={600}>
          {workLabel(progress?.step ?? fallback)}
          {progress && progress.rows > 0 && (
            <Text component="span" c="dimmed" fw={400}>
              {' '}
              {progress.of > progress.rows
                ? t('imports.rows_of', { rows: format.number(progress.rows), of: format.number(progress.of) })
                : t('imports.rows_done', { rows: format.number(progress.rows) })}
            </Text>
          )}
        </Text>
        {cancellable && (
          <Button variant="default" loading={acts.doing === 'cancel'} onClick={() => acts.cancel()}>
            {one.status === 'publishing' ? t('imports.cancel_publish') : t('imports.cancel')}
          </Button>
        )}
      </Group>
      <Progress
        value={share === null ? 100 : share * 100}
        animated={share === null}
        striped={share === null}
        aria-label={t('imports.progress')}
      />
    </div>
  )
}

import { Badge, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { Promised } from '../wire.ts'
import { paidWords, verdictColour, verdictLabel } from './words.ts'

/** What came of a promise, and when: an estimate is called one. */
export function VerdictBadge({ promise }: { promise: Promised }) {
  const format = useFormat()
  const when = paidWords(promise, format)
  return (
    <>
      <Badge
        color={promise.is_waiting ? 'brass' : (verdictColour[promise.verdict] ?? 'gray')}
        variant="light"
      >
        {verdictLabel(promise)}
      </Badge>
      {when && (promise.verdict === 'kept' || promise.verdict === 'partially_kept') && (
        <Text size="xs" c="dimmed">
          {when}
          {promise.is_estimate && ` (${t('promises.estimate')})`}
        </Text>
      )}
    </>
  )
}

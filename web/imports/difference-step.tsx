import { Alert, Button, Group, List, Stack, Tabs, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { Section } from '../shared/section.tsx'
import { useFilters } from '../shared/use-filters.ts'
import { countOf, taken } from './counts.ts'
import { GroupsTable } from './groups-table.tsx'
import { Questions } from './questions.tsx'
import { stepOf } from './reading.ts'
import { Reconciliation } from './reconciliation.tsx'
import { RowsTable } from './rows-table.tsx'
import { StepFrame } from './step-frame.tsx'
import type { StepProps } from './wizard.tsx'
import { kindLabel, outcomeLabel, outcomes } from './words.ts'

/** What publishing would change, in rows and in money. Nothing is written before it. */
export function DifferenceStep({ one, acts, onStep }: StepProps) {
  const asked = one.questions.filter((question) => stepOf(question) === 'difference')
  return (
    <StepFrame
      title={t('imports.difference_title')}
      why={
        <>
          {t('imports.difference_why')}
          {one.kind && (
            <Text size="sm" className="wrap-anywhere">
              {t('imports.read_as', {
                kind: kindLabel(one.kind),
                source: one.source?.name ?? t('imports.source_new'),
              })}
            </Text>
          )}
        </>
      }
      actions={
        one.status === 'checked' &&
        taken(one) > 0 && (
          <Button
            size="md"
            disabled={acts.busy}
            loading={acts.doing === 'publish'}
            onClick={() => acts.publish()}
          >
            {t('imports.publish', { count: taken(one) })}
          </Button>
        )
      }
    >
      <Stack gap="md">
        {asked.length > 0 && <Questions questions={asked} acts={acts} />}
        {one.status === 'checked' && <Compared one={one} onStep={onStep} />}
      </Stack>
    </StepFrame>
  )
}

function Compared({ one, onStep }: Pick<StepProps, 'one' | 'onStep'>) {
  const format = useFormat()
  return (
    <>
      {one.rejected > 0 && (
        <Alert color="brass">
          <Group justify="space-between" gap="sm">
            <Text size="sm">{t('imports.rejected_stay_out', { count: one.rejected })}</Text>
            <Button variant="default" onClick={() => onStep('fix')}>
              {t('imports.to_fix')}
            </Button>
          </Group>
        </Alert>
      )}
      <Section title={t('imports.money_title')} why={t('imports.money_why', { day: format.day(one.as_of) })}>
        <GroupsTable one={one} />
      </Section>
      <Reconciliation one={one} />
      {one.warnings.length > 0 && <Warnings warnings={one.warnings} />}
      <Rows one={one} />
    </>
  )
}

export function Warnings({ warnings }: { warnings: string[] }) {
  return (
    <Section title={t('imports.warnings')}>
      <List size="sm" spacing={4}>
        {warnings.map((warning) => (
          <List.Item key={warning} className="wrap-anywhere">
            {warning}
          </List.Item>
        ))}
      </List>
    </Section>
  )
}

/** The rows behind the counts, a tab for each kind of outcome. */
export function Rows({ one }: Pick<StepProps, 'one'>) {
  const [filters, setFilters] = useFilters(['tab', 'search', 'page'])
  const format = useFormat()
  const filled = outcomes.filter((outcome) => countOf(one, outcome) > 0)
  const tab = filled.find((outcome) => outcome === filters.tab) ?? filled[0]
  const linked = useCan('receivables.read') && one.status === 'published'
  if (!tab) return null
  return (
    <section aria-label={t('imports.rows_by_outcome')}>
      <Tabs
        value={tab}
        onChange={(next) => setFilters({ tab: next ?? undefined, search: undefined })}
        keepMounted={false}
      >
        <Tabs.List mb="md" aria-label={t('imports.rows_by_outcome')}>
          {filled.map((outcome) => (
            <Tabs.Tab key={outcome} value={outcome}>
              {t('imports.tab', { name: outcomeLabel(outcome), count: format.number(countOf(one, outcome)) })}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {filled.map((outcome) => (
          <Tabs.Panel key={outcome} value={outcome}>
            <RowsTable id={one.id} outcome={outcome} linked={linked} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </section>
  )
}

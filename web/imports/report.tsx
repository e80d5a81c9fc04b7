import { Alert, Button, Stack } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { Section } from '../shared/section.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { taken } from './counts.ts'
import { Rows, Warnings } from './difference-step.tsx'
import { GroupsTable } from './groups-table.tsx'
import { Addition } from './reconciliation.tsx'
import { RejectedDownload } from './rejects.tsx'
import classes from './report.module.css'
import { StepFrame } from './step-frame.tsx'
import { Undo } from './undo.tsx'
import type { StepProps } from './wizard.tsx'

/** What an import did: counts that add up to the rows of the file, money, links to what it made, and the way back. */
export function Report({ one, acts }: StepProps) {
  const format = useFormat()
  const maySeeInvoices = useCan('receivables.read')
  const [undoing, setUndoing] = useState(false)
  const reverted = one.status === 'reverted'
  return (
    <StepFrame
      title={reverted ? t('imports.reverted') : t('imports.published', { count: taken(one) })}
      why={
        reverted
          ? t('imports.reverted_why')
          : t('imports.published_why', {
              who: one.created_by ?? t('core.product'),
              when: format.instant(one.published_at ?? one.created_at),
            })
      }
      actions={
        reverted ? (
          <Button component={Link} to="/imports">
            {t('imports.another')}
          </Button>
        ) : (
          <>
            <Button variant="default" color="red" disabled={acts.busy} onClick={() => setUndoing(true)}>
              {t('imports.undo')}
            </Button>
            {maySeeInvoices && (
              <Button component={Link} to="/receivables/ageing">
                {t('imports.see_ageing')}
              </Button>
            )}
          </>
        )
      }
    >
      <Stack gap="md">
        {!reverted && maySeeInvoices && (
          <nav aria-label={t('imports.see')}>
            <ul className={classes.links}>
              <li>
                <TextLink to="/receivables/invoices" search={{ import_id: String(one.id), status: 'all' }}>
                  {t('imports.see_invoices')}
                </TextLink>
              </li>
              {one.missing > 0 && (
                <li>
                  <TextLink to="/imports/missing" search={{ import_id: String(one.id) }}>
                    {t('imports.see_missing', { count: one.missing })}
                  </TextLink>
                </li>
              )}
            </ul>
          </nav>
        )}
        {!reverted && one.rejected > 0 && (
          <Alert color="brass" title={t('imports.rejected_left_out', { count: one.rejected })}>
            {t('imports.rejects_why')}
            <div style={{ marginTop: 8 }}>
              <RejectedDownload id={one.id} />
            </div>
          </Alert>
        )}
        <Section title={t('imports.rows_title')} why={t('imports.rows_why', { day: format.day(one.as_of) })}>
          <Addition one={one} />
        </Section>
        <Section title={t('imports.money_title')} why={t('imports.money_done_why')}>
          <GroupsTable one={one} />
        </Section>
        {one.warnings.length > 0 && <Warnings warnings={one.warnings} />}
        <Rows one={one} />
      </Stack>
      {undoing && <Undo one={one} acts={acts} onClose={() => setUndoing(false)} />}
    </StepFrame>
  )
}

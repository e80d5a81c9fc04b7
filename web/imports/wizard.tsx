import { Alert, List, Stack, VisuallyHidden } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { t } from '../i18n.ts'
import { FormError } from '../shared/form.tsx'
import { Loading } from '../shared/states.tsx'
import { useFilters } from '../shared/use-filters.ts'
import type { ImportDetails, ImportRevision } from '../wire.ts'
import { ColumnsStep } from './columns-step.tsx'
import { reasonsOf } from './counts.ts'
import { DayLine } from './day-line.tsx'
import { DifferenceStep } from './difference-step.tsx'
import { Discard } from './discard.tsx'
import { FixStep } from './fix-step.tsx'
import { openSteps, type Step, steps, type View, viewOf } from './reading.ts'
import { ReadingStep } from './reading-step.tsx'
import { Report } from './report.tsx'
import { SameFile } from './same-file.tsx'
import { StepFrame } from './step-frame.tsx'
import { StepList } from './step-list.tsx'
import { Stopped } from './stopped.tsx'
import { type Acts, useActs, useSources } from './use-import.ts'
import { statusLabel } from './words.ts'
import { Working } from './working.tsx'

export type StepProps = {
  one: ImportDetails
  acts: Acts
  onStep: (step: Step) => void
}

/** The page of an import: what it shows follows from the import's state, and before publishing from `?step=`. */
export function Wizard({ one }: { one: ImportDetails }) {
  const [filters, setFilters] = useFilters(['step', 'tab', 'search', 'page', 'sent'])
  const sending = useActs(one.id)
  const settled = useSettled(one)
  // While an answer is being worked in, the step stays where it is, and so does the focus.
  const again = settled !== null && (one.status === 'reading' || sending.asked !== null)
  const shown = again ? { ...settled, ...answered(one, sending.asked) } : one
  const known = useKnown(shown, filters.step === undefined)
  const wasRead = useRef(false)
  if (again) wasRead.current = true
  const view = viewOf(shown, filters.step, known === true)
  useStepFocus(known === undefined ? null : view, again)
  // Publishing ended without being done: somebody stopped it, or the books had changed, and the file was compared anew
  // while nobody waited for the answer.
  const tried = useRef(false)
  const unpublished = tried.current && one.status === 'checked' && !sending.busy
  // An answer does not move the page on: the step from which it was given stays.
  const acts: Acts = {
    ...sending,
    busy: sending.busy || again,
    publish: () => {
      tried.current = true
      return sending.publish()
    },
    revise: (body) => {
      if (sending.busy || again) return Promise.resolve(null)
      tried.current = false
      if (steps.includes(view as Step)) setFilters({ step: view, page: undefined }, { replace: true })
      return sending.revise(body)
    },
  }
  const onStep = (step: Step) => setFilters({ step, tab: undefined, search: undefined, page: undefined })
  if (known === undefined) return <Loading />
  return (
    <Stack gap="md">
      {steps.includes(view as Step) && (
        <StepList current={view} open={openSteps(shown)} rejected={shown.rejected} onStep={onStep} />
      )}
      {view !== 'working' && <SameFile one={shown} sentAs={filters.sent} />}
      {steps.includes(view as Step) && <DayLine key={shown.as_of} one={shown} acts={acts} />}
      <VisuallyHidden role="status">
        {settled && !again && wasRead.current ? t('imports.read_anew', { count: shown.rejected }) : ''}
      </VisuallyHidden>
      {acts.error !== null && <FormError error={acts.error} />}
      {unpublished && (
        <Alert color="brass" role="alert">
          {t('imports.not_published')}
        </Alert>
      )}
      {view !== 'stopped' && shown.problem && (
        <Alert color="red" role="alert" className="wrap-anywhere">
          {shown.problem}
          {shown.status === 'checked' && <Reasons of={shown.rejects} />}
        </Alert>
      )}
      <div aria-busy={again}>
        <Shown view={view} one={shown} acts={acts} onStep={onStep} />
      </div>
      {steps.includes(view as Step) && <Discard one={one} acts={acts} />}
      {again && <Working one={{ ...one, status: 'reading' }} acts={acts} floating />}
    </Stack>
  )
}

function Shown({ view, ...props }: StepProps & { view: View }) {
  switch (view) {
    case 'reading':
      return <ReadingStep {...props} />
    case 'columns':
      return <ColumnsStep {...props} />
    case 'fix':
      return <FixStep {...props} />
    case 'difference':
      return <DifferenceStep {...props} />
    case 'report':
      return <Report {...props} />
    case 'stopped':
      return <Stopped {...props} />
    case 'working':
      return (
        <StepFrame title={statusLabel(props.one.status)}>
          <Working {...props} cancellable={props.one.status !== 'reverting'} />
        </StepFrame>
      )
  }
}

/** Why none of many rows can be taken, each reason once. */
function Reasons({ of }: { of: ImportDetails['rejects'] }) {
  return (
    <List size="sm" mt={4}>
      {reasonsOf(of).map(({ reason, column, rows }) => (
        <List.Item key={`${column}:${reason}`}>
          {t('imports.reason_of_rows', { column: column ?? '–', reason, count: rows })}
        </List.Item>
      ))}
    </List>
  )
}

/** Whether earlier files of the same source are in the books; asked only where it decides what is shown. */
function useKnown({ status, source }: ImportDetails, matters: boolean): boolean | undefined {
  const needed = matters && status === 'checked' && source !== null
  const sources = useSources(needed)
  if (!needed || sources.isError) return false
  return sources.data?.items.some(({ id, imports }) => id === source.id && imports > 0)
}

/** What a person has just said, shown before the server has read the file by it. */
function answered({ said }: ImportDetails, asked: ImportRevision | null) {
  const { answers } = said as { answers?: object }
  return asked === null ? { said } : { said: { ...said, ...asked, answers: { ...answers, ...asked } } }
}

/** The import as it was before it began to be read anew. */
function useSettled(one: ImportDetails): ImportDetails | null {
  const kept = useRef<ImportDetails | null>(null)
  if (one.status === 'asking' || one.status === 'checked') kept.current = one
  return kept.current
}

/**
 * The heading of a new step has the focus, so that keyboard and screen reader start at its top. When a file was read anew
 * and what had the focus is gone, the heading has it too.
 */
function useStepFocus(view: View | null, again: boolean) {
  const before = useRef({ view, again })
  useEffect(() => {
    if (view === null) return
    const { view: last, again: wasAgain } = before.current
    before.current = { view, again }
    const heading = document.getElementById('step')
    if (last !== view && last !== null) {
      heading?.focus({ preventScroll: true })
      window.scrollTo({ top: 0 })
    } else if (wasAgain && !again && (document.activeElement ?? document.body) === document.body) {
      heading?.focus({ preventScroll: true })
    }
  }, [view, again])
}

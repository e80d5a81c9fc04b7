import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { api } from '../../api.ts'
import { type MessageKey, t } from '../../i18n.ts'
import chips from '../../receivables/bucket-chips.module.css'
import { can, useMe } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden, Loaded, Loading } from '../../shared/states.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { DunningPolicies } from '../../wire.ts'
import { Begin } from '../begin.tsx'
import { DryRun } from '../dry-run.tsx'

// The dry run is what the page opens with; the others come when they are asked for.
const Blocks = lazy(async () => ({ default: (await import('../blocks.tsx')).Blocks }))
const Policies = lazy(async () => ({ default: (await import('../policies.tsx')).Policies }))
const Queue = lazy(async () => ({ default: (await import('../queue.tsx')).Queue }))

const parts = ['run', 'queue', 'policies', 'blocks'] as const

export default function Dunning() {
  const maySee = can(useMe(), 'receivables.dun')
  const [{ part = 'run' }, setFilters] = useFilters(['part'])
  const policies = useQuery({
    queryKey: ['dunning', 'policies'],
    enabled: maySee,
    queryFn: ({ signal }) => api<DunningPolicies>('GET', '/api/receivables/dunning/policies', { signal }),
  })
  if (!maySee)
    return (
      <Page title={t('core.nav_dunning')}>
        <Forbidden permission="receivables.dun" />
      </Page>
    )
  return (
    <Page title={t('core.nav_dunning')} lead={t('dunning.lead')}>
      <fieldset className={`${chips.chips} no-print`}>
        <legend className={chips.legend}>{t('dunning.part')}</legend>
        {parts.map((each) => (
          <button
            key={each}
            type="button"
            className={chips.chip}
            aria-pressed={each === part}
            onClick={() =>
              setFilters({
                part: each === 'run' ? undefined : each,
                search: undefined,
                state: undefined,
                gate: undefined,
              } as never)
            }
          >
            {t(`dunning.tab_${each}` as MessageKey)}
          </button>
        ))}
      </fieldset>
      <Loaded query={policies} lines={8}>
        {(answer) => <Suspense fallback={<Loading lines={8} />}>{partOf(answer)}</Suspense>}
      </Loaded>
    </Page>
  )

  function partOf(answer: DunningPolicies) {
    return part === 'policies' ? (
      <Policies answer={answer} />
    ) : part === 'queue' ? (
      <Queue />
    ) : part === 'blocks' ? (
      <Blocks />
    ) : answer.items.length === 0 ? (
      <Begin onDone={() => void policies.refetch()} />
    ) : (
      <DryRun />
    )
  }
}

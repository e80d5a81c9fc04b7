import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { type MessageKey, t } from '../../i18n.ts'
import chips from '../../receivables/bucket-chips.module.css'
import { can, useMe } from '../../session.ts'
import { useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { DunningPolicies } from '../../wire.ts'
import { Blocks } from '../blocks.tsx'
import { DryRun } from '../dry-run.tsx'
import { Policies } from '../policies.tsx'
import { Queue } from '../queue.tsx'

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
        {(answer) =>
          part === 'policies' ? (
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
      </Loaded>
    </Page>
  )
}

export function Begin({ onDone }: { onDone: () => void }) {
  const { busy, submit } = useSubmit(async () => {
    await api('POST', '/api/receivables/dunning/policies/standard')
    onDone()
  })
  return (
    <Empty
      title={t('dunning.no_policy')}
      why={t('dunning.no_policy_why')}
      action={
        <Button loading={busy} onClick={() => void submit({})}>
          {t('dunning.begin_standard')}
        </Button>
      }
    />
  )
}

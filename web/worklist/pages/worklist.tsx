import { Button, NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { Empty, Failed, Forbidden, Loading } from '../../shared/states.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import { ViewsMenu } from '../../shared/views-menu.tsx'
import type { WorklistItem, Worklist as WorklistPage } from '../../wire.ts'
import { Pane } from '../pane.tsx'
import { reasonWords } from '../reasons.tsx'
import classes from '../worklist.module.css'

const states = ['todo', 'worked', 'paused'] as const
const stateWords = {
  todo: 'worklist.state_todo',
  worked: 'worklist.state_worked',
  paused: 'worklist.state_paused',
} as const
const keyOf = ({ customer_id, currency }: WorklistItem) => `${customer_id}-${currency}`

export default function Worklist() {
  return can(useMe(), 'receivables.read') ? (
    <List />
  ) : (
    <Page title={t('core.nav_worklist')}>
      <Forbidden permission="receivables.read" />
    </Page>
  )
}

function List() {
  const format = useFormat()
  const me = useMe()
  const client = useQueryClient()
  const [filters, setFilters] = useFilters(['state', 'currency', 'assigned_to', 'chosen'])
  const state = states.find((each) => each === filters.state) ?? 'todo'
  const query = { state, currency: filters.currency, assigned_to: filters.assigned_to }
  const list = useInfiniteQuery({
    queryKey: ['worklist', query],
    initialPageParam: 1,
    queryFn: ({ pageParam }) =>
      api<WorklistPage>('GET', '/api/receivables/worklist', {
        query: { ...query, page: pageParam, page_size: 50 },
      }),
    getNextPageParam: (last) => (last.page < last.pages ? last.page + 1 : undefined),
    placeholderData: keepPreviousData,
  })
  const first = list.data?.pages[0]
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const wide = useWide()
  const at = items.findIndex((item) => keyOf(item) === filters.chosen)
  // On a wide screen somebody is always chosen; on a phone the list comes first.
  const chosen = at >= 0 ? items[at] : wide && !filters.chosen ? items[0] : undefined
  const choose = (item: WorklistItem | undefined) =>
    setFilters({ chosen: item && keyOf(item) }, { replace: true })
  const after = () =>
    items[(chosen ? items.indexOf(chosen) : -1) + 1] ?? items.find((each) => each !== chosen)
  const goOn = () => {
    choose(after())
    void client.invalidateQueries({ queryKey: ['worklist'] })
    void client.invalidateQueries({ queryKey: ['attempts'] })
    void client.invalidateQueries({ queryKey: ['promises'] })
  }
  return (
    <Page
      title={t('core.nav_worklist')}
      lead={
        first &&
        [
          t('worklist.lead', { count: first.counts.todo }),
          ...first.totals.map(({ collectable, currency }) =>
            t('worklist.amount', { amount: format.money(collectable, currency) }),
          ),
        ].join(' · ')
      }
      actions={
        <>
          <ViewsMenu />
          <Button variant="default" onClick={() => window.print()}>
            {t('worklist.print')}
          </Button>
        </>
      }
    >
      <FilterBar onClear={false}>
        <SegmentedControl
          aria-label={t('worklist.state')}
          value={state}
          onChange={(next) => setFilters({ state: next === 'todo' ? undefined : next, chosen: undefined })}
          data={states.map((value) => ({
            value,
            label: t(stateWords[value], { count: first?.counts[value] ?? 0 }),
          }))}
        />
        {can(me, 'receivables.assign') && (
          <NativeSelect
            label={t('worklist.whose')}
            value={filters.assigned_to ?? ''}
            data={[
              { value: '', label: t('worklist.everybody') },
              { value: String(me.id), label: t('worklist.mine') },
              { value: '0', label: t('worklist.nobody') },
            ]}
            onChange={(event) =>
              setFilters({ assigned_to: event.currentTarget.value || undefined, chosen: undefined })
            }
          />
        )}
      </FilterBar>
      {!first ? (
        list.isError ? (
          <Failed error={list.error} onRetry={() => list.refetch()} />
        ) : (
          <Loading lines={10} />
        )
      ) : items.length === 0 ? (
        <Empty title={t('worklist.done')} why={t('worklist.done_why')} />
      ) : (
        <div className={classes.panes} data-chosen={chosen ? true : undefined}>
          <div className={`sheet ${classes.side}`}>
            <ol className={classes.list} aria-label={t('worklist.list')}>
              {items.map((item) => (
                <Row key={keyOf(item)} item={item} chosen={item === chosen} onChoose={() => choose(item)} />
              ))}
            </ol>
            {list.hasNextPage && (
              <Button
                fullWidth
                variant="subtle"
                loading={list.isFetchingNextPage}
                onClick={() => list.fetchNextPage()}
              >
                {t('worklist.more')}
              </Button>
            )}
          </div>
          {chosen ? (
            <Pane
              key={keyOf(chosen)}
              item={chosen}
              onDone={goOn}
              onNext={() => choose(after())}
              onBack={() => choose(undefined)}
            />
          ) : (
            <Text c="dimmed" className={classes.pane}>
              {t('worklist.choose')}
            </Text>
          )}
        </div>
      )}
    </Page>
  )
}

const useWide = () => globalThis.matchMedia?.('(min-width: 62.01em)').matches ?? true

function Row({ item, chosen, onChoose }: { item: WorklistItem; chosen: boolean; onChoose: () => void }) {
  const format = useFormat()
  const row = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <li>
      <button
        ref={row}
        type="button"
        className={classes.row}
        aria-current={chosen}
        data-row-link
        onClick={onChoose}
      >
        <span className={classes.rowHead}>
          <span className={classes.name}>{item.name}</span>
          <span className="figure">{format.money(item.collectable || item.open_amount, item.currency)}</span>
        </span>
        <Stack gap={0} component="span">
          <Text size="sm" c="dimmed" component="span">
            {item.reasons
              .filter(({ kind, points }) => kind !== 'amount' && points > 0)
              .slice(0, 3)
              .map(({ kind }) => reasonWords(item, kind, format))
              .join(' · ')}
          </Text>
        </Stack>
      </button>
    </li>
  )
}

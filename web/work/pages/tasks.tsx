import { SegmentedControl } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Section } from '../../shared/section.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Task, TaskPage } from '../../wire.ts'
import { TaskList } from '../task-list.tsx'

const PAGE_SIZE = 200

export default function Tasks() {
  return (
    <Page title={t('work.tasks')} lead={t('work.tasks_lead')}>
      {can(useMe(), 'receivables.read') ? <List /> : <Forbidden permission="receivables.read" />}
    </Page>
  )
}

function List() {
  const [{ owner, state, search }, set] = useFilters(['owner', 'state', 'search'])
  const query = { owner: owner ?? 'me', state: state ?? 'open', search, page_size: PAGE_SIZE }
  const tasks = useQuery({
    queryKey: ['tasks', query],
    queryFn: ({ signal }) => api<TaskPage>('GET', '/api/receivables/tasks', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const filtered = Boolean(search || owner || state)
  const clear = () => set({ search: undefined, owner: undefined, state: undefined })
  return (
    <>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('work.search_tasks')}
          value={search}
          onChange={(text) => set({ search: text }, { replace: true })}
        />
        <SegmentedControl
          aria-label={t('work.whose')}
          value={owner ?? 'me'}
          onChange={(value) => set({ owner: value === 'me' ? undefined : value })}
          data={[
            { value: 'me', label: t('work.mine') },
            { value: 'all', label: t('work.everybodys') },
          ]}
        />
        <SegmentedControl
          aria-label={t('work.state')}
          value={state ?? 'open'}
          onChange={(value) => set({ state: value === 'open' ? undefined : value })}
          data={[
            { value: 'open', label: t('work.open_tasks') },
            { value: 'done', label: t('work.done_tasks') },
          ]}
        />
      </FilterBar>
      <Loaded query={tasks} lines={8}>
        {(data) =>
          data.items.length === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty
                title={t('work.no_tasks')}
                why={t('work.no_tasks_why')}
                action={<TextLink to="/receivables/customers">{t('work.choose_customer')}</TextLink>}
              />
            )
          ) : (
            <Groups data={data} />
          )
        }
      </Loaded>
    </>
  )
}

/** As in a calendar: what is late, today, day by day for a week, and later. */
function Groups({ data }: { data: TaskPage }) {
  const format = useFormat()
  const title = (task: Task) => {
    switch (task.due) {
      case 'done':
        return t('work.done_tasks')
      case 'overdue':
        return t('work.overdue')
      case 'today':
        return t('work.today')
      case 'week':
        return format.day(task.due_on)
      default:
        return t('work.later')
    }
  }
  const groups = [...Map.groupBy(data.items, title)]
  return (
    <div style={{ display: 'grid', gap: 'var(--mantine-spacing-lg)' }}>
      {groups.map(([name, tasks]) => (
        <Section key={name} title={t('work.group', { name, count: tasks.length })}>
          <TaskList tasks={tasks} named />
        </Section>
      ))}
      {data.total > data.items.length && (
        <p>{t('work.first_of', { shown: data.items.length, total: data.total })}</p>
      )}
    </div>
  )
}

import { SegmentedControl, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { Section } from '../../shared/section.tsx'
import { Loaded } from '../../shared/states.tsx'
import type { TaskPage } from '../../wire.ts'
import { TaskList } from '../../work/task-list.tsx'
import type { CustomerTabProps } from '../customer-tabs.ts'

/** What is to be done about this customer, whoever's it is. */
export default function TasksTab({ customer }: CustomerTabProps) {
  const [state, setState] = useState<string>('open')
  const query = { customer_id: customer.id, owner: 'all', state, page_size: 200 }
  const tasks = useQuery({
    queryKey: ['tasks', query],
    queryFn: ({ signal }) => api<TaskPage>('GET', '/api/receivables/tasks', { query, signal }),
  })
  return (
    <Section
      title={t('work.tasks')}
      actions={
        <SegmentedControl
          aria-label={t('work.state')}
          value={state}
          onChange={setState}
          data={[
            { value: 'open', label: t('work.open_tasks') },
            { value: 'done', label: t('work.done_tasks') },
          ]}
        />
      }
    >
      <Loaded query={tasks} lines={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{state === 'open' ? t('work.no_tasks_here') : t('work.none_done_here')}</Text>
          ) : (
            <TaskList tasks={items} named={false} />
          )
        }
      </Loaded>
    </Section>
  )
}

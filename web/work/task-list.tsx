import { Badge, Button, Checkbox, Group, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { TextLink } from '../shared/text-link.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { Task } from '../wire.ts'
import { TaskDrawer } from './task-drawer.tsx'
import classes from './work.module.css'

/** Tasks by their day, with a box that says they are done. `named`: with the customer they are about. */
export function TaskList({ tasks, named }: { tasks: Task[]; named: boolean }) {
  const [editing, setEditing] = useState<Task | null>(null)
  return (
    <>
      <ul className={classes.list}>
        {tasks.map((task) => (
          <Line key={task.id} task={task} named={named} onEdit={() => setEditing(task)} />
        ))}
      </ul>
      {editing && (
        <TaskDrawer
          about={{ customer_id: editing.customer_id, customer_name: editing.customer_name }}
          task={editing}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  )
}

function Line({ task, named, onEdit }: { task: Task; named: boolean; onEdit: () => void }) {
  const client = useQueryClient()
  const format = useFormat()
  const mayWrite = useCan('receivables.write')
  const [busy, setBusy] = useState(false)
  const again = () =>
    Promise.all(
      [['tasks'], ['customers'], ['team']].map((queryKey) => client.invalidateQueries({ queryKey })),
    )
  const isDone = task.done_at !== null
  const finish = async (is: boolean) => {
    setBusy(true)
    try {
      const { version } = await api<Task>('PUT', `/api/receivables/tasks/${task.id}/done`, {
        body: { done: is },
        ifMatch: ifMatchOf(null, task.version),
      })
      if (is)
        done(t('work.task_done', { title: task.title }), () =>
          api('PUT', `/api/receivables/tasks/${task.id}/done`, {
            body: { done: false },
            ifMatch: ifMatchOf(null, version),
          }).then(again),
        )
    } catch (error) {
      failed(error)
    }
    await again()
    setBusy(false)
  }
  return (
    <li className={classes.task}>
      <Checkbox
        checked={isDone}
        disabled={!mayWrite || busy}
        aria-label={t('work.mark_done', { title: task.title })}
        onChange={(event) => void finish(event.currentTarget.checked)}
      />
      <div className={classes.taskWords}>
        <Text fw={600} td={isDone ? 'line-through' : undefined} className="wrap-anywhere">
          {task.title}
        </Text>
        <Text size="sm" c="dimmed" component="div">
          {named && (
            <>
              <TextLink to={`/receivables/customers/${task.customer_id}`} data-row-link inherit>
                {task.customer_name}
              </TextLink>
              {task.invoice_id !== null && ' · '}
            </>
          )}
          {task.invoice_id !== null && (
            <TextLink to={`/receivables/invoices/${task.invoice_id}`} inherit>
              {task.invoice_number}
            </TextLink>
          )}
        </Text>
        {task.note && (
          <Text size="sm" className="wrap-anywhere">
            {task.note}
          </Text>
        )}
      </div>
      <div className={classes.taskEnd}>
        {isDone ? (
          <Text size="sm" c="dimmed">
            {t('work.done_by', { name: task.done_by?.full_name ?? '', day: format.day(task.done_at!) })}
          </Text>
        ) : (
          <Badge color={task.due === 'overdue' ? 'red' : task.due === 'today' ? 'brass' : 'gray'}>
            {task.due === 'today' ? t('work.today') : format.day(task.due_on)}
          </Badge>
        )}
        <Group gap={4} wrap="nowrap">
          {!task.is_own && (
            <Text size="sm" c="dimmed">
              {task.owner.full_name}
            </Text>
          )}
          {mayWrite && !isDone && (
            <Button
              size="compact-sm"
              variant="subtle"
              aria-label={t('work.change_named', { title: task.title })}
              onClick={onEdit}
            >
              {t('receivables.edit')}
            </Button>
          )}
        </Group>
      </div>
    </li>
  )
}

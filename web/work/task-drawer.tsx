import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat, useMe } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { useSubmit } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import type { Task } from '../wire.ts'
import { dayAfter } from './days.ts'
import { FormDrawer } from './drawer.tsx'
import { useMembers } from './mention-area.tsx'

type About = { customer_id: number; customer_name: string; invoice_id?: number | null }

/** Adds a task about a customer, or changes one: its words, its day, whose it is. */
export function TaskDrawer({ about, task, onClose }: { about: About; task?: Task; onClose: () => void }) {
  const client = useQueryClient()
  const me = useMe()
  const format = useFormat()
  const today = format.today()
  const members = useMembers({ of: 'customers', id: about.customer_id })
  const [title, setTitle] = useState(task?.title ?? '')
  const [note, setNote] = useState(task?.note ?? '')
  const [due, setDue] = useState(task?.due_on ?? dayAfter(today, 1))
  const [owner, setOwner] = useState(String(task?.owner.id ?? me.id))
  const again = () =>
    Promise.all(
      [['tasks'], ['customers'], ['team']].map((queryKey) => client.invalidateQueries({ queryKey })),
    )
  const { busy, error, submit } = useSubmit(async () => {
    const body = { title, note, due_on: due, owner_id: Number(owner) }
    if (task) {
      await api<Task>('PUT', `/api/receivables/tasks/${task.id}`, {
        body,
        ifMatch: ifMatchOf(null, task.version),
      })
      onClose()
      done(t('work.task_changed'))
    } else {
      const made = await api<Task>('POST', '/api/receivables/tasks', {
        body: { ...body, customer_id: about.customer_id, invoice_id: about.invoice_id ?? null },
      })
      onClose()
      done(t('work.task_added', { day: format.day(due) }), () =>
        api('DELETE', `/api/receivables/tasks/${made.id}`).then(again),
      )
    }
    await again()
  })
  const people = members.data?.items ?? []
  const choice = people.some(({ id }) => id === me.id)
    ? people
    : [{ id: me.id, full_name: me.full_name || me.username, username: me.username }, ...people]
  return (
    <FormDrawer
      title={task ? t('work.change_task') : t('work.task_title', { customer: about.customer_name })}
      action={task ? t('core.save') : t('work.add_task')}
      busy={busy}
      error={error}
      canSend={title.trim() !== '' && due !== ''}
      onSend={() => void submit({})}
      onClose={onClose}
    >
      <TextInput
        label={t('work.what')}
        maxLength={300}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        data-autofocus
      />
      <DateField label={t('work.by')} value={due} onChange={(event) => setDue(event.currentTarget.value)} />
      <NativeSelect
        label={t('work.whose')}
        value={owner}
        onChange={(event) => setOwner(event.currentTarget.value)}
        data={choice.map(({ id, full_name }) => ({
          value: String(id),
          label: id === me.id ? t('work.me', { name: full_name }) : full_name,
        }))}
      />
      <Textarea
        label={t('work.note')}
        rows={3}
        resize="vertical"
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </FormDrawer>
  )
}

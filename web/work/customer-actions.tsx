import { Button } from '@mantine/core'
import { IconChecklist, IconMessage, IconPhone, IconUserCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { can, useMe } from '../session.ts'
import { useKey } from '../shared/use-key.ts'
import type { CustomerDetails } from '../wire.ts'
import { AssignCustomer } from './assign-customer.tsx'
import { CommentDrawer } from './comment-drawer.tsx'
import { ContactDrawer } from './contact-drawer.tsx'
import { TaskDrawer } from './task-drawer.tsx'

type Open = 'contact' | 'comment' | 'task' | 'assign' | null

/** What one does with a customer: C writes down a contact, N comments, T adds a task, A gives it to somebody. */
export function CustomerActions({ customer }: { customer: CustomerDetails }) {
  const me = useMe()
  const [open, setOpen] = useState<Open>(null)
  const [mayWrite, mayAssign] = [can(me, 'receivables.write'), can(me, 'receivables.assign')]
  const on = (what: Open) => (event: KeyboardEvent) => {
    event.preventDefault()
    setOpen(what)
  }
  useKey('c', on('contact'), mayWrite)
  useKey('n', on('comment'))
  useKey('t', on('task'), mayWrite)
  useKey('a', on('assign'), mayAssign)
  const close = () => setOpen(null)
  return (
    <>
      {mayWrite && (
        <Button
          leftSection={<IconPhone size={17} aria-hidden />}
          aria-keyshortcuts="C"
          onClick={() => setOpen('contact')}
        >
          {t('work.log_contact')}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconMessage size={17} aria-hidden />}
        aria-keyshortcuts="N"
        onClick={() => setOpen('comment')}
      >
        {t('receivables.comment')}
      </Button>
      {mayWrite && (
        <Button
          variant="default"
          leftSection={<IconChecklist size={17} aria-hidden />}
          aria-keyshortcuts="T"
          onClick={() => setOpen('task')}
        >
          {t('work.task')}
        </Button>
      )}
      {mayAssign && (
        <Button
          variant="default"
          leftSection={<IconUserCheck size={17} aria-hidden />}
          aria-keyshortcuts="A"
          onClick={() => setOpen('assign')}
        >
          {t('receivables.assign')}
        </Button>
      )}
      {open === 'contact' && <ContactDrawer customer={customer} onClose={close} />}
      {open === 'comment' && <CommentDrawer customer={customer} onClose={close} />}
      {open === 'task' && (
        <TaskDrawer about={{ customer_id: customer.id, customer_name: customer.name }} onClose={close} />
      )}
      {open === 'assign' && <AssignCustomer customer={customer} onClose={close} />}
    </>
  )
}

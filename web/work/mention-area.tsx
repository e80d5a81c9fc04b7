import { Textarea, type TextareaProps } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useId, useRef, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import type { Member } from '../wire.ts'
import classes from './mention-area.module.css'
import { namesLike, typedName } from './mentions.ts'

export type About = { of: 'invoices' | 'customers'; id: number }

/** Colleagues who see it: whom one can call by name, or give a task. */
export const useMembers = ({ of, id }: About, enabled = true) =>
  useQuery({
    queryKey: [of, 'members', id],
    enabled,
    queryFn: () => api<{ items: Member[] }>('GET', `/api/receivables/${of}/${id}/members`),
  })

type Props = Omit<TextareaProps, 'value' | 'onChange'> & {
  subject: About
  value: string
  onChange: (text: string) => void
}

/** A text in which @ offers colleagues: arrows choose, Enter or Tab takes, Escape leaves it. */
export function MentionArea({ subject, value, onChange, onKeyDown, ...props }: Props) {
  const list = useId()
  const area = useRef<HTMLTextAreaElement>(null)
  const [typed, setTyped] = useState<ReturnType<typeof typedName>>(null)
  const [chosen, setChosen] = useState(0)
  const members = useMembers(subject, typed !== null)
  const found = typed ? namesLike(members.data?.items ?? [], typed.name) : []
  const open = found.length > 0
  const look = () => {
    const caret = area.current?.selectionStart ?? 0
    setTyped(typedName(area.current?.value ?? '', caret))
    setChosen(0)
  }
  const take = (member: Member) => {
    if (!typed || !area.current) return
    const caret = area.current.selectionStart
    const before = `${value.slice(0, typed.from)}@${member.username} `
    onChange(before + value.slice(caret))
    setTyped(null)
    requestAnimationFrame(() => {
      area.current?.focus()
      area.current?.setSelectionRange(before.length, before.length)
    })
  }
  return (
    <div className={classes.area}>
      <Textarea
        {...props}
        ref={area}
        value={value}
        aria-autocomplete="list"
        aria-controls={open ? list : undefined}
        aria-activedescendant={open ? `${list}-${chosen}` : undefined}
        onChange={(event) => {
          onChange(event.currentTarget.value)
          look()
        }}
        onClick={look}
        onBlur={() => setTyped(null)}
        onKeyDown={(event) => {
          if (open && ['ArrowDown', 'ArrowUp'].includes(event.key)) {
            event.preventDefault()
            const by = event.key === 'ArrowDown' ? 1 : -1
            setChosen((chosen + by + found.length) % found.length)
          } else if (open && ['Enter', 'Tab'].includes(event.key) && !event.ctrlKey && !event.metaKey) {
            event.preventDefault()
            take(found[chosen]!)
          } else if (open && event.key === 'Escape') {
            event.stopPropagation()
            setTyped(null)
          } else onKeyDown?.(event)
        }}
      />
      {open && (
        <div id={list} role="listbox" aria-label={t('work.colleagues')} className={classes.list}>
          {found.map((member, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the text keeps the focus and hears the keys
            <div
              key={member.id}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === chosen}
              className={classes.option}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(member)}
            >
              {member.full_name} <span className={classes.username}>@{member.username}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  )
}

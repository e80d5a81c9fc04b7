import { Modal, Text, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { can, useFormat, useMe } from '../session.ts'
import { useSignOut } from '../shared/use-sign-out.ts'
import type { AdminUser, Found, Page } from '../wire.ts'
import { type Command, commandsFor, matching } from './commands.ts'
import classes from './palette.module.css'

type Props = { onClose: () => void; onKeys: () => void }

/** Go, find, do: a combobox over a list box, so that a screen reader hears what the arrow keys choose. */
export function Palette({ onClose, onKeys }: Props) {
  const me = useMe()
  const navigate = useNavigate()
  const signOut = useSignOut()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const [query, setQuery] = useState('')
  const [active, setActive] = useState(0)
  const listId = useId()
  const list = useRef<HTMLDivElement>(null)
  const commands = useMemo(() => commandsFor(me), [me])
  const found = useFound(query)
  const shown = [...matching(commands, query), ...found.commands]
  const groups = [...new Set(shown.map((command) => command.group))]
  const ordered = groups.flatMap((group) => shown.filter((command) => command.group === group))
  const current = ordered[Math.min(active, ordered.length - 1)]

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  })

  const run = async (command: Command) => {
    onClose()
    if (command.to) await navigate({ to: command.to.path, search: command.to.search ?? {} })
    else if (command.act === 'scheme') setColorScheme(scheme === 'dark' ? 'light' : 'dark')
    else if (command.act === 'keys') onKeys()
    else if (command.act === 'sign_out') await signOut()
  }

  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      setActive(
        (at) => (Math.min(at, ordered.length - 1) + step + ordered.length) % Math.max(1, ordered.length),
      )
    } else if (event.key === 'Enter' && current) {
      event.preventDefault()
      void run(current)
    }
  }

  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={620}
      yOffset="12vh"
      centered={false}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content aria-label={t('core.palette_title')}>
        <div className={classes.field}>
          <IconSearch size={18} aria-hidden />
          <input
            className={classes.input}
            role="combobox"
            aria-expanded
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={current ? `${listId}-${current.id}` : undefined}
            aria-label={t('core.palette_title')}
            placeholder={t('core.palette_placeholder')}
            value={query}
            data-autofocus
            ref={focusAtOnce}
            onChange={(event) => {
              setQuery(event.currentTarget.value)
              setActive(0)
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        <div
          ref={list}
          id={listId}
          role="listbox"
          aria-label={t('core.palette_results')}
          className={classes.list}
          tabIndex={-1}
        >
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: a group inside a list box, not a fieldset
            <div key={group} role="group" aria-label={group}>
              <div className={classes.group} aria-hidden>
                {group}
              </div>
              {ordered
                .filter((command) => command.group === group)
                .map((command) => (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the combobox
                  // biome-ignore lint/a11y/useFocusableInteractive: chosen through aria-activedescendant
                  <div
                    key={command.id}
                    id={`${listId}-${command.id}`}
                    role="option"
                    aria-selected={command === current}
                    className={classes.option}
                    onClick={() => run(command)}
                    onMouseMove={() => setActive(ordered.indexOf(command))}
                  >
                    <span className={classes.label}>{command.label}</span>
                    {command.hint && <span className={classes.hint}>{command.hint}</span>}
                  </div>
                ))}
            </div>
          ))}
        </div>
        <Text size="sm" c="dimmed" role="status" className={classes.status}>
          {found.pending ? t('core.palette_searching') : t('core.palette_count', { count: ordered.length })}
        </Text>
      </Modal.Content>
    </Modal.Root>
  )
}

/** Before any key can follow Ctrl+K. */
function focusAtOnce(input: HTMLInputElement | null): void {
  input?.focus()
}

/** Asks the server for people, invoices and customers once two letters stand for 150 ms. */
function useFound(query: string): { commands: Command[]; pending: boolean } {
  const me = useMe()
  const format = useFormat()
  const [settled] = useDebouncedValue(query.trim(), 150)
  const enabled = settled.length >= 2 && me.tenant !== null
  const users = useQuery({
    queryKey: ['users', 'palette', settled],
    enabled: enabled && can(me, 'users.read'),
    queryFn: ({ signal }) =>
      api<Page<AdminUser>>('GET', '/api/admin/users', { query: { search: settled, page_size: 5 }, signal }),
  })
  const found = useQuery({
    queryKey: ['invoices', 'palette', settled],
    enabled: enabled && can(me, 'receivables.read'),
    queryFn: ({ signal }) => api<Found>('GET', '/api/receivables/search', { query: { q: settled }, signal }),
  })
  const commands: Command[] = [
    ...(users.data?.items ?? []).map((user) => ({
      id: `user:${user.id}`,
      group: t('core.nav_users'),
      label: user.full_name || user.username,
      hint: user.email,
      words: '',
      to: { path: '/admin/users', search: { open: String(user.id) } },
    })),
    ...(found.data?.customers ?? []).map((customer) => ({
      id: `customer:${customer.id}`,
      group: t('core.nav_customers'),
      label: customer.name,
      ...(customer.code && customer.code !== customer.name ? { hint: customer.code } : {}),
      words: '',
      to: { path: `/receivables/customers/${customer.id}` },
    })),
    ...(found.data?.invoices ?? []).map((invoice) => ({
      id: `invoice:${invoice.id}`,
      group: t('core.nav_invoices'),
      label: `${invoice.number} · ${invoice.customer_name}`,
      hint: format.money(invoice.open_amount, invoice.currency),
      words: '',
      to: { path: `/receivables/invoices/${invoice.id}` },
    })),
  ]
  return {
    commands: enabled ? commands : [],
    pending: users.isFetching || found.isFetching,
  }
}

import { Badge, Button, Group, Text } from '@mantine/core'
import { IconUserCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { AssignMany } from '../../receivables/assign-many.tsx'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable } from '../../shared/data-table.tsx'
import type { Formatter } from '../../shared/format.ts'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { useKey } from '../../shared/use-key.ts'
import type { TeamLoads } from '../../wire.ts'
import { Absences } from '../team/absences.tsx'
import { ApplyRules } from '../team/apply-rules.tsx'
import { Rules } from '../team/rules.tsx'
import classes from '../work.module.css'

type Person = TeamLoads['people'][number]
/** Whose work is to be handed on: somebody's, or what nobody has. */
type From = { assigned_to: string } | { unassigned: string }

export default function TeamPage() {
  return (
    <Page title={t('work.team')} lead={t('work.team_lead')}>
      {can(useMe(), 'receivables.assign') ? <Body /> : <Forbidden permission="receivables.assign" />}
    </Page>
  )
}

function Body() {
  const format = useFormat()
  const [from, setFrom] = useState<From | null>(null)
  const [applying, setApplying] = useState(false)
  const team = useQuery({
    queryKey: ['team'],
    queryFn: ({ signal }) => api<TeamLoads>('GET', '/api/receivables/team', { signal }),
  })
  useKey('a', (event) => {
    event.preventDefault()
    setFrom({ unassigned: 'true' })
  })
  return (
    <div style={{ display: 'grid', gap: 'var(--mantine-spacing-lg)' }}>
      <Loaded query={team} lines={8}>
        {(data) => (
          <>
            <Unassigned
              unassigned={data.unassigned}
              onAssign={() => setFrom({ unassigned: 'true' })}
              onApply={() => setApplying(true)}
            />
            <DataTable
              caption={t('work.team')}
              columns={columnsOf(format, Math.max(1, ...data.people.map(({ count }) => count)), setFrom)}
              rows={data.people}
              rowKey={(person) => person.id}
            />
          </>
        )}
      </Loaded>
      <Rules onApply={() => setApplying(true)} />
      <Absences people={team.data?.people ?? []} />
      {from && (
        <AssignMany picked="all" query={from} onClose={() => setFrom(null)} onDone={() => setFrom(null)} />
      )}
      {applying && <ApplyRules onClose={() => setApplying(false)} />}
    </div>
  )
}

function Unassigned({
  unassigned,
  onAssign,
  onApply,
}: {
  unassigned: TeamLoads['unassigned']
  onAssign: () => void
  onApply: () => void
}) {
  const format = useFormat()
  const money = unassigned.load
    .map(({ currency, open_amount }) => format.money(open_amount, currency))
    .join(', ')
  return (
    <Section
      title={t('work.unassigned')}
      why={
        unassigned.count === 0
          ? t('work.unassigned_none')
          : t('work.unassigned_why', {
              count: unassigned.count,
              customers: unassigned.customers,
              amounts: money,
              overdue: unassigned.overdue_count,
            })
      }
      actions={
        unassigned.count > 0 && (
          <Group gap="xs">
            <Button variant="default" onClick={onApply}>
              {t('work.by_rules')}
            </Button>
            <Button
              leftSection={<IconUserCheck size={17} aria-hidden />}
              aria-keyshortcuts="A"
              onClick={onAssign}
            >
              {t('work.assign_all')}
            </Button>
          </Group>
        )
      }
    >
      {unassigned.count > 0 && (
        <TextLink to="/receivables/invoices" search={{ assigned_to: '0' }}>
          {t('work.see_invoices')}
        </TextLink>
      )}
    </Section>
  )
}

const columnsOf = (format: Formatter, most: number, onMove: (from: From) => void): Column<Person>[] => [
  {
    key: 'name',
    header: t('work.person'),
    title: true,
    width: '190px',
    cell: (person) => (
      <>
        <TextLink
          to="/receivables/invoices"
          search={{ assigned_to: String(person.id) }}
          data-row-link
          inherit
        >
          {person.full_name}
        </TextLink>
        <Text size="xs" c="dimmed" fw={400}>
          {person.roles.join(', ')}
        </Text>
        {person.away && (
          <Badge color="brass" mt={2}>
            {person.away.running
              ? t('work.away_now', {
                  name: person.away.stand_in.full_name,
                  day: format.day(person.away.until_on),
                })
              : t('work.away_from', { day: format.day(person.away.from_on) })}
          </Badge>
        )}
      </>
    ),
  },
  {
    key: 'load',
    header: t('work.load'),
    width: '210px',
    cell: (person) => <Bar person={person} most={most} />,
  },
  {
    key: 'customers',
    header: t('core.nav_customers'),
    align: 'right',
    width: '105px',
    wideOnly: true,
    cell: (person) => format.number(person.customers),
  },
  {
    key: 'open',
    header: t('receivables.open_amount'),
    align: 'right',
    width: '160px',
    cell: (person) =>
      person.load.length === 0
        ? '–'
        : person.load.map(({ currency, open_amount }) => (
            <div key={currency}>{format.money(open_amount, currency)}</div>
          )),
  },
  {
    key: 'overdue',
    header: t('core.overdue'),
    align: 'right',
    width: '160px',
    cell: (person) =>
      person.load.length === 0
        ? '–'
        : person.load.map(({ currency, overdue_amount }) => (
            <div key={currency}>{format.money(overdue_amount, currency)}</div>
          )),
  },
  {
    key: 'tasks',
    header: t('work.tasks'),
    align: 'right',
    width: '110px',
    cell: (person) => (
      <>
        {format.number(person.tasks_open)}
        {person.tasks_overdue > 0 && (
          <Text size="xs" c="red">
            {t('work.late_count', { count: person.tasks_overdue })}
          </Text>
        )}
      </>
    ),
  },
  {
    key: 'contacts',
    header: t('work.contacts_week'),
    align: 'right',
    width: '110px',
    wideOnly: true,
    cell: (person) => format.number(person.contacts_week),
  },
  {
    key: 'move',
    header: t('work.hand_on'),
    width: '120px',
    cell: (person) =>
      person.count > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t('work.hand_on_of', { name: person.full_name })}
          onClick={() => onMove({ assigned_to: String(person.id) })}
        >
          {t('work.hand_on')}
        </Button>
      ),
  },
]

/** How many invoices, beside the one who has most; the dark part is late. */
function Bar({ person, most }: { person: Person; most: number }) {
  const format = useFormat()
  const part = (count: number) => `${(100 * count) / most}%`
  return (
    <>
      <div className={classes.bar} aria-hidden>
        <span style={{ width: part(person.overdue_count), background: 'var(--age-4)' }} />
        <span style={{ width: part(person.count - person.overdue_count), background: 'var(--age-0)' }} />
      </div>
      <Text size="xs" c="dimmed">
        {t('work.load_words', { count: person.count, overdue: format.number(person.overdue_count) })}
      </Text>
    </>
  )
}

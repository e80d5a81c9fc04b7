import { Badge, Button, NativeSelect, SimpleGrid, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlus } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatchOf } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useFormat } from '../../session.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { DateField } from '../../shared/date-field.tsx'
import { required, useSubmit } from '../../shared/form.tsx'
import { Section } from '../../shared/section.tsx'
import { Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { Absence, TeamLoads } from '../../wire.ts'
import { dayAfter } from '../days.ts'
import { FormDrawer } from '../drawer.tsx'
import classes from '../work.module.css'

const states = {
  planned: 'work.absence_planned',
  running: 'work.absence_running',
  ended: 'work.absence_ended',
  cancelled: 'work.absence_cancelled',
} as const

/** Who is away, and who does their work meanwhile. */
export function Absences({ people }: { people: TeamLoads['people'] }) {
  const client = useQueryClient()
  const format = useFormat()
  const [adding, setAdding] = useState(false)
  const [ending, setEnding] = useState<Absence | null>(null)
  const absences = useQuery({
    queryKey: ['absences'],
    queryFn: () => api<{ items: Absence[] }>('GET', '/api/receivables/absences'),
  })
  const again = () =>
    Promise.all(
      [['absences'], ['team'], ['invoices'], ['customers'], ['tasks']].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    )
  const end = async (absence: Absence) => {
    setEnding(null)
    await api('DELETE', `/api/receivables/absences/${absence.id}`, {
      ifMatch: ifMatchOf(null, absence.version),
    })
      .then(() => done(t('work.absence_over', { name: absence.user.full_name })))
      .catch(failed)
    await again()
  }
  return (
    <Section
      title={t('work.absences')}
      why={t('work.absences_why')}
      actions={
        <Button
          variant="default"
          leftSection={<IconPlus size={17} aria-hidden />}
          onClick={() => setAdding(true)}
        >
          {t('work.add_absence')}
        </Button>
      }
    >
      <Loaded query={absences} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('work.no_absences')}</Text>
          ) : (
            <ul className={classes.list}>
              {items.map((absence) => (
                <li key={absence.id} className={classes.note}>
                  <div>
                    <Text fw={600}>
                      {t('work.absence_line', {
                        name: absence.user.full_name,
                        stand_in: absence.stand_in.full_name,
                      })}
                    </Text>
                    <Text size="sm" c="dimmed" component="div">
                      {t('work.from_to_days', {
                        from: format.day(absence.from_on),
                        to: format.day(absence.until_on),
                      })}{' '}
                      <Badge color={absence.state === 'running' ? 'brass' : 'gray'}>
                        {t(states[absence.state])}
                      </Badge>
                    </Text>
                    {absence.state !== 'planned' && absence.state !== 'cancelled' && (
                      <Text size="sm" c="dimmed">
                        {t('work.handed_over', {
                          invoices: absence.invoices,
                          customers: absence.customers,
                          tasks: absence.tasks,
                        })}
                      </Text>
                    )}
                    {absence.note && <Text size="sm">{absence.note}</Text>}
                  </div>
                  {(absence.state === 'planned' || absence.state === 'running') && (
                    <Button size="compact-sm" variant="default" onClick={() => setEnding(absence)}>
                      {absence.state === 'running' ? t('work.back_early') : t('work.not_away')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {adding && <AbsenceForm people={people} onClose={() => setAdding(false)} onDone={again} />}
      {ending && (
        <Confirm
          opened
          title={t('work.end_absence', { name: ending.user.full_name })}
          why={t('work.end_absence_why', {
            name: ending.user.full_name,
            stand_in: ending.stand_in.full_name,
          })}
          action={ending.state === 'running' ? t('work.back_early') : t('work.not_away')}
          onConfirm={() => void end(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </Section>
  )
}

function AbsenceForm({
  people,
  onClose,
  onDone,
}: {
  people: TeamLoads['people']
  onClose: () => void
  onDone: () => Promise<unknown>
}) {
  const format = useFormat()
  const today = format.today()
  const form = useForm({
    initialValues: { user_id: '', stand_in_id: '', from_on: today, until_on: dayAfter(today, 7), note: '' },
    validate: {
      user_id: required,
      stand_in_id: (value, { user_id }) =>
        value === '' ? t('core.required_field') : value === user_id ? t('work.not_oneself') : null,
      from_on: required,
      until_on: (value, { from_on }) => (value >= from_on ? null : t('work.ends_before')),
    },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await api('POST', '/api/receivables/absences', {
      body: { ...values, user_id: Number(values.user_id), stand_in_id: Number(values.stand_in_id) },
    })
    onClose()
    done(t('work.absence_kept'))
    await onDone()
  }, form)
  const choice = [
    { value: '', label: t('receivables.choose_person') },
    ...people.map(({ id, full_name }) => ({ value: String(id), label: full_name })),
  ]
  return (
    <FormDrawer
      title={t('work.add_absence')}
      action={t('core.save')}
      busy={busy}
      error={error}
      canSend
      onSend={() => form.onSubmit((values) => void submit(values))()}
      onClose={onClose}
    >
      <NativeSelect
        label={t('work.who_away')}
        data={choice}
        {...form.getInputProps('user_id')}
        data-autofocus
      />
      <NativeSelect label={t('work.stand_in')} data={choice} {...form.getInputProps('stand_in_id')} />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <DateField label={t('work.first_day')} {...form.getInputProps('from_on')} />
        <DateField label={t('work.last_day')} {...form.getInputProps('until_on')} />
      </SimpleGrid>
      <TextInput label={t('work.note')} maxLength={500} {...form.getInputProps('note')} />
    </FormDrawer>
  )
}

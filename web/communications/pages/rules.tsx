import {
  Button,
  Checkbox,
  Group,
  NativeSelect,
  NumberInput,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api } from '../../api.ts'
import { intlLocale, t } from '../../i18n.ts'
import { useFormat, useMe } from '../../session.ts'
import { DateField } from '../../shared/date-field.tsx'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { done } from '../../shared/toast.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { SendingRules } from '../../wire.ts'
import classes from '../communications.module.css'
import { comingDays, earliest, type Hours, hourOf, latest, type Span } from '../hours.ts'
import { mayConfigure, mayReadMessages } from '../may.ts'
import { PlaceChoice, usePlaces } from '../places.tsx'
import { CommunicationTabs } from '../tabs.tsx'
import { WeekPicture } from '../week-picture.tsx'
import { languages, languageWord } from '../words.ts'

const path = '/api/communications/sending-rules'

/** When messages may go out, and how often to one person. */
export default function Rules() {
  const me = useMe()
  const may = mayReadMessages(me) || mayConfigure(me)
  return (
    <Page title={t('communications.tab_rules')} lead={t('communications.rules_lead')}>
      {may ? (
        <>
          <CommunicationTabs />
          <OfPlace mayChange={mayConfigure(me)} />
        </>
      ) : (
        <Forbidden permission="settings.read" />
      )}
    </Page>
  )
}

function OfPlace({ mayChange }: { mayChange: boolean }) {
  const [{ outlet }, set] = useFilters(['outlet'])
  const places = usePlaces()
  const outletId = outlet ? Number(outlet) : null
  const rules = useQuery({
    queryKey: ['sending-rules', outletId],
    queryFn: ({ signal }) => api<SendingRules>('GET', path, { query: { outlet_id: outletId }, signal }),
  })
  return (
    <>
      <PlaceChoice places={places.data ?? []} value={outletId} onChange={(id) => set({ outlet: id })} />
      <Loaded query={rules} lines={10}>
        {(data) => (
          <>
            <Standing rules={data} mayChange={mayChange} />
            <Editor key={`${outletId} ${data.is_own} ${data.version}`} rules={data} mayChange={mayChange} />
          </>
        )}
      </Loaded>
    </>
  )
}

/** Whose rules these are, and whether messages may go at this moment. */
function Standing({ rules, mayChange }: { rules: SendingRules; mayChange: boolean }) {
  const format = useFormat()
  const client = useQueryClient()
  const { busy, submit } = useSubmit(async () => {
    await api('DELETE', path, { query: { outlet_id: rules.outlet_id } })
    done(t('communications.rules_dropped'))
    await client.invalidateQueries({ queryKey: ['sending-rules'] })
  })
  const closed = rules.closed_now
  return (
    <Group justify="space-between" mb="md">
      <div>
        <Text fw={600} role="status">
          {closed
            ? [
                closed.gate === 'holiday'
                  ? t('communications.closed_holiday', { name: closed.text })
                  : t('communications.closed_now'),
                closed.next && t('communications.opens', { at: format.instant(closed.next) }),
              ]
                .filter(Boolean)
                .join(' ')
            : t('communications.open_now')}
        </Text>
        <Text size="sm" c="dimmed">
          {rules.is_own
            ? t('communications.rules_own')
            : rules.outlet_id !== null
              ? t('communications.rules_inherited')
              : t('communications.rules_standard')}
        </Text>
      </div>
      {mayChange && rules.is_own && (
        <Button variant="default" loading={busy} onClick={() => void submit({})}>
          {rules.outlet_id === null ? t('communications.rules_drop') : t('communications.rules_drop_outlet')}
        </Button>
      )}
    </Group>
  )
}

/** Monday first, as weeks are read; the wire counts from Sunday. */
const order = [1, 2, 3, 4, 5, 6, 0]

function Editor({ rules, mayChange }: { rules: SendingRules; mayChange: boolean }) {
  const format = useFormat()
  const client = useQueryClient()
  const names = useMemo(weekdayNames, [])
  const form = useForm({
    initialValues: {
      week: rules.week as Span[],
      keeps_holidays: rules.keeps_holidays,
      rest_days: rules.rest_days,
      work_days: rules.work_days,
      repeat_days: rules.repeat_days,
      language: rules.language,
    },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await api('PUT', path, { query: { outlet_id: rules.outlet_id }, body: values })
    done(t('core.saved'))
    await client.invalidateQueries({ queryKey: ['sending-rules'] })
  }, form)
  const setDay = (day: number, span: Span) =>
    form.setFieldValue(
      'week',
      form.values.week.map((each, at) => (at === day ? span : each)),
    )
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} className={classes.columns}>
      <fieldset disabled={!mayChange} className={classes.plain}>
        <Stack gap="lg">
          <FormError error={error} />
          <Section
            title={t('communications.week')}
            why={t('communications.week_why', { zone: rules.timezone })}
          >
            <table className={classes.hoursTable}>
              <thead>
                <tr>
                  <th scope="col">{t('communications.day')}</th>
                  <th scope="col">{t('communications.from')}</th>
                  <th scope="col">{t('communications.until')}</th>
                </tr>
              </thead>
              <tbody>
                {order.map((day) => (
                  <DayRow
                    key={day}
                    name={names[day]!}
                    span={form.values.week[day] ?? null}
                    onChange={(span) => setDay(day, span)}
                  />
                ))}
              </tbody>
            </table>
          </Section>
          <Section title={t('communications.holidays')} why={t('communications.holidays_why')}>
            <Stack gap="sm">
              <Switch
                label={t('communications.keeps_holidays')}
                checked={form.values.keeps_holidays}
                onChange={(event) => form.setFieldValue('keeps_holidays', event.currentTarget.checked)}
              />
              <Days
                label={t('communications.rest_days')}
                days={form.values.rest_days}
                onChange={(days) => form.setFieldValue('rest_days', days)}
              />
              {!rules.knows_holidays && <Text size="sm">{t('communications.no_holidays')}</Text>}
              {form.values.keeps_holidays && rules.holidays.length > 0 && (
                <fieldset className={classes.plain}>
                  <legend className={classes.small}>{t('communications.kept_days')}</legend>
                  <Stack gap={6}>
                    {rules.holidays.map(({ day, name }) => (
                      <Checkbox
                        key={day}
                        label={`${format.day(day)}, ${name}`}
                        checked={!form.values.work_days.includes(day)}
                        onChange={(event) =>
                          form.setFieldValue(
                            'work_days',
                            event.currentTarget.checked
                              ? form.values.work_days.filter((each) => each !== day)
                              : [...form.values.work_days, day],
                          )
                        }
                      />
                    ))}
                  </Stack>
                </fieldset>
              )}
            </Stack>
          </Section>
          <Section title={t('communications.repeat')} why={t('communications.repeat_why')}>
            <NumberInput
              label={t('communications.repeat_days')}
              min={0}
              max={365}
              allowDecimal={false}
              clampBehavior="strict"
              {...form.getInputProps('repeat_days')}
            />
            <NativeSelect
              mt="md"
              label={t('communications.language')}
              data={languages.map((value) => ({ value, label: languageWord(value) }))}
              {...form.getInputProps('language')}
            />
          </Section>
          {mayChange && (
            <Group>
              <Button type="submit" loading={busy} disabled={!form.isDirty()}>
                {t('core.save')}
              </Button>
            </Group>
          )}
        </Stack>
      </fieldset>
      <Section title={t('communications.coming')} why={t('communications.coming_why')}>
        <Coming hours={form.values} rules={rules} />
      </Section>
    </form>
  )
}

function DayRow({ name, span, onChange }: { name: string; span: Span; onChange: (span: Span) => void }) {
  const [last, setLast] = useState(span ?? { from: '08:00', until: '18:00' })
  const set = (next: { from: string; until: string }) => {
    setLast(next)
    onChange(next)
  }
  return (
    <tr>
      <th scope="row">
        <Checkbox
          label={name}
          checked={span !== null}
          onChange={(event) => onChange(event.currentTarget.checked ? last : null)}
        />
      </th>
      {span ? (
        <>
          <td>
            <TextInput
              type="time"
              aria-label={t('communications.from_of', { day: name })}
              min={earliest}
              max={latest}
              value={span.from}
              onChange={(event) => set({ ...span, from: event.currentTarget.value })}
            />
          </td>
          <td>
            <TextInput
              type="time"
              aria-label={t('communications.until_of', { day: name })}
              min={earliest}
              max={latest}
              value={span.until}
              onChange={(event) => set({ ...span, until: event.currentTarget.value })}
            />
          </td>
        </>
      ) : (
        <td colSpan={2}>
          <Text size="sm" c="dimmed">
            {t('communications.day_off')}
          </Text>
        </td>
      )}
    </tr>
  )
}

/** Some days, each to be taken away again. */
function Days({
  label,
  days,
  onChange,
}: {
  label: string
  days: string[]
  onChange: (days: string[]) => void
}) {
  const format = useFormat()
  const [day, setDay] = useState('')
  return (
    <div>
      <Group align="flex-end" gap="xs">
        <DateField
          label={label}
          value={day}
          min={format.today()}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={!day || days.includes(day)}
          onClick={() => {
            onChange([...days, day].sort())
            setDay('')
          }}
        >
          {t('communications.add_day')}
        </Button>
      </Group>
      {days.length > 0 && (
        <ul className={classes.list}>
          {days.map((each) => (
            <li key={each} className={classes.item}>
              <div className={classes.line}>
                <span>{format.day(each)}</span>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={t('communications.remove_day', { day: format.day(each) })}
                  onClick={() => onChange(days.filter((other) => other !== each))}
                >
                  {t('communications.remove')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Coming({ hours, rules }: { hours: Hours; rules: SendingRules }) {
  const format = useFormat()
  const me = useMe()
  const locale = `${intlLocale()}-${me.tenant?.country ?? 'GB'}`
  const { label, hour, now } = useMemo(() => {
    const day = new Intl.DateTimeFormat(locale, {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
    })
    const time = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' })
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: rules.timezone,
      hour: '2-digit',
      minute: '2-digit',
    })
    return {
      label: (each: string) => day.format(new Date(`${each}T00:00:00Z`)),
      hour: (each: number) => time.format(new Date(Date.UTC(2026, 0, 1, 0, Math.round(each * 60)))),
      now: hourOf(clock.format(new Date())),
    }
  }, [locale, rules.timezone])
  const days = comingDays(hours, rules.holidays, format.today(), 14, {
    label,
    restDay: t('communications.rest_day'),
  })
  return <WeekPicture caption={t('communications.coming')} days={days} hour={hour} now={now} />
}

/** Sunday first. */
function weekdayNames() {
  const format = new Intl.DateTimeFormat(intlLocale(), { weekday: 'long', timeZone: 'UTC' })
  return Array.from({ length: 7 }, (_, day) => format.format(new Date(Date.UTC(2026, 1, 1 + day))))
}

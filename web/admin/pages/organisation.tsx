import { Button, Chip, Group, NativeSelect, NumberInput, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Answer, ApiError, apiWithEtag, ifMatchOf } from '../../api.ts'
import { intlLocale, t } from '../../i18n.ts'
import { useCan, useRefreshSession } from '../../session.ts'
import { Conflict, type Difference, differencesOf } from '../../shared/conflict.tsx'
import { FormError, required, useSubmit } from '../../shared/form.tsx'
import {
  CountrySelect,
  CurrencySelect,
  organisationRules,
  TimezoneSelect,
} from '../../shared/organisation-fields.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { Organisation } from '../../wire.ts'
import { edgesOf, edgesRule } from '../edges.ts'
import { SettingsTabs } from '../settings-tabs.tsx'

export default function OrganisationPage() {
  const maySee = useCan('settings.read')
  const organisation = useQuery({
    // A root of its own: an event must not pull the form from under somebody's hands.
    queryKey: ['organisation-form'],
    enabled: maySee,
    queryFn: () => apiWithEtag<Organisation>('GET', '/api/admin/organisation'),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
  return (
    <Page title={t('core.nav_organisation')} width="form">
      {maySee ? (
        <>
          <SettingsTabs />
          <Loaded query={organisation}>
            {(answer) => <Settings key={answer.data.version} answer={answer} />}
          </Loaded>
        </>
      ) : (
        <Forbidden permission="settings.read" />
      )}
    </Page>
  )
}

type Values = Omit<
  Organisation,
  'version' | 'ageing_buckets' | 'financial_year_start' | 'working_days' | 'promise_tolerance_days'
> & {
  promise_tolerance_days: number | string
  financial_year_start: string
  ageing_buckets: string
  working_days: string[]
}

const valuesOf = (organisation: Organisation): Values => ({
  name: organisation.name,
  code: organisation.code,
  country: organisation.country,
  currency: organisation.currency,
  timezone: organisation.timezone,
  financial_year_start: String(organisation.financial_year_start),
  ageing_buckets: organisation.ageing_buckets.join(', '),
  working_days: organisation.working_days.map(String),
  missing_rule: organisation.missing_rule,
  promise_tolerance_days: organisation.promise_tolerance_days,
})

function Settings({ answer }: { answer: Answer<Organisation> }) {
  const mayChange = useCan('settings.write')
  const client = useQueryClient()
  const refreshSession = useRefreshSession()
  const [conflict, setConflict] = useState<{
    differences: Difference[]
    latest: Answer<Organisation>
  } | null>(null)
  const form = useForm<Values>({
    initialValues: valuesOf(answer.data),
    validate: {
      ...organisationRules,
      ageing_buckets: edgesRule,
      working_days: (days) => (days.length > 0 ? null : t('core.required_field')),
      name: required,
    },
  })
  const save = async (values: Values, base: Answer<Organisation>) => {
    const body = {
      ...values,
      financial_year_start: Number(values.financial_year_start),
      ageing_buckets: edgesOf(values.ageing_buckets),
      working_days: values.working_days.map(Number).sort(),
      promise_tolerance_days: Number(values.promise_tolerance_days),
    }
    const saved = await apiWithEtag<Organisation>('PUT', '/api/admin/organisation', {
      body,
      ifMatch: ifMatchOf(base.etag, base.data.version),
    })
    client.setQueryData(['organisation-form'], saved)
    await refreshSession()
    done(t('core.saved'))
  }
  const { busy, error, submit } = useSubmit(async (values: Values) => {
    try {
      await save(values, answer)
    } catch (caught) {
      if (!(caught instanceof ApiError) || caught.status !== 412) throw caught
      const latest = await apiWithEtag<Organisation>('GET', '/api/admin/organisation')
      setConflict({ differences: compare(values, valuesOf(latest.data)), latest })
    }
  }, form)
  const months = named(12, (month) => new Date(Date.UTC(2024, month, 1)), { month: 'long' })
  // 1 January 2024 was a Monday, the first day of ISO weeks.
  const days = named(7, (day) => new Date(Date.UTC(2024, 0, day + 1)), { weekday: 'short' })
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <fieldset disabled={!mayChange} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
        <Stack gap="lg">
          <FormError error={error} />
          <Section title={t('admin.identity')}>
            <Stack gap="md">
              <TextInput label={t('core.organisation_name')} {...form.getInputProps('name')} />
              <TextInput
                label={t('core.organisation_code')}
                description={t('core.code_rule')}
                {...form.getInputProps('code')}
              />
            </Stack>
          </Section>
          <Section title={t('admin.place_and_time')} why={t('admin.place_and_time_why')}>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <CountrySelect disabled={!mayChange} {...form.getInputProps('country')} />
              <CurrencySelect disabled={!mayChange} {...form.getInputProps('currency')} />
              <TimezoneSelect disabled={!mayChange} {...form.getInputProps('timezone')} />
              <NativeSelect
                label={t('admin.financial_year')}
                data={months}
                {...form.getInputProps('financial_year_start')}
              />
            </SimpleGrid>
            <Chip.Group
              multiple
              value={form.values.working_days}
              onChange={(value) => form.setFieldValue('working_days', value)}
            >
              <fieldset style={{ border: 0, padding: 0, margin: '16px 0 0' }}>
                <legend style={{ fontSize: 14, fontWeight: 500, padding: 0, marginBottom: 6 }}>
                  {t('admin.working_days')}
                </legend>
                <Group gap={6}>
                  {days.map((day) => (
                    <Chip key={day.value} value={day.value} disabled={!mayChange}>
                      {day.label}
                    </Chip>
                  ))}
                </Group>
              </fieldset>
            </Chip.Group>
          </Section>
          <Section title={t('core.nav_ageing')} why={t('admin.buckets_why')}>
            <TextInput
              label={t('admin.buckets')}
              inputMode="numeric"
              {...form.getInputProps('ageing_buckets')}
            />
          </Section>
          <Section title={t('core.nav_imports')} why={t('admin.missing_why')}>
            <NativeSelect
              label={t('admin.missing')}
              data={[
                { value: 'settle', label: t('admin.missing_settle') },
                { value: 'keep', label: t('admin.missing_keep') },
              ]}
              {...form.getInputProps('missing_rule')}
            />
          </Section>
          <Section title={t('core.nav_promises')} why={t('admin.tolerance_why')}>
            <NumberInput
              label={t('admin.tolerance')}
              min={0}
              max={60}
              allowDecimal={false}
              clampBehavior="strict"
              {...form.getInputProps('promise_tolerance_days')}
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
      <Conflict
        differences={conflict?.differences ?? null}
        onTake={() => {
          if (conflict) client.setQueryData(['organisation-form'], conflict.latest)
          setConflict(null)
        }}
        onKeep={() => {
          if (!conflict) return
          setConflict(null)
          save(form.getValues(), conflict.latest).catch(failed)
        }}
      />
    </form>
  )
}

function named(count: number, dateOf: (index: number) => Date, options: Intl.DateTimeFormatOptions) {
  const format = new Intl.DateTimeFormat(intlLocale(), { ...options, timeZone: 'UTC' })
  return Array.from({ length: count }, (_, index) => ({
    value: String(index + 1),
    label: format.format(dateOf(index)),
  }))
}

function compare(yours: Values, theirs: Values): Difference[] {
  return differencesOf(yours, theirs, {
    name: { label: t('core.organisation_name'), say: String },
    code: { label: t('core.organisation_code'), say: String },
    country: { label: t('core.country'), say: String },
    currency: { label: t('core.currency'), say: String },
    timezone: { label: t('core.timezone'), say: String },
    financial_year_start: { label: t('admin.financial_year'), say: String },
    ageing_buckets: { label: t('admin.buckets'), say: String },
    working_days: { label: t('admin.working_days'), say: (days) => days.join(', ') },
    promise_tolerance_days: { label: t('admin.tolerance'), say: String },
  })
}

import { Badge, Button, Group, SimpleGrid, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { type Answer, apiWithEtag, ifMatchOf } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useMe } from '../../session.ts'
import { emailRule, FormError, required, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { done } from '../../shared/toast.tsx'
import type { Pharmacy } from '../../wire.ts'
import classes from '../debtors.module.css'
import { useRefresh, useReport, useReports } from '../queries.ts'
import { meaningWord } from '../questions.tsx'

/** What reminders say of a pharmacy, its medical-aid accounts, and how its reports are read. */
export default function PharmacySettings() {
  const { outlet = '' } = useParams({ strict: false }) as { outlet?: string }
  const maySee = can(useMe(), 'debtors.read')
  const pharmacy = useQuery({
    // A root of its own: an event must not pull the form from under somebody's hands.
    queryKey: ['pharmacy-form', outlet],
    enabled: maySee && /^\d{1,15}$/.test(outlet),
    queryFn: () => apiWithEtag<Pharmacy>('GET', `/pharmacies/${outlet}`),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
  const { data } = pharmacy
  return (
    <Page
      title={data ? t('debtors.settings_of', { pharmacy: data.data.name }) : t('debtors.settings')}
      lead={
        data && (
          <TextLink to={`/debtors/${outlet}`} underline="always" inherit>
            {t('debtors.to_list')}
          </TextLink>
        )
      }
      width="form"
    >
      {maySee ? (
        <Loaded query={pharmacy}>
          {(answer) => (
            <div className={classes.stack}>
              <Details key={answer.data.version} outlet={outlet} answer={answer} />
              <Channels pharmacy={answer.data} />
              <Layout outlet={outlet} />
            </div>
          )}
        </Loaded>
      ) : (
        <Forbidden permission="debtors.read" />
      )}
    </Page>
  )
}

const valuesOf = (pharmacy: Pharmacy) => ({
  name: pharmacy.name,
  code: pharmacy.code ?? '',
  email: pharmacy.email ?? '',
  phone: pharmacy.phone ?? '',
  address: pharmacy.address ?? '',
  bank_name: pharmacy.bank_name ?? '',
  banking_account: pharmacy.banking_account ?? '',
  medical_aid: pharmacy.medical_aid.join('\n'),
  is_active: pharmacy.is_active,
})
type Values = ReturnType<typeof valuesOf>

/** Only what was changed is sent: who keeps the medical-aid list need not be allowed to change the bank. */
function changesOf(values: Values, before: Values) {
  const changed = Object.entries(values).filter(([name, value]) => value !== before[name as keyof Values])
  return Object.fromEntries(
    changed.map(([name, value]) => {
      if (name === 'medical_aid') return [name, linesOf(String(value))]
      return [name, typeof value === 'string' ? value.trim() || null : value]
    }),
  )
}
const linesOf = (text: string) => [
  ...new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  ),
]

function Details({ outlet, answer }: { outlet: string; answer: Answer<Pharmacy> }) {
  const me = useMe()
  const client = useQueryClient()
  const refresh = useRefresh()
  const pharmacy = answer.data
  const mayAll = can(me, 'settings.write') && pharmacy.can_write
  const mayList = can(me, 'debtors.write') && pharmacy.can_write
  const before = valuesOf(pharmacy)
  const form = useForm<Values>({
    initialValues: before,
    validate: { name: required, email: (value) => (value.trim() ? emailRule(value) : null) },
  })
  const write = (body: object, version: string) =>
    apiWithEtag<Pharmacy>('PUT', `/pharmacies/${outlet}`, { body, ifMatch: version })
  const { busy, error, submit } = useSubmit(async (values: Values) => {
    const changes = changesOf(values, before)
    if (Object.keys(changes).length === 0) return
    const saved = await write(changes, ifMatchOf(answer.etag, pharmacy.version))
    client.setQueryData(['pharmacy-form', outlet], saved)
    await refresh()
    done(t('core.saved'), async () => {
      const back = await write(changesOf(before, values), ifMatchOf(saved.etag, saved.data.version))
      client.setQueryData(['pharmacy-form', outlet], back)
      await refresh()
    })
  }, form)
  const field = (name: keyof Values) => ({ ...form.getInputProps(name), readOnly: !mayAll })
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Section
        title={t('debtors.pharmacy')}
        why={t(mayAll ? 'debtors.pharmacy_why' : 'debtors.pharmacy_ask')}
      >
        <Stack>
          <FormError error={error} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label={t('debtors.pharmacy_name')} maxLength={200} {...field('name')} />
            <TextInput label={t('debtors.code')} maxLength={60} {...field('code')} />
            <TextInput label={t('debtors.email')} type="email" {...field('email')} />
            <TextInput label={t('debtors.phone')} type="tel" {...field('phone')} />
            <TextInput label={t('debtors.bank_name')} maxLength={100} {...field('bank_name')} />
            <TextInput label={t('debtors.banking_account')} maxLength={50} {...field('banking_account')} />
          </SimpleGrid>
          <Textarea label={t('debtors.address')} autosize minRows={2} {...field('address')} />
          <Textarea
            label={t('debtors.medical_aid_list')}
            description={t('debtors.medical_aid_list_why')}
            autosize
            minRows={3}
            {...form.getInputProps('medical_aid')}
            readOnly={!mayList}
          />
          <Switch
            label={t('debtors.open')}
            description={t('debtors.open_why')}
            disabled={!mayAll}
            {...form.getInputProps('is_active', { type: 'checkbox' })}
          />
          {mayList && (
            <Group justify="flex-end">
              <Button type="submit" loading={busy} disabled={!form.isDirty()}>
                {t('core.save')}
              </Button>
            </Group>
          )}
        </Stack>
      </Section>
    </form>
  )
}

/** How reminders leave. Keys are written there and never shown. */
function Channels({ pharmacy }: { pharmacy: Pharmacy }) {
  const kinds = [
    [t('debtors.type_email'), pharmacy.has_sendgrid_api_key],
    [t('debtors.type_sms'), pharmacy.has_smsportal_credentials],
  ] as const
  return (
    <Section
      title={t('debtors.channels')}
      why={t('debtors.channels_why')}
      actions={
        <Button
          variant="default"
          renderRoot={(props) => (
            <Link
              to={'/communications/channels' as string}
              search={{ outlet: String(pharmacy.pharmacy_id) } as never}
              {...props}
            />
          )}
        >
          {t('debtors.channels_open')}
        </Button>
      }
    >
      <Group gap="lg">
        {kinds.map(([label, ready]) => (
          <Text key={label} component="span">
            {label}{' '}
            <Badge color={ready ? 'pine' : 'gray'}>
              {t(ready ? 'debtors.key_kept' : 'debtors.key_none')}
            </Badge>
          </Text>
        ))}
      </Group>
    </Section>
  )
}

/** The layout of the last report and what its columns were taken for. */
function Layout({ outlet }: { outlet: string }) {
  const reports = useReports(outlet)
  const current = reports.data?.find(({ is_current }) => is_current)
  const { data } = useReport(outlet, current?.id)
  const labels = new Map(data?.columns.map((column) => [column.label, column.meaning]) ?? [])
  if (!data || labels.size === 0) return null
  return (
    <Section title={t('debtors.layout')} why={t('debtors.layout_why')}>
      <ul className={classes.layout}>
        {[...labels].map(([label, meaning]) => (
          <li key={label}>
            <code>{label}</code> → {meaning ? meaningWord(meaning) : t('debtors.meaning_other')}
          </li>
        ))}
      </ul>
    </Section>
  )
}

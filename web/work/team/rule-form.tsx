import { Checkbox, MultiSelect, NativeSelect, NumberInput, SimpleGrid, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { api, ifMatchOf } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useAssignees } from '../../receivables/assignees.ts'
import { useCan, useFormat } from '../../session.ts'
import { required, useSubmit } from '../../shared/form.tsx'
import { done } from '../../shared/toast.tsx'
import type { Region, Rule } from '../../wire.ts'
import { FormDrawer } from '../drawer.tsx'
import { causeChoice } from '../words.ts'

type Props = { rule: Rule | undefined; onClose: () => void; onDone: () => Promise<unknown> }

export default function RuleForm({ rule, onClose, onDone }: Props) {
  const format = useFormat()
  const assignees = useAssignees()
  const maySeeRegions = useCan('users.read')
  const regions = useQuery({
    queryKey: ['regions'],
    enabled: maySeeRegions,
    queryFn: () => api<{ items: Region[] }>('GET', '/api/admin/regions'),
  })
  const form = useForm({
    initialValues: {
      name: rule?.name ?? '',
      region_id: String(rule?.region_id ?? ''),
      root_cause: rule?.root_cause ?? '',
      name_from: rule?.name_from ?? '',
      name_to: rule?.name_to ?? '',
      amount_min: rule?.amount_min ?? ('' as number | ''),
      amount_max: rule?.amount_max ?? ('' as number | ''),
      user_ids: rule?.people.map(({ id }) => String(id)) ?? [],
      balance: rule?.balance ?? 'count',
      whole_customer: rule?.whole_customer ?? true,
    },
    validate: {
      name: required,
      user_ids: (value) => (value.length > 0 ? null : t('core.required_field')),
    },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    const body = {
      ...values,
      is_on: rule?.is_on ?? true,
      customer_id: rule?.customer_id ?? null,
      currency: rule?.currency ?? null,
      region_id: values.region_id === '' ? null : Number(values.region_id),
      root_cause: values.root_cause || null,
      amount_min: values.amount_min === '' ? null : values.amount_min,
      amount_max: values.amount_max === '' ? null : values.amount_max,
      user_ids: values.user_ids.map(Number),
    }
    if (rule)
      await api('PUT', `/api/receivables/assignment-rules/${rule.id}`, {
        body,
        ifMatch: ifMatchOf(null, rule.version),
      })
    else await api('POST', '/api/receivables/assignment-rules', { body })
    onClose()
    done(t('work.rule_kept', { name: values.name }))
    await onDone()
  }, form)
  const people = assignees.data?.items ?? []
  return (
    <FormDrawer
      title={rule ? t('work.change_person', { name: rule.name }) : t('work.add_rule')}
      action={t('core.save')}
      busy={busy}
      error={error}
      canSend
      onSend={() => form.onSubmit((values) => void submit(values))()}
      onClose={onClose}
    >
      <TextInput label={t('work.name')} maxLength={120} {...form.getInputProps('name')} data-autofocus />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {(regions.data?.items.length ?? 0) > 0 && (
          <NativeSelect
            label={t('receivables.region')}
            data={[
              { value: '', label: t('work.any') },
              ...regions.data!.items.map(({ id, name }) => ({ value: String(id), label: name })),
            ]}
            {...form.getInputProps('region_id')}
          />
        )}
        <NativeSelect
          label={t('work.cause')}
          data={causeChoice(t('work.any'))}
          {...form.getInputProps('root_cause')}
        />
        <TextInput
          label={t('work.letters_from')}
          placeholder="A"
          maxLength={20}
          {...form.getInputProps('name_from')}
        />
        <TextInput
          label={t('work.letters_to')}
          placeholder="M"
          maxLength={20}
          {...form.getInputProps('name_to')}
        />
        <NumberInput
          label={t('work.amount_min', { currency: rule?.currency ?? format.currency })}
          hideControls
          thousandSeparator
          {...form.getInputProps('amount_min')}
        />
        <NumberInput
          label={t('work.amount_max', { currency: rule?.currency ?? format.currency })}
          hideControls
          thousandSeparator
          {...form.getInputProps('amount_max')}
        />
      </SimpleGrid>
      <MultiSelect
        label={t('work.goes_to')}
        data={people.map(({ id, full_name, roles }) => ({
          value: String(id),
          label: [full_name, ...roles].join(', '),
        }))}
        searchable
        comboboxProps={{ withinPortal: false }}
        {...form.getInputProps('user_ids')}
      />
      {form.values.user_ids.length > 1 && (
        <NativeSelect
          label={t('work.balance')}
          data={[
            { value: 'count', label: t('work.shared_count') },
            { value: 'amount', label: t('work.shared_amount') },
          ]}
          {...form.getInputProps('balance')}
        />
      )}
      <Checkbox
        label={t('work.whole_customer')}
        description={t('work.whole_customer_why')}
        {...form.getInputProps('whole_customer', { type: 'checkbox' })}
      />
    </FormDrawer>
  )
}

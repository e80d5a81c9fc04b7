import { ActionIcon, Badge, Button, Group, NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconArrowDown, IconArrowUp, IconPlus } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SettingsTabs } from '../../admin/settings-tabs.tsx'
import { api, ifMatchOf } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useAssignees } from '../../receivables/assignees.ts'
import { useCan, useFormat } from '../../session.ts'
import { type Column, DataTable } from '../../shared/data-table.tsx'
import { required, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { DisputeReason } from '../../wire.ts'
import { FormDrawer } from '../../work/drawer.tsx'
import classes from '../disputes.module.css'
import { useReasons } from '../queries.ts'

const root = '/api/receivables/dispute-reasons'

/** What disputes are opened for: a tree of three levels, how long each may take and who clears it. */
export default function Reasons() {
  const maySee = useCan('receivables.read')
  const mayChange = useCan('settings.write')
  const [editing, setEditing] = useState<DisputeReason | 'new' | null>(null)
  return (
    <Page
      title={t('disputes.reasons')}
      lead={t('disputes.reasons_lead')}
      actions={
        maySee &&
        mayChange && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setEditing('new')}>
            {t('disputes.reason_add')}
          </Button>
        )
      }
    >
      {maySee ? (
        <>
          <SettingsTabs />
          <List mayChange={mayChange} onEdit={setEditing} />
          {editing && <Editor reason={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
        </>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}

const bodyOf = (reason: DisputeReason) => ({
  name: reason.name,
  parent_id: reason.parent_id,
  owner_id: reason.owner_id,
  sla_days: reason.sla_days,
  position: reason.position,
  is_active: reason.is_active,
})

function List({ mayChange, onEdit }: { mayChange: boolean; onEdit: (reason: DisputeReason) => void }) {
  const format = useFormat()
  const client = useQueryClient()
  const reasons = useReasons()
  const again = () => client.invalidateQueries({ queryKey: ['disputes'] })
  const siblings = ({ parent_id }: DisputeReason) =>
    reasons.data!.items.filter((each) => each.parent_id === parent_id)
  const order = (ids: number[]) =>
    api('POST', `${root}/order`, { body: { reason_ids: ids } }).then(again, failed)
  const move = (reason: DisputeReason, by: 1 | -1) => {
    const ids = siblings(reason).map(({ id }) => id)
    const at = ids.indexOf(reason.id)
    ;[ids[at], ids[at + by]] = [ids[at + by]!, ids[at]!]
    return order(ids)
  }
  const put = (reason: DisputeReason, is_active: boolean, version: number) =>
    api<DisputeReason>('PUT', `${root}/${reason.id}`, {
      body: { ...bodyOf(reason), is_active },
      ifMatch: ifMatchOf(null, version),
    })
  const retire = async (reason: DisputeReason) => {
    try {
      const { version } = await put(reason, !reason.is_active, reason.version)
      done(
        t(reason.is_active ? 'disputes.reason_retired' : 'disputes.reason_back', { name: reason.name }),
        () => put(reason, reason.is_active, version).then(again),
      )
    } catch (error) {
      failed(error)
    }
    await again()
  }
  const columns: Column<DisputeReason>[] = [
    {
      key: 'name',
      header: t('disputes.reason'),
      title: true,
      cell: (reason) => (
        <span className={classes.reason} data-level={reason.level}>
          {mayChange ? (
            <button type="button" className={classes.name} data-row-link onClick={() => onEdit(reason)}>
              {reason.name}
            </button>
          ) : (
            reason.name
          )}
          {!reason.is_active && <Badge color="gray">{t('disputes.reason_unused')}</Badge>}
        </span>
      ),
    },
    {
      key: 'sla_days',
      header: t('disputes.reason_days_short'),
      align: 'right',
      width: '170px',
      cell: (reason) => t('disputes.reason_days_of', { count: reason.sla_days }),
    },
    {
      key: 'owner',
      header: t('disputes.owner'),
      width: '180px',
      cell: (reason) => reason.owner_name ?? t('disputes.nobody'),
    },
  ]
  const acts: Column<DisputeReason> = {
    key: 'acts',
    header: t('disputes.reason_acts'),
    width: '240px',
    cell: (reason) => {
      const of = siblings(reason)
      const at = of.findIndex(({ id }) => id === reason.id)
      return (
        <Group gap={4} wrap="nowrap">
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={at === 0}
            aria-label={t('disputes.reason_up', { name: reason.path })}
            onClick={() => void move(reason, -1)}
          >
            <IconArrowUp size={17} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={at === of.length - 1}
            aria-label={t('disputes.reason_down', { name: reason.path })}
            onClick={() => void move(reason, 1)}
          >
            <IconArrowDown size={17} aria-hidden />
          </ActionIcon>
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={t(reason.is_active ? 'disputes.reason_retire_of' : 'disputes.reason_use_of', {
              name: reason.path,
            })}
            onClick={() => void retire(reason)}
          >
            {t(reason.is_active ? 'disputes.reason_retire' : 'disputes.reason_use')}
          </Button>
        </Group>
      )
    },
  }
  return (
    <Loaded query={reasons} lines={8}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t('disputes.reasons_none')} why={t('disputes.reasons_none_why')} />
        ) : (
          <DataTable
            caption={t('disputes.reasons_count', { count: format.number(items.length) })}
            columns={mayChange ? [...columns, acts] : columns}
            rows={items}
            rowKey={({ id }) => id}
          />
        )
      }
    </Loaded>
  )
}

function Editor({ reason, onClose }: { reason: DisputeReason | null; onClose: () => void }) {
  const client = useQueryClient()
  const reasons = useReasons()
  const assignees = useAssignees()
  const form = useForm({
    initialValues: {
      name: reason?.name ?? '',
      parent_id: String(reason?.parent_id ?? ''),
      owner_id: String(reason?.owner_id ?? ''),
      sla_days: reason?.sla_days ?? (5 as number | ''),
      is_active: reason?.is_active ?? true,
    },
    validate: { name: required, sla_days: (days) => (days === '' ? t('core.required_field') : null) },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    const body = {
      ...values,
      parent_id: values.parent_id === '' ? null : Number(values.parent_id),
      owner_id: values.owner_id === '' ? null : Number(values.owner_id),
    }
    const send = (what: object, version: number) =>
      api<DisputeReason>('PUT', `${root}/${reason!.id}`, { body: what, ifMatch: ifMatchOf(null, version) })
    const again = () => client.invalidateQueries({ queryKey: ['disputes'] })
    if (reason) {
      const { version } = await send({ ...body, position: reason.position }, reason.version)
      done(t('disputes.reason_saved', { name: values.name }), () => send(bodyOf(reason), version).then(again))
    } else {
      await api('POST', root, { body })
      done(t('disputes.reason_added', { name: values.name }))
    }
    onClose()
    await again()
  }, form)
  // Below itself, or below what is below it, a reason cannot be; three levels are enough.
  const parents = (reasons.data?.items ?? []).filter(
    (each) => each.level < 3 && each.id !== reason?.id && (!reason || each.parent_id !== reason.id),
  )
  return (
    <FormDrawer
      title={reason ? reason.path : t('disputes.reason_add')}
      action={t('core.save')}
      busy={busy}
      error={error}
      canSend
      onSend={() => form.onSubmit((values) => void submit(values))()}
      onClose={onClose}
    >
      <TextInput
        label={t('disputes.reason_name')}
        description={reason ? t('disputes.reason_name_why') : undefined}
        maxLength={120}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <NativeSelect
        label={t('disputes.reason_parent')}
        data={[
          { value: '', label: t('disputes.reason_top') },
          ...parents.map(({ id, path }) => ({ value: String(id), label: path })),
        ]}
        {...form.getInputProps('parent_id')}
      />
      <NumberInput
        label={t('disputes.reason_days')}
        description={t('disputes.reason_days_why')}
        min={0}
        max={365}
        allowDecimal={false}
        {...form.getInputProps('sla_days')}
      />
      <NativeSelect
        label={t('disputes.owner')}
        description={t('disputes.reason_owner_why')}
        data={[
          { value: '', label: t('disputes.nobody') },
          ...(assignees.data?.items ?? []).map(({ id, full_name, roles }) => ({
            value: String(id),
            label: [full_name, ...roles].join(', '),
          })),
        ]}
        {...form.getInputProps('owner_id')}
      />
      <Switch
        label={t('disputes.reason_in_use')}
        description={t('disputes.reason_in_use_why')}
        {...form.getInputProps('is_active', { type: 'checkbox' })}
      />
    </FormDrawer>
  )
}

import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useMe } from '../../session.ts'
import { FormError } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden } from '../../shared/states.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { RemittanceProposal } from '../../wire.ts'
import { CustomerChoice } from '../customer-choice.tsx'
import { readAmount } from '../money.ts'
import { Proposal } from '../proposal.tsx'

export default function Remittance() {
  return (
    <Page title={t('core.nav_remittance')} lead={t('cash.remittance_lead')}>
      {can(useMe(), 'receivables.settle') ? <Paste /> : <Forbidden permission="receivables.settle" />}
    </Page>
  )
}

function Paste() {
  const [{ customer_id }, setFilters] = useFilters(['customer_id'])
  const [text, setText] = useState('')
  const [amount, setAmount] = useState('')
  const read = useMutation({
    mutationFn: (customer?: number) =>
      api<RemittanceProposal>('POST', '/api/receivables/remittances/propose', {
        body: {
          text,
          ...(customer ? { customer_id: customer } : {}),
          ...(readAmount(amount) ? { amount: readAmount(amount) } : {}),
        },
      }),
  })
  const given = customer_id && /^\d+$/.test(customer_id) ? Number(customer_id) : undefined
  const ready = text.trim() !== '' || readAmount(amount) !== null
  const proposal = read.data
  return (
    <Stack gap="lg">
      <Section title={t('cash.said_by_customer')}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (ready) read.mutate(given)
          }}
        >
          <Stack gap="sm">
            <Textarea
              label={t('cash.remittance_text')}
              description={t('cash.remittance_hint')}
              value={text}
              autosize
              minRows={5}
              maxRows={16}
              maxLength={20_000}
              spellCheck={false}
              onChange={(event) => setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !ready) return
                event.preventDefault()
                read.mutate(given)
              }}
            />
            <Group align="flex-end">
              <TextInput
                label={t('cash.expected_amount')}
                inputMode="decimal"
                value={amount}
                error={amount !== '' && readAmount(amount) === null && t('cash.not_an_amount')}
                onChange={(event) => setAmount(event.currentTarget.value)}
              />
              <Button type="submit" loading={read.isPending} disabled={!ready}>
                {t('cash.read_it')}
              </Button>
            </Group>
            <FormError error={read.error} />
          </Stack>
        </form>
      </Section>
      {proposal &&
        (proposal.customer ? (
          <Proposal
            key={read.submittedAt}
            proposal={proposal}
            text={text}
            onCustomer={(id) => read.mutate(id)}
            onBooked={() => {
              setText('')
              setAmount('')
              read.reset()
              setFilters({ customer_id: undefined })
            }}
          />
        ) : (
          <Section title={t('cash.no_customer')} why={t('cash.no_customer_why')}>
            <CustomerChoice likely={proposal.customers} onChoose={(id) => read.mutate(id)} />
          </Section>
        ))}
    </Stack>
  )
}

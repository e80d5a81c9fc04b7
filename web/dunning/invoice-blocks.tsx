import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useCan } from '../session.ts'
import { Loaded } from '../shared/states.tsx'
import type { DunningBlock, InvoiceDetails, Page } from '../wire.ts'
import { BlockList, NewBlock } from './blocks.tsx'

/** Whether reminders speak of this invoice: what blocks it, or its customer as a whole. */
export default function InvoiceBlocks({ invoice }: { invoice: InvoiceDetails }) {
  const mayBlock = useCan('receivables.write')
  const blocks = useQuery({
    queryKey: ['dunning', 'blocks', invoice.customer_id],
    queryFn: ({ signal }) =>
      api<Page<DunningBlock>>('GET', '/api/receivables/dunning/blocks', {
        query: { customer_id: invoice.customer_id, page_size: 500 },
        signal,
      }),
  })
  return (
    <Loaded query={blocks} lines={2}>
      {({ items }) => {
        const here = items.filter(({ invoice_id }) => invoice_id === null || invoice_id === invoice.id)
        return (
          <Stack gap="md">
            {here.length > 0 ? (
              <BlockList blocks={here} may={mayBlock} />
            ) : (
              <Text size="sm" c="dimmed">
                {t('dunning.invoice_free')}
              </Text>
            )}
            {mayBlock && invoice.open_amount > 0 && !here.some(({ invoice_id }) => invoice_id !== null) && (
              <div>
                <NewBlock on={{ invoice_id: invoice.id }} />
              </div>
            )}
          </Stack>
        )
      }}
    </Loaded>
  )
}

import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Confirm } from '../shared/confirm.tsx'
import { Loaded } from '../shared/states.tsx'
import type { ImportDetails, ImportTouched, Page } from '../wire.ts'
import classes from './undo.module.css'
import type { Acts } from './use-import.ts'

type Props = { one: ImportDetails; acts: Acts; onClose: () => void }

/** Before an import is taken back: what people have done with its invoices since. */
export function Undo({ one, acts, onClose }: Props) {
  const format = useFormat()
  const touched = useQuery({
    queryKey: ['imports', 'touched', one.id],
    enabled: one.touched > 0,
    queryFn: () =>
      api<Page<ImportTouched>>('GET', `/api/imports/${one.id}/touched`, { query: { page_size: 50 } }),
  })
  return (
    <Confirm
      opened
      title={t('imports.undo_title')}
      action={t('imports.undo')}
      busy={acts.doing === 'revert'}
      onClose={onClose}
      onConfirm={async () => {
        await acts.revert()
        onClose()
      }}
      why={
        <Stack gap="sm">
          <Text>{t('imports.undo_why', { file: one.file_name })}</Text>
          {one.touched === 0 ? (
            <Text>{t('imports.undo_untouched')}</Text>
          ) : (
            <>
              <Text fw={600}>{t('imports.undo_touched', { count: one.touched })}</Text>
              <Loaded query={touched} lines={3}>
                {(data) => (
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
                  <section className={classes.list} aria-label={t('imports.touched')} tabIndex={0}>
                    <ul>
                      {data.items.map((invoice) => (
                        <li key={invoice.invoice_id}>
                          <strong>{invoice.invoice_number}</strong> {invoice.customer_name}
                          {invoice.events.slice(0, 3).map((event) => (
                            <div key={`${event.kind}:${event.at}`} className={classes.event}>
                              {t('imports.touched_event', {
                                what: event.kind.replace(/[._]/g, ' '),
                                when: format.instant(event.at),
                                who: event.by ?? t('core.product'),
                              })}
                            </div>
                          ))}
                        </li>
                      ))}
                    </ul>
                    {data.total > data.items.length && (
                      <Text size="sm" c="dimmed">
                        {t('imports.touched_more', { count: data.total - data.items.length })}
                      </Text>
                    )}
                  </section>
                )}
              </Loaded>
            </>
          )}
        </Stack>
      }
    />
  )
}

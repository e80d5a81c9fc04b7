import { Notifications } from '@mantine/notifications'
import { t } from '../i18n.ts'

/** Where toasts appear: a labelled region, so that none of them lies outside a landmark. */
export default function Toasts() {
  return (
    <section aria-label={t('core.messages')}>
      <Notifications position="bottom-right" limit={4} withinPortal={false} />
    </section>
  )
}

import { Button } from '@mantine/core'
import { Link, useRouter } from '@tanstack/react-router'
import { t } from '../i18n.ts'
import { Page } from './page.tsx'
import { Empty, Failed } from './states.tsx'

export function NotFound() {
  return (
    <Page title={t('core.not_found')}>
      <Empty
        title={t('core.not_found_title')}
        why={t('core.not_found_why')}
        action={
          <Button component={Link} to="/">
            {t('core.go_home')}
          </Button>
        }
      />
    </Page>
  )
}

/** A page that threw while it was drawn or fetched. */
export function Broken({ error }: { error: unknown }) {
  const router = useRouter()
  return (
    <Page title={t('core.broken')}>
      <Failed error={error} onRetry={() => router.invalidate()} />
    </Page>
  )
}

/** The same outside of the shell, where no landmark holds the page yet. */
export function RootNotFound() {
  return (
    <main id="main" style={{ padding: 24 }}>
      <NotFound />
    </main>
  )
}

export function RootBroken({ error }: { error: unknown }) {
  return (
    <main id="main" style={{ padding: 24 }}>
      <Broken error={error} />
    </main>
  )
}

import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { chooseLocale, intlLocale, startI18n } from './i18n.ts'
import { router } from './router.tsx'
import { onSessionEnd, queryClient } from './session.ts'
import { watchNavigation } from './shared/heading-focus.ts'
import './styles/mantine.css'
import './styles/tokens.css'
import './styles/app.css'
import { localeKey } from './locale-choice.ts'
import { printInLight } from './shared/print.ts'
import { cssVariables, theme } from './theme.ts'

// Nothing to announce before the first page is drawn.
const Toasts = lazy(() => import('./shared/toasts.tsx'))

const locale = chooseLocale(location.search, remembered())
remember(locale)
await startI18n(locale)
document.documentElement.lang = intlLocale()

onSessionEnd(() => {
  void router.navigate({ to: '/sign-in', search: { to: location.pathname + location.search, ended: '1' } })
})
watchNavigation(router)
printInLight()

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <I18nProvider i18n={i18n}>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Suspense>
            <Toasts />
          </Suspense>
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>
  </StrictMode>,
)

function remembered(): string | null {
  try {
    return localStorage.getItem(localeKey)
  } catch {
    return null
  }
}

function remember(chosen: string): void {
  try {
    localStorage.setItem(localeKey, chosen)
  } catch {
    // Asked for again next time.
  }
}

import { Stack } from '@mantine/core'
import { t } from '../../i18n.ts'
import { Page } from '../../shared/page.tsx'
import { ApiKeys } from '../profile/api-keys.tsx'
import { Details } from '../profile/details.tsx'
import { Password } from '../profile/password.tsx'
import { Preferences } from '../profile/preferences.tsx'
import { SecondFactorSection } from '../profile/second-factor-section.tsx'
import { Sessions } from '../profile/sessions.tsx'

export default function Profile() {
  return (
    <Page title={t('core.profile')} width="form">
      <Stack gap="lg">
        <Details />
        <Preferences />
        <Password />
        <SecondFactorSection />
        <Sessions />
        <ApiKeys />
      </Stack>
    </Page>
  )
}

import { NativeSelect, SimpleGrid, Switch, useMantineColorScheme } from '@mantine/core'
import { useState } from 'react'
import { chooseLocale, locales, t } from '../../i18n.ts'
import { changeLocale, localeKey } from '../../locale-choice.ts'
import { Section } from '../../shared/section.tsx'
import { setSingleKeys, singleKeysOn } from '../../shell/keys.ts'

/** Choices that belong to this browser, not to the account. */
export function Preferences() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const [keys, setKeys] = useState(singleKeysOn)
  const locale = chooseLocale(location.search, localStorage.getItem(localeKey))
  const names = { en: t('identity.locale_en'), pseudo: t('identity.locale_pseudo') }
  return (
    <Section title={t('identity.preferences')} why={t('identity.preferences_why')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NativeSelect
          label={t('identity.language')}
          value={locale}
          data={locales.map((one) => ({ value: one, label: names[one] }))}
          onChange={(event) => changeLocale(event.currentTarget.value as (typeof locales)[number])}
        />
        <NativeSelect
          label={t('identity.colours')}
          value={colorScheme}
          data={[
            { value: 'auto', label: t('identity.colours_auto') },
            { value: 'light', label: t('identity.colours_light') },
            { value: 'dark', label: t('identity.colours_dark') },
          ]}
          onChange={(event) => setColorScheme(event.currentTarget.value as 'auto' | 'light' | 'dark')}
        />
      </SimpleGrid>
      <Switch
        mt="md"
        checked={keys}
        label={t('core.keys_switch')}
        description={t('core.keys_switch_why')}
        onChange={(event) => {
          setSingleKeys(event.currentTarget.checked)
          setKeys(event.currentTarget.checked)
        }}
      />
    </Section>
  )
}

import { Select, TextInput } from '@mantine/core'
import { intlLocale, t } from '../i18n.ts'
import { required } from './form.tsx'

export type OrganisationValues = {
  name: string
  code: string
  currency: string
  timezone: string
  country: string
}

export const organisationDefaults = (): OrganisationValues => ({
  name: '',
  code: '',
  currency: 'USD',
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
  country: regionOfBrowser(),
})

export const organisationRules = {
  name: required,
  code: (value: string) => (/^[a-z0-9][a-z0-9-]{1,39}$/.test(value) ? null : t('core.code_rule')),
  currency: required,
  timezone: required,
  country: required,
}

type OrganisationForm = {
  values: OrganisationValues
  getInputProps(field: keyof OrganisationValues): object
  setFieldValue(field: 'code', value: string): void
}

/** Name, code and where the organisation is; used where one is created. */
export function OrganisationFields({ form }: { form: OrganisationForm }) {
  return (
    <>
      <TextInput
        label={t('core.organisation_name')}
        {...form.getInputProps('name')}
        onBlur={() => {
          if (!form.values.code) form.setFieldValue('code', codeFrom(form.values.name))
        }}
      />
      <TextInput
        label={t('core.organisation_code')}
        description={t('core.code_rule')}
        autoCapitalize="none"
        spellCheck={false}
        {...form.getInputProps('code')}
      />
      <CountrySelect {...form.getInputProps('country')} />
      <CurrencySelect {...form.getInputProps('currency')} />
      <TimezoneSelect {...form.getInputProps('timezone')} />
    </>
  )
}

type SelectProps = {
  value?: string
  onChange?: (value: string | null) => void
  error?: React.ReactNode
  disabled?: boolean
}

export function CurrencySelect(props: SelectProps) {
  return (
    <Select
      label={t('core.currency')}
      data={named('currency', Intl.supportedValuesOf('currency'))}
      searchable
      {...props}
      {...shared()}
    />
  )
}

export function TimezoneSelect(props: SelectProps) {
  const zones = Intl.supportedValuesOf('timeZone')
  const data = props.value && !zones.includes(props.value) ? [props.value, ...zones] : zones
  return <Select label={t('core.timezone')} data={data} searchable {...props} {...shared()} />
}

export function CountrySelect(props: SelectProps) {
  return (
    <Select label={t('core.country')} data={named('region', countries)} searchable {...props} {...shared()} />
  )
}

// Long lists: only what fits the letters typed so far is drawn, and typing replaces the choice instead of adding to it.
const selectAll = (event: { currentTarget: HTMLInputElement }) => event.currentTarget.select()
const shared = () =>
  ({
    limit: 60,
    nothingFoundMessage: t('core.nothing_found'),
    allowDeselect: false,
    selectFirstOptionOnChange: true,
    onFocus: selectAll,
    onClick: selectAll,
  }) as const

function named(type: 'currency' | 'region', codes: readonly string[]) {
  const names = new Intl.DisplayNames(intlLocale(), { type })
  return codes
    .map((code) => ({ value: code, label: `${names.of(code) ?? code} (${code})` }))
    .sort((a, b) => a.label.localeCompare(b.label))
}

/** "Acme Trading Ltd." to "acme-trading-ltd". */
export function codeFrom(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
}

function regionOfBrowser(): string {
  try {
    return new Intl.Locale(navigator.language).maximize().region ?? 'US'
  } catch {
    // Some systems name a locale that Intl does not know, such as en-US@posix.
    return 'US'
  }
}

// ISO 3166-1 alpha-2; Intl has names for them but no list.
const countries = (
  'AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO ' +
  'CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR ' +
  'HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML ' +
  'MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW ' +
  'SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN ' +
  'VU WF WS YE YT ZA ZM ZW'
).split(' ')

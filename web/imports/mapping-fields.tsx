import { NativeSelect, SimpleGrid, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { type FieldName, fieldLabel, fieldNames, type Mapping, needed } from './fields.ts'
import type { Preview } from './read-header.ts'

type Props = { preview: Preview; mapping: Mapping; onChange: (mapping: Mapping) => void }

/** Which column of the file feeds which field, each with a value from the first rows. */
export function MappingFields({ preview, mapping, onChange }: Props) {
  const must = needed.flat()
  const sampleOf = (header: string) => {
    const at = preview.header.indexOf(header)
    return preview.rows.map((row) => row[at]?.trim()).find(Boolean)
  }
  const select = (field: FieldName) => {
    const chosen = mapping[field] ?? ''
    const sample = chosen && sampleOf(chosen)
    return (
      <NativeSelect
        key={field}
        label={fieldLabel(field)}
        description={sample ? t('imports.sample', { value: sample.slice(0, 40) }) : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={chosen}
        data={[{ value: '', label: t('imports.no_column') }, ...preview.header.filter(Boolean)]}
        onChange={(event) => onChange({ ...mapping, [field]: event.currentTarget.value || undefined })}
      />
    )
  }
  return (
    <>
      <Text size="sm" fw={600} mb="xs">
        {t('imports.fields_needed')}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {must.map(select)}
      </SimpleGrid>
      <Text size="sm" fw={600} mt="lg" mb="xs">
        {t('imports.fields_more')}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {fieldNames.filter((field) => !must.includes(field)).map(select)}
      </SimpleGrid>
    </>
  )
}

import { Table } from '@mantine/core'
import { t } from '../i18n.ts'
import { Section } from '../shared/section.tsx'
import type { Reading } from './reading.ts'

/** The first rows as the file writes them. */
export function SampleTable({ reading: { table, sample } }: { reading: Reading }) {
  if (!table || sample.length === 0) return null
  return (
    <Section title={t('imports.sample_title')}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields */}
      <div role="group" aria-label={t('imports.sample_title')} tabIndex={0} style={{ overflowX: 'auto' }}>
        <Table fz="sm" style={{ whiteSpace: 'nowrap' }}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('imports.row')}</Table.Th>
              {table.columns.map((column, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns stand where they stand, and names may repeat
                <Table.Th key={at}>{column || '–'}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sample.map(({ row, cells }) => (
              <Table.Tr key={row}>
                <Table.Td c="dimmed">{row}</Table.Td>
                {table.columns.map((_, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <Table.Td key={at}>{cells[at]}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Section>
  )
}

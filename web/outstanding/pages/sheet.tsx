import { Button, NativeSelect, Stack, Text } from '@mantine/core'
import { IconPrinter } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../i18n.ts'
import { ExportMenu } from '../../receivables/export-menu.tsx'
import { useCan, useFormat } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { OutstandingChoices, SheetCustomer } from '../../wire.ts'
import { NoSheets, Pickers, UploadLink, useSheetFilters } from '../pickers.tsx'
import { Proposals } from '../proposals.tsx'
import { choicesQuery, sheetQuery } from '../queries.ts'
import { SheetGrid } from '../sheet-grid.tsx'
import { Team } from '../team.tsx'
import { useEdits } from '../use-edits.ts'

export default function SheetPage() {
  const may = useCan('receivables.read')
  const choices = useQuery({ ...choicesQuery, enabled: may })
  return choices.data && choices.data.months.length > 0 ? (
    <Sheet choices={choices.data} />
  ) : (
    <Page title={t('core.nav_sheet')}>
      {may ? (
        <Loaded query={choices}>{(data) => <NoSheets choices={data} />}</Loaded>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}

function Sheet({ choices }: { choices: OutstandingChoices }) {
  const format = useFormat()
  const { query } = useSheetFilters(choices)
  const [filters, setFilters] = useFilters(['q', 'engineer', 'remark'])
  const sheet = useQuery(sheetQuery(query))
  const all = sheet.data ?? []
  const { apply, undo, setStatus } = useEdits(choices, all)
  const rows = all.filter(wanted(filters))
  const amount = rows.reduce((sum, row) => sum + row.outstandingAmount, 0)
  return (
    <Page
      title={t('core.nav_sheet')}
      lead={
        sheet.data &&
        t('outstanding.sheet_lead', {
          count: rows.length,
          month: query.month ?? '',
          amount: format.money(Math.round(amount * 100) / 100),
        })
      }
      actions={
        <>
          {choices.mayUpload && <UploadLink />}
          <ExportMenu path="/api/outstanding/export" query={query} />
          <Button
            variant="default"
            leftSection={<IconPrinter size={16} aria-hidden />}
            onClick={() => window.print()}
          >
            {t('outstanding.print')}
          </Button>
        </>
      }
    >
      <Pickers choices={choices}>
        <NativeSelect
          label={t('outstanding.engineer')}
          value={filters.engineer ?? ''}
          data={[
            { value: '', label: t('outstanding.everybody') },
            { value: 'none', label: t('outstanding.unassigned') },
            ...choices.engineers.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(event) => setFilters({ engineer: event.currentTarget.value || undefined })}
        />
        <SearchField
          label={t('outstanding.search')}
          value={filters.q}
          onChange={(q) => setFilters({ q }, { replace: true })}
        />
      </Pickers>
      <Loaded query={sheet}>
        {() => (
          <Stack gap="md">
            {choices.mayAssign && <Proposals />}
            {rows.length === 0 ? (
              <FilteredEmpty
                onClear={() => setFilters({ q: undefined, engineer: undefined, remark: undefined })}
              />
            ) : (
              <>
                {choices.mayEdit && (
                  <Text size="sm" c="dimmed" className="no-print">
                    {t('outstanding.sheet_keys')}
                  </Text>
                )}
                <SheetGrid
                  month={query.month ?? ''}
                  rows={rows}
                  choices={choices}
                  stale={sheet.isPlaceholderData}
                  onApply={apply}
                  onUndo={undo}
                  onStatus={setStatus}
                />
              </>
            )}
            <div className="no-print">
              <Team
                choices={choices}
                rows={all}
                engineer={filters.engineer}
                onEngineer={(engineer) => setFilters({ engineer })}
              />
            </div>
          </Stack>
        )}
      </Loaded>
    </Page>
  )
}

function wanted({ q, engineer, remark }: { q?: string; engineer?: string; remark?: string }) {
  const words = q?.toLowerCase().split(/\s+/) ?? []
  return (row: SheetCustomer) => {
    const text = `${row.customerCode} ${row.customerName} ${row.notes}`.toLowerCase()
    return (
      words.every((word) => text.includes(word)) &&
      (engineer === undefined || (row.assignedEngineerId ?? 'none') === engineer) &&
      (remark === undefined || row.remarks === remark)
    )
  }
}

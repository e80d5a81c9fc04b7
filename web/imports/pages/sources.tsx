import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { type Column, DataTable } from '../../shared/data-table.tsx'
import { Page } from '../../shared/page.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import type { ImportSource } from '../../wire.ts'
import { SourceForm } from '../source-form.tsx'
import { useSources } from '../use-import.ts'
import { fieldLabel, kindLabel } from '../words.ts'

/** Where files come from: what each source is called, and what its files speak about. */
export default function SourcesPage() {
  const may = useCan('receivables.import')
  return (
    <Page
      title={t('imports.sources')}
      lead={t('imports.sources_lead')}
      actions={
        <Button component={Link} to="/imports" variant="default">
          {t('imports.all')}
        </Button>
      }
    >
      {may ? <List /> : <Forbidden permission="receivables.import" />}
    </Page>
  )
}

function List() {
  const format = useFormat()
  const sources = useSources()
  const [changing, setChanging] = useState<ImportSource | null>(null)
  const columns: Column<ImportSource>[] = [
    {
      key: 'name',
      header: t('imports.source_name'),
      title: true,
      cell: (source) => <span className="wrap-anywhere">{source.name}</span>,
    },
    {
      key: 'kind',
      header: t('imports.kind_title'),
      cell: (source) => (source.kind ? kindLabel(source.kind) : t('imports.kind_unknown')),
    },
    {
      key: 'columns',
      header: t('imports.remembered'),
      wideOnly: true,
      cell: (source) => Object.keys(source.mapping).map(fieldLabel).join(', ') || '–',
    },
    {
      key: 'imports',
      header: t('core.nav_imports'),
      align: 'right',
      cell: (source) => format.number(source.imports),
    },
    {
      key: 'last',
      header: t('imports.last_day'),
      cell: (source) => (source.last_as_of ? format.day(source.last_as_of) : '–'),
    },
    {
      key: 'change',
      header: t('imports.change'),
      cell: (source) => (
        <Button
          size="compact-sm"
          variant="default"
          data-row-link
          aria-label={t('imports.change_source', { name: source.name })}
          onClick={() => setChanging(source)}
        >
          {t('imports.change')}
        </Button>
      ),
    },
  ]
  return (
    <>
      <Loaded query={sources}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('imports.no_sources')} why={t('imports.no_sources_why')} />
          ) : (
            <DataTable
              caption={t('imports.sources')}
              columns={columns}
              rows={data.items}
              rowKey={(source) => source.id}
            />
          )
        }
      </Loaded>
      {changing && <SourceForm source={changing} onClose={() => setChanging(null)} />}
    </>
  )
}

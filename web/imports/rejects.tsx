import { Button, Group, Menu, Text, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { t } from '../i18n.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import type { ImportDetails, ImportReject } from '../wire.ts'

const shownRows = 100

/** Rejected rows as written, with their reasons, for the file's own spreadsheet. */
export function RejectedDownload({ id }: { id: number }) {
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          {t('imports.rejects_download')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['csv', 'xlsx'] as const).map((format) => (
          <Menu.Item
            key={format}
            component="a"
            href={`/api/imports/${id}/rejected?format=${format}`}
            download
          >
            {format === 'csv' ? t('imports.as_csv') : t('imports.as_xlsx')}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** What was not taken, when it can no longer be mended here. */
export function Rejects({ one }: { one: Pick<ImportDetails, 'id' | 'rejects'> }) {
  const columns: Column<ImportReject>[] = [
    { key: 'row', header: t('imports.row'), align: 'right', title: true, cell: (each) => each.row },
    { key: 'column', header: t('imports.column'), cell: (each) => each.column ?? '–' },
    {
      key: 'value',
      header: t('imports.value'),
      cell: (each) => <span className="wrap-anywhere">{each.value ?? '–'}</span>,
    },
    { key: 'reason', header: t('imports.reason'), cell: (each) => each.reason },
  ]
  const more = one.rejects.length - shownRows
  return (
    <section aria-labelledby="rejects">
      <Group justify="space-between" mb="sm">
        <div>
          <Title order={2} size="h4" id="rejects">
            {t('imports.rejects')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('imports.rejects_why')}
          </Text>
        </div>
        <RejectedDownload id={one.id} />
      </Group>
      <DataTable
        caption={t('imports.rejects')}
        columns={columns}
        rows={one.rejects.slice(0, shownRows)}
        rowKey={(each) => `${each.row}:${each.column}:${each.reason}`}
      />
      {more > 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          {t('imports.rejects_more', { count: more })}
        </Text>
      )}
    </section>
  )
}

import { Button, Menu } from '@mantine/core'
import { IconDownload, IconFileSpreadsheet, IconFileTypeCsv } from '@tabler/icons-react'
import { api, type Options, withQuery } from '../api.ts'
import { t } from '../i18n.ts'
import { failed } from '../shared/toast.tsx'

/** The list as it is on the page, filters and order included, as a file that the server writes. */
export function ExportMenu({ path, query }: { path: string; query: NonNullable<Options['query']> }) {
  const start = async (format: 'csv' | 'xlsx') => {
    try {
      // A download cannot renew the session by itself.
      await api('GET', '/api/session')
      const link = document.createElement('a')
      link.href = withQuery(path, { ...query, format })
      link.download = ''
      link.click()
    } catch (error) {
      failed(error)
    }
  }
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          {t('core.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label={t('core.export')}>
        <Menu.Item leftSection={<IconFileTypeCsv size={17} aria-hidden />} onClick={() => start('csv')}>
          {t('core.export_csv')}
        </Menu.Item>
        <Menu.Item leftSection={<IconFileSpreadsheet size={17} aria-hidden />} onClick={() => start('xlsx')}>
          {t('core.export_xlsx')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

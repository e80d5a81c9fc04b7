import { Button, Menu } from '@mantine/core'
import {
  IconDownload,
  IconFileSpreadsheet,
  IconFileTypeCsv,
  IconFileTypePdf,
  IconMail,
} from '@tabler/icons-react'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { download } from '../shared/download.ts'
import { failed } from '../shared/toast.tsx'
import { apiOf } from './queries.ts'

type Kind = 'download-csv' | 'download-pdf' | 'download-xlsx' | 'letters'
const files: Record<Kind, [name: string, type: string]> = {
  'download-csv': ['debtors_{id}.csv', 'text/csv'],
  'download-pdf': ['debtors_{id}.pdf', 'application/pdf'],
  'download-xlsx': ['debtors_{id}.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  letters: ['letters_{id}.pdf', 'application/pdf'],
}

export async function fetchFile(outlet: string, kind: Kind, body: object): Promise<void> {
  const [name, type] = files[kind]
  try {
    const blob = await api<Blob>('POST', `${apiOf(outlet)}/${kind}`, { body, blob: true })
    download(name.replace('{id}', outlet), blob, type)
  } catch (error) {
    failed(error)
  }
}

/** What the page shows, or the rows picked, as a file; letters for those whom no message reaches. */
export function DownloadMenu({ outlet, body, label }: { outlet: string; body: object; label?: string }) {
  const [busy, setBusy] = useState(false)
  const start = async (kind: Kind) => {
    setBusy(true)
    await fetchFile(outlet, kind, body)
    setBusy(false)
  }
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" loading={busy} leftSection={<IconDownload size={16} aria-hidden />}>
          {label ?? t('debtors.download')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label={label ?? t('debtors.download')}>
        <Menu.Item
          leftSection={<IconFileTypeCsv size={17} aria-hidden />}
          onClick={() => start('download-csv')}
        >
          {t('core.export_csv')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconFileSpreadsheet size={17} aria-hidden />}
          onClick={() => start('download-xlsx')}
        >
          {t('core.export_xlsx')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconFileTypePdf size={17} aria-hidden />}
          onClick={() => start('download-pdf')}
        >
          {t('debtors.as_pdf')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconMail size={17} aria-hidden />} onClick={() => start('letters')}>
          {t('debtors.as_letters')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

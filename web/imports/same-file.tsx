import { Alert } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { TextLink } from '../shared/text-link.tsx'
import type { ImportDetails } from '../wire.ts'
import { statusLabel } from './words.ts'

/** The same bytes under another name, or for another day, are told to be the same. */
export function SameFile({ one, sentAs }: { one: ImportDetails; sentAs: string | undefined }) {
  const format = useFormat()
  return (
    <>
      {sentAs !== undefined && (
        <Alert role="status" className="wrap-anywhere">
          {t('imports.same_sent', { file: one.file_name })}
        </Alert>
      )}
      {one.same_files.map(({ id, file_name, as_of, status }) => (
        <Alert key={id} className="wrap-anywhere">
          {t('imports.same_file', { file: file_name, day: format.day(as_of), status: statusLabel(status) })}{' '}
          <TextLink to={`/imports/${id}`} underline="always" inherit>
            {t('imports.see_same', { id })}
          </TextLink>
        </Alert>
      ))}
    </>
  )
}

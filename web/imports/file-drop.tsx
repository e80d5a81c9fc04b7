import { t } from '../i18n.ts'
import { FileField } from '../shared/file-field.tsx'

type Props = { onFiles: (files: File[]) => void; accept: string }

/** Several files are several imports. */
export const FileDrop = (props: Props) => (
  <FileField {...props} multiple name={t('imports.choose')} also={t('imports.drop')} />
)

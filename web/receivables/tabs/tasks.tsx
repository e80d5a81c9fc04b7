import { t } from '../../i18n.ts'
import { Section } from '../../shared/section.tsx'

export default function TasksTab() {
  return <Section title={t('work.tasks')} />
}

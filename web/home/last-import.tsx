import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import type { ImportRow, Page } from '../wire.ts'

export function LastImport() {
  const format = useFormat()
  const imports = useQuery({
    queryKey: ['imports', 'last'],
    queryFn: () =>
      api<Page<ImportRow>>('GET', '/api/imports', { query: { page_size: 1, status: 'published' } }),
  })
  return (
    <Section
      title={t('home.last_import')}
      actions={<TextLink to="/imports">{t('home.import_file')}</TextLink>}
    >
      <Loaded query={imports} lines={2}>
        {({ items: [last] }) =>
          last ? (
            <>
              <Text fw={600} className="wrap-anywhere">
                <TextLink to={`/imports/${last.id}`} inherit>
                  {last.file_name}
                </TextLink>
              </Text>
              <Text size="sm" c="dimmed">
                {t('home.last_import_line', {
                  day: format.day(last.as_of),
                  when: format.ago(last.published_at ?? last.created_at),
                })}
              </Text>
              <Text size="sm" mt="xs">
                {t('home.last_import_rows', {
                  rows: format.number(last.rows),
                  fresh: format.number(last.new),
                  changed: format.number(last.changed),
                  rejected: format.number(last.rejected),
                })}
              </Text>
            </>
          ) : (
            <Text c="dimmed">{t('home.no_import')}</Text>
          )
        }
      </Loaded>
    </Section>
  )
}

import { Button, Group, Modal, Stack, Table, Text } from '@mantine/core'
import { t } from '../i18n.ts'

export type Difference = { label: string; yours: string; theirs: string }

type Props = { differences: Difference[] | null; onTake: () => void; onKeep: () => void; busy?: boolean }

/** Somebody saved first (412): what differs, and whose version shall stand. Nothing is lost before the reader says so. */
export function Conflict({ differences, onTake, onKeep, busy }: Props) {
  return (
    <Modal
      opened={differences !== null}
      onClose={onTake}
      title={t('core.conflict_title')}
      size="lg"
      withCloseButton={false}
      closeOnClickOutside={false}
    >
      <Stack gap="md">
        <Text>{t('core.conflict_why')}</Text>
        <Table.ScrollContainer minWidth={420}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('core.conflict_field')}</Table.Th>
                <Table.Th>{t('core.conflict_yours')}</Table.Th>
                <Table.Th>{t('core.conflict_theirs')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {(differences ?? []).map((one) => (
                <Table.Tr key={one.label}>
                  <Table.Th scope="row">{one.label}</Table.Th>
                  <Table.Td>{one.yours}</Table.Td>
                  <Table.Td>{one.theirs}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        <Group justify="flex-end">
          <Button variant="default" onClick={onTake} data-autofocus>
            {t('core.conflict_take')}
          </Button>
          <Button onClick={onKeep} loading={busy ?? false}>
            {t('core.conflict_keep')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** The fields in which two versions differ, in words. */
export function differencesOf<Shape extends object>(
  yours: Shape,
  theirs: Shape,
  words: { [field in keyof Shape]?: { label: string; say: (value: Shape[field]) => string } },
): Difference[] {
  return (Object.keys(words) as (keyof Shape)[]).flatMap((field) => {
    const word = words[field]!
    const [mine, stored] = [word.say(yours[field]), word.say(theirs[field])]
    return mine === stored ? [] : [{ label: word.label, yours: mine || '–', theirs: stored || '–' }]
  })
}

import { Badge, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import type { Column } from '../shared/data-table.tsx'
import type { Formatter } from '../shared/format.ts'
import { TextLink } from '../shared/text-link.tsx'
import type { Debtor } from '../wire.ts'
import { buckets, bucketWord } from './buckets.ts'
import { ContactCell } from './contact-cell.tsx'
import classes from './debtors.module.css'

export function debtorColumns(outlet: string, format: Formatter, mayEdit: boolean): Column<Debtor>[] {
  const amount = (value: number) =>
    value === 0 ? <span className={classes.nothing}>–</span> : format.amount(value)
  return [
    {
      key: 'name',
      header: t('debtors.account'),
      title: true,
      sort: 'name',
      width: '16%',
      cell: (debtor) => (
        <>
          <TextLink
            to={`/debtors/${outlet}/accounts/${debtor.id}`}
            data-row-link
            inherit
            className="wrap-anywhere"
          >
            {debtor.name}
          </TextLink>
          <Text size="xs" c="dimmed" fw={400}>
            {debtor.acc_no}
          </Text>
          {debtor.is_medical_aid_control && (
            <Badge color="gray" size="sm">
              {t('debtors.medical_aid')}
            </Badge>
          )}
        </>
      ),
    },
    ...buckets.map(
      (bucket): Column<Debtor> => ({
        key: bucket,
        header: bucketWord(bucket),
        align: 'right',
        sort: bucket,
        wideOnly: true,
        cell: (debtor) => amount(debtor[bucket]),
      }),
    ),
    {
      key: 'arrears',
      header: t('debtors.arrears'),
      align: 'right',
      sort: 'arrears',
      cell: (debtor) => amount(debtor.arrears),
    },
    {
      key: 'balance',
      header: t('debtors.bucket_balance'),
      align: 'right',
      sort: 'balance',
      cell: (debtor) => <strong>{amount(debtor.balance)}</strong>,
    },
    {
      key: 'contact',
      header: t('debtors.contact'),
      width: '20%',
      cell: (debtor) => <ContactCell debtor={debtor} mayEdit={mayEdit} />,
    },
  ]
}

import { Badge, Button, Text } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { Link, useParams } from '@tanstack/react-router'
import { Suspense } from 'react'
import { MessageLog } from '../../communications/lazy.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { Facts } from '../../shared/data-table.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded, Loading } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import type { DebtorDetails } from '../../wire.ts'
import { bucketColour, buckets, bucketWord } from '../buckets.ts'
import { ContactCell } from '../contact-cell.tsx'
import classes from '../debtors.module.css'
import { DownloadMenu } from '../download-menu.tsx'
import { History } from '../history.tsx'
import { useDebtor, useMay, usePharmacy } from '../queries.ts'

/** One account: what it owes by age, how to reach whoever it is, every report it stood in, every message it got. */
export default function DebtorPage() {
  const { outlet = '', debtor: id = '' } = useParams({ strict: false }) as {
    outlet?: string
    debtor?: string
  }
  const maySee = can(useMe(), 'debtors.read')
  const pharmacy = usePharmacy(maySee ? outlet : '')
  const debtor = useDebtor(maySee ? outlet : '', id)
  const may = useMay(pharmacy.data)
  const { data } = debtor
  return (
    <Page
      title={data?.name ?? t('debtors.account')}
      lead={
        <>
          {pharmacy.data && (
            <TextLink to={`/debtors/${outlet}`} underline="always" inherit>
              {pharmacy.data.name}
            </TextLink>
          )}
          {data && ` · ${t('debtors.account_no', { account: data.acc_no })}`}
        </>
      }
      actions={
        data && (
          <>
            {may.send && !data.is_medical_aid_control && (
              <Button
                leftSection={<IconSend size={16} aria-hidden />}
                renderRoot={(props) => (
                  <Link
                    to={'/debtors/remind' as string}
                    search={{ outlet, ids: String(data.id) } as never}
                    {...props}
                  />
                )}
              >
                {t('debtors.remind')}
              </Button>
            )}
            <DownloadMenu outlet={outlet} body={{ debtor_ids: [data.id], exclude_medical_aid: false }} />
          </>
        )
      }
    >
      {maySee ? (
        <Loaded query={debtor}>
          {(shown) => <Body outlet={outlet} debtor={shown} mayEdit={may.write} />}
        </Loaded>
      ) : (
        <Forbidden permission="debtors.read" />
      )}
    </Page>
  )
}

function Body({ outlet, debtor, mayEdit }: { outlet: string; debtor: DebtorDetails; mayEdit: boolean }) {
  const format = useFormat()
  return (
    <div className={classes.stack}>
      {debtor.is_absent && (
        <Text c="dimmed" role="status">
          {t('debtors.absent')}
        </Text>
      )}
      <div className={classes.columns}>
        <Section
          title={t('debtors.owed')}
          actions={
            <>
              {debtor.is_medical_aid_control && <Badge color="gray">{t('debtors.medical_aid')}</Badge>}
              {debtor.is_control && !debtor.is_medical_aid_control && (
                <Badge color="gray">{t('debtors.control')}</Badge>
              )}
            </>
          }
        >
          <p className={classes.headline}>
            <span className="figure">{format.money(debtor.balance)}</span>
            <span className={classes.quiet}>
              {t('debtors.of_which', { arrears: format.money(debtor.arrears) })}
            </span>
          </p>
          <Bar debtor={debtor} />
          <dl className={classes.ages}>
            {buckets.map((bucket) => (
              <div key={bucket}>
                <dt>
                  <span className={classes.dot} style={{ background: bucketColour(bucket) }} aria-hidden />
                  {bucketWord(bucket)}
                </dt>
                <dd className="figure">{format.money(debtor[bucket])}</dd>
              </div>
            ))}
          </dl>
        </Section>
        <Section title={t('debtors.contact')}>
          <ContactCell debtor={debtor} mayEdit={mayEdit} />
          <div className={classes.facts}>
            <Facts
              facts={[
                [
                  t('debtors.contact_from'),
                  t(
                    debtor.email_by_hand || debtor.phone_by_hand
                      ? 'debtors.from_hand'
                      : 'debtors.from_report',
                  ),
                ],
                ...(debtor.sub_of ? ([[t('debtors.sub_of'), debtor.sub_of]] as [string, string][]) : []),
                [
                  t('debtors.on_paper'),
                  debtor.report_id !== null && debtor.page !== null ? (
                    <TextLink
                      key="paper"
                      to={`/debtors/${outlet}/reports/${debtor.report_id}`}
                      search={{ p: String(debtor.page), at: String(debtor.line ?? '') }}
                      underline="always"
                      inherit
                    >
                      {t('debtors.paper_page', { page: debtor.page })}
                    </TextLink>
                  ) : (
                    '–'
                  ),
                ],
              ]}
            />
          </div>
        </Section>
      </div>
      <History outlet={outlet} debtor={debtor} />
      <Section title={t('debtors.messages')}>
        <Suspense fallback={<Loading lines={3} />}>
          <MessageLog customerId={debtor.id} />
        </Suspense>
      </Section>
    </div>
  )
}

/** The same ages as a bar; credits take no width. */
function Bar({ debtor }: { debtor: DebtorDetails }) {
  const positive = buckets.filter((bucket) => debtor[bucket] > 0)
  return (
    <div className={classes.bar} aria-hidden>
      {positive.map((bucket) => (
        <div key={bucket} style={{ flexGrow: debtor[bucket], background: bucketColour(bucket) }} />
      ))}
    </div>
  )
}

// Accounts that are no person's: the medical aids' own and other control accounts, told by whole words.

const medical =
  /\bMED(?:ICAL)?\.?\s*AIDS?\b.*\b(?:CONTROL|CTRL|CNTRL|ACC|ACCOUNT|ACCT|A\/C|CLAIMS?)\b|\bMEDIESE\s+(?:FONDS?|HULP)\b.*\b(?:KONTROLE|REK(?:ENING)?)\b|\bMED(?:ICAL)?\s*AIDS?\s*$/i
const control = /\b(?:CONTROL|CTRL|KONTROLE)\s*(?:A\/C|ACC|ACCT|ACCOUNT|REK(?:ENING)?)\b|\bSUSPENSE\b/i
const heading = /\bMED(?:ICAL)?\.?\s*AIDS?\b|\bMEDIESE\s+FONDS?E?\b/i

export const isMedicalSection = (text: string) =>
  heading.test(text) && !/\b(?:excl|no|non|without|private)\b/i.test(text)

export function controlOf(account: string, name: string, section: string | null, listed: string[]) {
  const of = (text: string) => text.toUpperCase().replaceAll(/\s+/g, ' ').trim()
  const known = listed.some((each) => {
    const wanted = of(each)
    return (
      wanted !== '' &&
      (of(account) === wanted ||
        ` ${of(name).replaceAll(/[^\p{L}\d]+/gu, ' ')} `.includes(
          ` ${wanted.replaceAll(/[^\p{L}\d]+/gu, ' ')} `,
        ))
    )
  })
  const is_medical_aid_control =
    known || medical.test(name) || (section !== null && isMedicalSection(section))
  return { is_medical_aid_control, is_control: is_medical_aid_control || control.test(name) }
}

// Words that say what a line is.

const TOTAL = String.raw`(?:(?:sub|page|grand|report|final|overall|section|group|account|customer|debtor|branch|running|age|company|net|nett)[- ]?)*tota(?:ls?|al|le)|tot\b|sub-?tot`
const CARRIED = String.raw`\bc\s?\/\s?f(?:wd)?\b|\bb\s?\/\s?f(?:wd)?\b|\bcarried\b|\bbrought (?:fwd|forward|down)|\boorgedra|\bc\/d\b|\bb\/d\b|\bcarry forward`

export const words = {
  total: new RegExp(
    String.raw`(?<![\p{L}])(?:${TOTAL})(?![\p{L}])|${CARRIED}|^(?:all (?:accounts|debtors|customers)|sum)\b`,
    'iu',
  ),
  /** What a total line begins with. */
  totalStart: new RegExp(String.raw`^[\s*>=<-]*(?:${TOTAL})(?![\p{L}])[\s:*>=<.-]*`, 'iu'),
  /** What may follow without naming anything. */
  totalRest:
    /^(?:due|outstanding|owing|balance|all|accounts?|customers?|debtors?|clients?|report|page|for|of|this|section|in|amount|zar|r|carried|brought|forward|fwd|c\/f|b\/f|ageing|aging|analysis|[\s\d:().,*>=<-])+(?:page|report|debtors|customers|accounts)?[\s\d:().*>=<-]*$/i,
  grand: /\b(?:grand|report|final|overall|company)\b|\ball (?:accounts|debtors|customers)\b/i,
  carried: /\bc\s?\/\s?f(?:wd)?\b|\bcarr(?:ied|y)\b|\boorgedra|\bc\/d\b|\brunning\b/i,
  brought: /\bb\s?\/\s?f(?:wd)?\b|\bbrought\b|\bb\/d\b/i,
  page: /\bpage\b|\bbladsy\b/i,
  sub: /\bsub\b|\bsub-?tot/i,
  percent: /^\W*(?:percent(?:age)?s?|perc\b|persentasie|%)|\bpercentage\b|^\W*age(?:ing)? %/i,
  date: /(?<![\d.,])(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}[/-]\d{1,2}[/-]\d{1,2}|\d{1,2}[ -](?:jan|feb|mar|mrt|apr|may|mei|jun|jul|aug|sep|oct|okt|nov|dec|des)[a-z]*[ -]\d{2,4})(?![\d])/i,
  detail:
    /^\W*(?:payment detail|last (?:paid|payment|receipt|pmt)|terms?\b|credit limit|cr(?:edit)? ?lim|crlim|pmt amt|comments?\b|notes?\b|nota\b|memo\b|remarks?\b|ref\b|addr(?:ess)?\b|adres\b|p\.? ?o\.? ?box|posbus|id no|ref no|dob\b|vat no|med(?:ical)? aid no|scheme\b|contact person|attention\b|attn\b)/i,
  foot: /\bpage\s*:?\s*\d+|\bbladsy\s*:?\s*\d+|\bprinted\b|\bend of report\b|\beinde van verslag\b|\bcontinued\b|\bvervolg\b|^\W*(?:number of|no\.? of|count of|aantal)\b|\b(?:accounts?|debtors|customers) (?:listed|printed)\b|\bconfidential\b|\bgenerated\b|^\W*\d+ (?:accounts|debtors|customers)\b|\brun (?:date|time)\b|^\W*(?:date|time|user|operator)\s*:/i,
}

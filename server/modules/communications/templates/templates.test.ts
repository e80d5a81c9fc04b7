import { expect, test } from 'vitest'
import { seeded } from '../../../../tests/seeded.ts'
import { composeMail, composeSms, shortened } from './compose.ts'
import { languages, reminderDefaults, reminderWords } from './defaults.ts'
import { faultOf, fill } from './liquid.ts'
import { isOnePart, localeOf, readableAmount, smsText } from './readable.ts'

const values = {
  name: 'John Doe',
  acc_no: '123456',
  amount: 'R1,234.50',
  arrears_amount: 'R1,234.50',
  total_balance: 'R2,000.00',
  pharmacy_name: 'Sunrise Pharmacy',
  bank_name: 'FNB',
  account_number: '62001234567',
  pharmacy_email: 'accounts@sunrise.example',
  pharmacy_phone: '0115551234',
  today: '2 March 2026',
}

test.each(languages)('the default words in %s name only what is filled in, and fill in', (language) => {
  const { email, sms } = reminderDefaults[language]
  for (const template of [email.subject, email.body, sms]) expect(faultOf(template, reminderWords)).toBeNull()
  for (const some of [values, { ...values, account_number: '', bank_name: '', pharmacy_phone: '' }]) {
    const mail = composeMail(email, some, { sender: some.pharmacy_name, language })
    expect(mail.html).toContain(`lang="${language}"`)
    expect(mail.text).toContain('R1,234.50')
    expect(mail.text).not.toMatch(/[{}]|\n\n\n|\*\*/)
    expect(composeSms(sms, some)).toContain('1,234.50')
  }
})

test('the default SMS is one part for nearly everybody, and names only get shorter, never wrong', () => {
  const random = seeded(7)
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!
  const first = ['JOHN', 'Maria Elizabeth', 'THANDIWE NOMVULA', 'Pieter', 'Sipho', 'ANNA-MARIE CHRISTINA']
  const last = ['DOE', 'van der Merwe', 'NDLOVU', "O'Connor-Bartholomew", 'Prinsloo & Seuns', 'Naidoo']
  const shops = [
    'Sunrise Pharmacy',
    'Medi-Rite Apteek Stellenbosch Central',
    'Clicks',
    'Van Zyl & Partners Pharmacy',
  ]
  for (const language of languages) {
    let one = 0
    for (let n = 0; n < 400; n++) {
      const amount = BigInt(Math.floor(10 ** (3 + random() * 4)))
      const arrears = readableAmount(amount, 'ZAR', localeOf(language, 'ZA'))
      const text = composeSms(
        reminderDefaults[language].sms,
        {
          ...values,
          name: `${pick(first)} ${pick(last)}`,
          pharmacy_name: pick(shops),
          bank_name: pick(['FNB', 'Standard Bank', 'Absa', 'Nedbank', 'Capitec Business']),
          arrears_amount: arrears,
        },
        { name: 'name', sender: 'pharmacy_name' },
      )
      expect(text).toContain(smsText(arrears))
      if (isOnePart(text)) one++
    }
    expect([language, one / 400 >= 0.95]).toEqual([language, true])
  }
})

test('amounts as their readers write them, exact, and plain in an SMS', () => {
  const amount = (locale: string, currency: string, minor = 123456750n) =>
    readableAmount(minor, currency, locale)
  expect(amount('en-ZA', 'ZAR')).toBe('R1,234,567.50')
  expect(amount('en-ZA', 'ZAR', -5n)).toBe('-R0.05')
  expect(smsText(amount('af-ZA', 'ZAR'))).toBe('R 1 234 567,50')
  expect(amount('en-IN', 'INR')).toBe('₹12,34,567.50')
  expect(smsText(amount('en-IN', 'INR'))).toBe('Rs 12,34,567.50')
  expect(smsText(amount('uz-UZ', 'UZS'))).toBe("1 234 567,50 so'm")
  expect(smsText(amount('ru-UZ', 'UZS'))).toBe('1 234 567,50 UZS')
  expect(amount('en-US', 'JPY', 5n)).toBe('¥5')
  expect(amount('en-ZA', 'ZAR', 9_007_199_254_740_993n)).toBe('R90,071,992,547,409.93')
  for (const sign of ['Crêche', 'Citroën', '“Hôtel” – 5…'].map(smsText))
    expect(isOnePart(`${sign}${'x'.repeat(140)}`)).toBe(true)
  expect(smsText('Аптека долг')).toBe('Аптека долг')
})

test('a template can neither read files, loop for long, grow, nor name what there is not', () => {
  const refuses = (template: string) => expect(faultOf(template, reminderWords), template).toBeTruthy()
  for (const template of [
    '{% include "/etc/passwd" %}',
    '{% render "secrets" %}',
    '{% layout "x" %}',
    '{{ constructor }}',
    '{{ process.env }}',
    '{{ name | no_such_filter }}',
    '{{ nmae }}',
    '{% if name %}',
    '{{ name | json }}',
    '{{ name.constructor }}',
  ])
    refuses(template)
  for (const template of [
    '{% for a in (1..100000000) %}x{% endfor %}',
    '{% for a in (1..5000) %}{% for b in (1..5000) %}{{ name }}{% endfor %}{% endfor %}',
    '{% assign a = name | append: name %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{{ a }}',
  ])
    expect(() => fill(template, values), template).toThrow(/template|limit/i)
})

test('mail escapes everything and makes lists, tables and links of plain text', () => {
  const { html, text } = composeMail(
    {
      subject: 'To {{name}}',
      body: 'Dear {{name}},\n\n- one\n- two\n\nBank: FNB\nReference: {{acc_no}}\n\nSee https://pay.example/x?a=1&b=2 or write to a@b.example. **Soon**',
    },
    { ...values, name: '<script>alert(1)</script>' },
    {
      sender: 'A & B',
      language: 'en',
      footer: { text: 'Small print.', link: { label: 'Stop', url: 'https://x.example/u?t=1' } },
    },
  )
  expect(html).not.toContain('<script>')
  expect(html).toContain('&lt;script&gt;')
  expect(html).toContain('A &amp; B')
  expect(html).toContain('<li>one</li>')
  expect(html).toContain('<strong>123456</strong>')
  expect(html).toContain('href="https://pay.example/x?a=1&amp;b=2"')
  expect(html).toContain('href="mailto:a@b.example"')
  expect(text).toContain('Soon\n\n-- \nSmall print.\nStop: https://x.example/u?t=1')
})

test('names are cut where a word ends', () => {
  expect(shortened('Anna-Marie van der Merwe', 14)).toBe('Anna-Marie van')
  expect(shortened('Bartholomew-Featherstone', 14)).toBe('Bartholomew-Fe')
})

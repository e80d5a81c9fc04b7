/**
 * What a pharmacy's reminders say until somebody writes their own: who owes how much of which account, how to pay, and that whoever has
 * paid may ignore it. No medicine, no scheme and no threat is named: health is nobody else's business, and a reminder is no notice under any
 * credit act. The SMS fits one part for nearly every name; in scripts that hold 70 signs a part it says only the most needed.
 */
export const languages = ['en', 'af', 'hi', 'uz', 'ru'] as const
export type Language = (typeof languages)[number]

/** What the template of a debtor's reminder may name. */
export const reminderWords = [
  'name',
  'acc_no',
  'amount',
  'arrears_amount',
  'total_balance',
  'pharmacy_name',
  'bank_name',
  'account_number',
  'pharmacy_email',
  'pharmacy_phone',
  'today',
] as const
export type ReminderWord = (typeof reminderWords)[number]

export type Wording = { email: { subject: string; body: string }; sms: string; footer: string; stop: string }

export const reminderDefaults: Record<Language, Wording> = {
  en: {
    email: {
      subject: 'Reminder: Account Overdue at {{pharmacy_name}}',
      body: `Dear {{name}},

This is a friendly reminder that **{{arrears_amount}}** on your account at {{pharmacy_name}} is overdue by more than 60 days. Your total balance is {{total_balance}}.
{% if account_number != "" %}
Please pay by EFT:

Bank: {{bank_name}}
Account number: {{account_number}}
Reference: {{acc_no}}
{% else %}
Please use your account number {{acc_no}} as the reference of your payment.
{% endif %}
If you have paid already, please ignore this message, or send us your proof of payment so that we can find it.

Kind regards,
{{pharmacy_name}}
{% if pharmacy_email != "" %}{{pharmacy_email}}{% endif %}
{% if pharmacy_phone != "" %}{{pharmacy_phone}}{% endif %}`,
    },
    sms: `{{pharmacy_name}}: {{name}}, {{arrears_amount}} is overdue. Pay{% if account_number != "" %} {{bank_name}} {{account_number}}{% endif %} ref {{acc_no}}. Paid? Ignore this.{% if pharmacy_phone != "" %} Tel {{pharmacy_phone}}.{% endif %} STOP to opt out`,
    footer: 'You receive this message because of your account with us.',
    stop: 'Do not send me reminders by e-mail',
  },
  af: {
    email: {
      subject: 'Herinnering: rekening agterstallig by {{pharmacy_name}}',
      body: `Beste {{name}},

Hierdie is ’n vriendelike herinnering dat **{{arrears_amount}}** van u rekening by {{pharmacy_name}} meer as 60 dae agterstallig is. U totale balans is {{total_balance}}.
{% if account_number != "" %}
Betaal asseblief per EFT:

Bank: {{bank_name}}
Rekeningnommer: {{account_number}}
Verwysing: {{acc_no}}
{% else %}
Gebruik asseblief u rekeningnommer {{acc_no}} as verwysing.
{% endif %}
As u reeds betaal het, ignoreer asseblief hierdie boodskap, of stuur vir ons u bewys van betaling.

Vriendelike groete,
{{pharmacy_name}}
{% if pharmacy_email != "" %}{{pharmacy_email}}{% endif %}
{% if pharmacy_phone != "" %}{{pharmacy_phone}}{% endif %}`,
    },
    sms: `{{pharmacy_name}}: {{name}}, {{arrears_amount}} is agterstallig. Betaal{% if account_number != "" %} {{bank_name}} {{account_number}}{% endif %} verw {{acc_no}}. Reeds betaal? Ignoreer.{% if pharmacy_phone != "" %} Tel {{pharmacy_phone}}.{% endif %} STOP om te stop`,
    footer: 'U ontvang hierdie boodskap oor u rekening by ons.',
    stop: 'Moenie vir my herinneringe per e-pos stuur nie',
  },
  hi: {
    email: {
      subject: 'स्मरण: {{pharmacy_name}} में आपके खाते का भुगतान बकाया है',
      body: `आदरणीय {{name}},

यह एक विनम्र स्मरण है कि {{pharmacy_name}} में आपके खाते की **{{arrears_amount}}** राशि 60 दिनों से अधिक समय से बकाया है। कुल शेष राशि {{total_balance}} है।
{% if account_number != "" %}
कृपया बैंक से भुगतान करें:

बैंक: {{bank_name}}
खाता संख्या: {{account_number}}
संदर्भ: {{acc_no}}
{% else %}
कृपया भुगतान के संदर्भ में अपना खाता {{acc_no}} लिखें।
{% endif %}
यदि आप भुगतान कर चुके हैं, तो कृपया इस संदेश पर ध्यान न दें, या हमें भुगतान का प्रमाण भेजें।

सादर,
{{pharmacy_name}}
{% if pharmacy_email != "" %}{{pharmacy_email}}{% endif %}
{% if pharmacy_phone != "" %}{{pharmacy_phone}}{% endif %}`,
    },
    sms: '{{pharmacy_name}}: {{arrears_amount}} बकाया, खाता {{acc_no}}. {{pharmacy_phone}}',
    footer: 'यह संदेश हमारे यहाँ आपके खाते के कारण भेजा गया है।',
    stop: 'मुझे ई-मेल से स्मरण न भेजें',
  },
  uz: {
    email: {
      subject: 'Eslatma: {{pharmacy_name}} hisobingizda muddati o‘tgan qarz bor',
      body: `Hurmatli {{name}},

{{pharmacy_name}}dagi hisobingiz bo‘yicha **{{arrears_amount}}** to‘lov muddati 60 kundan ko‘proq o‘tganini eslatamiz. Umumiy qoldiq: {{total_balance}}.
{% if account_number != "" %}
Iltimos, bank orqali to‘lang:

Bank: {{bank_name}}
Hisob raqami: {{account_number}}
To‘lov izohi: {{acc_no}}
{% else %}
Iltimos, to‘lov izohida hisobingiz {{acc_no}} ni yozing.
{% endif %}
Agar to‘lagan bo‘lsangiz, bu xabarga e’tibor bermang yoki to‘lov hujjatini bizga yuboring.

Hurmat bilan,
{{pharmacy_name}}
{% if pharmacy_email != "" %}{{pharmacy_email}}{% endif %}
{% if pharmacy_phone != "" %}{{pharmacy_phone}}{% endif %}`,
    },
    sms: `{{pharmacy_name}}: {{name}}, {{arrears_amount}} qarz muddati o'tgan. To'lov{% if account_number != "" %} {{bank_name}} {{account_number}}{% endif %}, izoh {{acc_no}}. To'langan bo'lsa, uzr.{% if pharmacy_phone != "" %} Tel {{pharmacy_phone}}.{% endif %} Rad etish: STOP`,
    footer: 'Bu xabar bizdagi hisobingiz bo‘yicha yuborildi.',
    stop: 'Menga elektron pochta orqali eslatma yubormang',
  },
  ru: {
    email: {
      subject: 'Напоминание: просрочен платёж по счёту в {{pharmacy_name}}',
      body: `Здравствуйте, {{name}}!

Напоминаем, что по вашему счёту в {{pharmacy_name}} просрочено более 60 дней: **{{arrears_amount}}**. Общий остаток: {{total_balance}}.
{% if account_number != "" %}
Пожалуйста, оплатите банковским переводом:

Банк: {{bank_name}}
Номер счёта: {{account_number}}
Назначение платежа: {{acc_no}}
{% else %}
Пожалуйста, укажите в назначении платежа ваш счёт {{acc_no}}.
{% endif %}
Если вы уже оплатили, не обращайте внимания на это письмо или пришлите нам подтверждение оплаты.

С уважением,
{{pharmacy_name}}
{% if pharmacy_email != "" %}{{pharmacy_email}}{% endif %}
{% if pharmacy_phone != "" %}{{pharmacy_phone}}{% endif %}`,
    },
    sms: '{{pharmacy_name}}: долг {{arrears_amount}}, счёт {{acc_no}}. {{pharmacy_phone}}',
    footer: 'Вы получили это письмо, потому что у вас есть счёт у нас.',
    stop: 'Не присылать мне напоминания по электронной почте',
  },
}

export const languageKnown = (language: string): Language =>
  languages.find((each) => each === language.slice(0, 2)) ?? 'en'

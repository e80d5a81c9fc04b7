import { Button, Group, Textarea, TextInput } from '@mantine/core'
import { useRef } from 'react'
import { t } from '../i18n.ts'
import classes from './communications.module.css'
import { kindWord } from './words.ts'

type Words = { subject: string; body: string }
type Props = {
  kind: 'email' | 'sms'
  value: Words
  onChange: (value: Words) => void
  /** What a template may name, put in at the cursor. */
  variables: readonly string[]
  disabled?: boolean
  errors?: { subject?: string | undefined; body?: string | undefined }
}

/** Words with blanks in them: {{name}}. */
export function TemplateFields({ kind, value, onChange, variables, disabled = false, errors = {} }: Props) {
  const subject = useRef<HTMLInputElement>(null)
  const body = useRef<HTMLTextAreaElement>(null)
  // The last field that had the cursor gets what is put in.
  const last = useRef<'subject' | 'body'>('body')
  const insert = (variable: string) => {
    const field = kind === 'email' && last.current === 'subject' ? 'subject' : 'body'
    const element = (field === 'subject' ? subject : body).current
    const text = value[field]
    const [from, to] = [element?.selectionStart ?? text.length, element?.selectionEnd ?? text.length]
    const put = `{{${variable}}}`
    onChange({ ...value, [field]: text.slice(0, from) + put + text.slice(to) })
    requestAnimationFrame(() => {
      element?.focus()
      element?.setSelectionRange(from + put.length, from + put.length)
    })
  }
  return (
    <div className={classes.fields}>
      {kind === 'email' && (
        <TextInput
          ref={subject}
          label={t('communications.subject')}
          value={value.subject}
          maxLength={200}
          disabled={disabled}
          error={errors.subject}
          onFocus={() => {
            last.current = 'subject'
          }}
          onChange={(event) => onChange({ ...value, subject: event.currentTarget.value })}
        />
      )}
      <Textarea
        ref={body}
        label={t('communications.words_of', { kind: kindWord(kind) })}
        {...(kind === 'email' ? { description: t('communications.words_hint') } : {})}
        value={value.body}
        autosize
        minRows={kind === 'email' ? 10 : 4}
        maxRows={24}
        maxLength={kind === 'email' ? 8000 : 1600}
        disabled={disabled}
        error={errors.body}
        onFocus={() => {
          last.current = 'body'
        }}
        onChange={(event) => onChange({ ...value, body: event.currentTarget.value })}
      />
      {!disabled && (
        <fieldset className={classes.plain}>
          <legend className={classes.small}>{t('communications.put_in')}</legend>
          <Group gap={6}>
            {variables.map((variable) => (
              <Button
                key={variable}
                size="compact-sm"
                variant="default"
                ff="monospace"
                fw={400}
                onClick={() => insert(variable)}
              >
                {variable}
              </Button>
            ))}
          </Group>
        </fieldset>
      )}
    </div>
  )
}

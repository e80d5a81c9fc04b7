import { TextInput, type TextInputProps } from '@mantine/core'

/** The platform's own date field: typed by keyboard, spun on phones, and written in the reader's way. */
export function DateField(props: Omit<TextInputProps, 'type'>) {
  return <TextInput type="date" {...props} />
}

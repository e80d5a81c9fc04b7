import { type CompiledMessage, compileMessageOrThrow } from '@lingui/message-utils/compileMessage'
import { accent, padding } from './pseudo.ts'

export type Catalogue = Record<string, string>

/** ICU text to what Lingui's runtime reads; throws, naming the key, when the text is not valid ICU. */
export function compileCatalogue(messages: Catalogue, pseudo = false): Record<string, CompiledMessage> {
  return Object.fromEntries(
    Object.entries(messages).map(([key, text]) => {
      try {
        const compiled = compileMessageOrThrow(text, pseudo ? accent : undefined)
        return [key, pseudo ? [...compiled, padding(plainText(text))] : compiled]
      } catch (error) {
        throw new Error(`Message ${key} is not valid ICU: ${(error as Error).message}`)
      }
    }),
  )
}

/** The text without its placeholders, near enough to measure its length. */
function plainText(text: string): string {
  return text.replace(/\{[^{}]*\}/g, '').replace(/\{\w+, *(plural|select|selectordinal),|<\/?\w+\/?>/g, '')
}

import { z } from 'zod'
import { id, text } from '../../../core/schema.ts'
import { Language } from '../gates/schemas.ts'

export const TemplateKind = z.enum(['email', 'sms'])
export const TemplateQuery = z.object({ outlet_id: id.optional() })
export const TemplateInput = z.object({
  /** None: of the organisation. */
  outlet_id: id.optional(),
  kind: TemplateKind,
  language: Language.default('en'),
  subject: text(200).default(''),
  body: text(8000, 1),
})
export type TemplateInput = z.output<typeof TemplateInput>
export const Template = z.object({
  /** Null: it comes with Duebook. */
  id: z.number().nullable(),
  outlet_id: z.number().nullable(),
  kind: TemplateKind,
  language: z.string(),
  subject: z.string(),
  body: z.string(),
  /** Whose words these are. */
  origin: z.enum(['outlet', 'organisation', 'standard']),
  updated_at: z.string().nullable(),
  version: z.number(),
})
export type Template = z.infer<typeof Template>
export const Templates = z.object({
  items: z.array(Template),
  /** What a template may name. */
  words: z.array(z.string()),
  languages: z.array(z.string()),
})

import { z } from 'zod'
import { text } from '../../core/schema.ts'

/** A page of the web app by its path, without what comes before its lists. */
const path = z
  .string()
  .trim()
  .regex(/^\/[a-z/-]{1,79}$/, 'A page of this app, such as /receivables/invoices.')
/** As in the address, without the question mark. */
const query = z
  .string()
  .trim()
  .max(2000)
  .transform((said) => new URLSearchParams(said.replace(/^\?/, '')).toString())
const name = text(80, 1)

export const ViewQuery = z.object({ path })
export const ViewInput = z.object({ path, name, query, shared: z.boolean().default(false) })
export type ViewInput = z.infer<typeof ViewInput>
export const ViewChange = z.object({
  name: name.optional(),
  query: query.optional(),
  shared: z.boolean().optional(),
})
export type ViewChange = z.infer<typeof ViewChange>
export const ViewOrder = z.object({
  path,
  /** One's own views of the page, in the order they shall have. */
  view_ids: z.array(z.coerce.number().int().positive()).max(200),
})
export const View = z.object({
  id: z.number(),
  path: z.string(),
  name: z.string(),
  query: z.string(),
  shared: z.boolean(),
  is_mine: z.boolean(),
  made_by: z.object({ id: z.number(), full_name: z.string() }),
  version: z.number(),
})
export type View = z.infer<typeof View>
export const Views = z.object({ items: z.array(View) })

import { sql } from 'kysely'
import { notFound } from '../../../core/errors.ts'
import type { Scope } from '../../../core/scope.ts'
import type { Kind } from '../address.ts'
import { languageKnown, languages, reminderDefaults, reminderWords } from './defaults.ts'
import { checkTemplate } from './liquid.ts'
import type { Template, TemplateInput } from './schemas.ts'

const PURPOSE = 'reminder'
const columns = sql`id, outlet_id, kind, language, subject, body, updated_at, version,
  case when outlet_id is null then 'organisation' else 'outlet' end as origin`

/** The words that come with Duebook, as if they were a template. */
function standard(kind: Kind, language: string): Template {
  const { email, sms } = reminderDefaults[languageKnown(language)]
  return {
    id: null,
    outlet_id: null,
    kind,
    language: languageKnown(language),
    subject: kind === 'email' ? email.subject : '',
    body: kind === 'email' ? email.body : sms,
    origin: 'standard',
    updated_at: null,
    version: 0,
  }
}

/** The words in force for a reminder: the outlet's in that language, else the organisation's, else those that come with Duebook. */
export async function templateFor(
  scope: Scope,
  outletId: number | null,
  kind: Kind,
  language: string,
): Promise<Template> {
  const { rows } = await sql<Template>`
    select ${columns} from message_templates
     where tenant_id = ${scope.tenantId} and purpose = ${PURPOSE} and kind = ${kind}
       and (outlet_id is null or outlet_id = ${outletId}::bigint) and language in (${language}, ${language.slice(0, 2)})
     order by outlet_id nulls last, length(language) desc limit 1`.execute(scope.db)
  return rows[0] ?? standard(kind, language)
}

/** Everything in force for an outlet, or the organisation, in every language there is. */
export async function listTemplates(scope: Scope, outletId: number | null) {
  const { rows } = await sql<Template>`
    select distinct on (kind, language) ${columns} from message_templates
     where tenant_id = ${scope.tenantId} and purpose = ${PURPOSE} and (outlet_id is null or outlet_id = ${outletId}::bigint)
     order by kind, language, outlet_id nulls last`.execute(scope.db)
  const own = new Set(rows.map(({ kind, language }) => `${kind} ${language}`))
  const rest = languages.flatMap((language) =>
    (['email', 'sms'] as const)
      .filter((kind) => !own.has(`${kind} ${language}`))
      .map((kind) => standard(kind, language)),
  )
  const items = [...rows, ...rest].sort(
    (a, b) => a.language.localeCompare(b.language) || a.kind.localeCompare(b.kind),
  )
  return { items, words: [...reminderWords], languages: [...languages] }
}

export async function writeTemplate(scope: Scope, input: TemplateInput): Promise<Template> {
  checkTemplate('body', input.body, reminderWords)
  if (input.kind === 'email') checkTemplate('subject', input.subject, reminderWords)
  const { rows } = await sql<Template>`
    insert into message_templates (tenant_id, outlet_id, purpose, kind, language, subject, body, updated_by, created_at, updated_at)
    values (${scope.tenantId}, ${input.outlet_id ?? null}::bigint, ${PURPOSE}, ${input.kind}, ${input.language},
            ${input.kind === 'email' ? input.subject : ''}, ${input.body}, ${scope.userId > 0 ? scope.userId : null}::bigint, ${scope.now}, ${scope.now})
    on conflict (tenant_id, outlet_id, purpose, kind, language) do update
      set subject = excluded.subject, body = excluded.body, updated_by = excluded.updated_by, updated_at = excluded.updated_at,
          version = message_templates.version + 1
    returning ${columns}`.execute(scope.db)
  const template = rows[0]!
  await scope.record('message_template.written', template.id, { ...input })
  return template
}

export async function findTemplate(scope: Scope, id: number): Promise<Template> {
  const { rows } =
    await sql<Template>`select ${columns} from message_templates where tenant_id = ${scope.tenantId} and id = ${id}`.execute(
      scope.db,
    )
  if (!rows[0]) throw notFound('This template')
  return rows[0]
}

/** Removes own words: those of the organisation, or those that come with Duebook, hold again. */
export async function dropTemplate(scope: Scope, template: Template) {
  await sql`delete from message_templates where tenant_id = ${scope.tenantId} and id = ${template.id}`.execute(
    scope.db,
  )
  await scope.record('message_template.dropped', template.id, {
    kind: template.kind,
    language: template.language,
  })
  return templateFor(scope, template.outlet_id, template.kind, template.language)
}

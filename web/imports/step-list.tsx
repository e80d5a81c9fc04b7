import { type MessageKey, t } from '../i18n.ts'
import { type Step, steps } from './reading.ts'
import classes from './step-list.module.css'

type Props = { current: string; open: Step[]; rejected: number; onStep: (step: Step) => void }

/** The four steps before publishing, in any order once they are open. */
export function StepList({ current, open, rejected, onStep }: Props) {
  return (
    <nav aria-label={t('imports.steps')} className={classes.nav}>
      <ol className={classes.list}>
        {steps.map((step, at) => (
          <li key={step}>
            <button
              type="button"
              className={classes.step}
              aria-current={step === current ? 'step' : undefined}
              disabled={!open.includes(step)}
              onClick={() => onStep(step)}
            >
              <span className={classes.number} aria-hidden>
                {at + 1}
              </span>
              <span>
                {t(`imports.step_${step}` satisfies MessageKey)}
                {step === 'fix' && rejected > 0 && open.includes('fix') && (
                  <span className={classes.count}> {t('imports.step_count', { count: rejected })}</span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}

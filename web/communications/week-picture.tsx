import { t } from '../i18n.ts'
import classes from './week-picture.module.css'

export type PictureDay = {
  day: string
  /** As people say it: Mon 24 Nov. */
  label: string
  /** Hours in which messages may go, such as [[8, 20]]; empty on a day off. */
  open: [from: number, to: number][]
  /** Why the day is off: the holiday's name, or that it is a Sunday. */
  why?: string | undefined
  isToday?: boolean
}

const marks = [0, 6, 12, 18, 24]

/** The coming days as rows of 24 hours: where a bar is, messages go. For everybody else the same as words. */
export function WeekPicture({
  caption,
  days,
  hour,
  now,
}: {
  caption: string
  days: PictureDay[]
  /** Writes an hour of the day as the reader does. */
  hour: (hour: number) => string
  /** The present hour with its fraction, marked on today. */
  now?: number | undefined
}) {
  return (
    <table className={classes.week}>
      <caption className={classes.caption}>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">
            <span className={classes.hidden}>{t('communications.day')}</span>
          </th>
          <th scope="col" className={classes.hours}>
            <span className={classes.hidden}>{t('communications.hours')}</span>
            <span aria-hidden className={classes.scale}>
              {marks.map((mark) => (
                <span key={mark} style={{ left: `${(mark / 24) * 100}%` }}>
                  {mark === 24 ? '' : hour(mark)}
                </span>
              ))}
            </span>
          </th>
        </tr>
      </thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.day} data-off={day.open.length === 0 || undefined}>
            <th scope="row" data-today={day.isToday || undefined}>
              {day.label}
            </th>
            <td>
              <span aria-hidden className={classes.track}>
                {day.open.map(([from, to]) => (
                  <span
                    key={from}
                    className={classes.bar}
                    style={{ left: `${(from / 24) * 100}%`, width: `${((to - from) / 24) * 100}%` }}
                  />
                ))}
                {day.isToday && now !== undefined && (
                  <span className={classes.now} style={{ left: `${(now / 24) * 100}%` }} />
                )}
              </span>
              <span className={classes.said}>
                {day.open.length === 0
                  ? (day.why ?? t('communications.day_off'))
                  : [
                      ...day.open.map(([from, to]) =>
                        t('communications.from_to', { from: hour(from), to: hour(to) }),
                      ),
                      ...(day.why ? [day.why] : []),
                    ].join(', ')}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

import { ActionIcon, Group, Text } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconZoomIn, IconZoomOut } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type MouseEvent, useEffect, useRef, useState } from 'react'
import { ApiError, api } from '../api.ts'
import { t } from '../i18n.ts'
import { useKey } from '../shared/use-key.ts'
import type { DebtorReportDetails, DebtorReportLine } from '../wire.ts'
import classes from './debtors.module.css'
import { reportApi } from './queries.ts'

type Props = {
  outlet: string
  report: Pick<DebtorReportDetails, 'id' | 'pages'>
  page: number
  lines: DebtorReportLine[]
  chosen: number | undefined
  onPage: (page: number) => void
  onLine: (line: number) => void
}

/**
 * A page of the document as it looks on paper, the chosen line marked. A click chooses the line under it; the list beside
 * it is the keyboard's way to the same. Of a locked document, whose password nobody keeps, only the words are drawn.
 */
export function PagePicture({ outlet, report, page, lines, chosen, onPage, onLine }: Props) {
  const { pages } = report
  const [zoom, setZoom] = useState(1)
  const shape = pages.find((each) => each.page === page)
  const picture = useQuery({
    queryKey: ['debtor-pages', outlet, report.id, page],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    enabled: shape !== undefined,
    queryFn: ({ signal }) =>
      api<Blob>('GET', `${reportApi(outlet, report.id)}/pages/${page}`, { blob: true, signal }),
  })
  const address = useAddress(picture.data)
  const mark = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark is brought into view when it is another one
  useEffect(() => {
    const frame = mark.current?.closest<HTMLElement>('[data-frame]')
    if (!frame || !mark.current) return
    const { offsetTop, offsetHeight } = mark.current
    if (offsetTop < frame.scrollTop || offsetTop + offsetHeight > frame.scrollTop + frame.clientHeight)
      frame.scrollTop = offsetTop - frame.clientHeight / 3
  }, [chosen, address, zoom])
  const go = (to: number) => to >= 1 && to <= pages.length && onPage(to)
  useKey('[', () => go(page - 1))
  useKey(']', () => go(page + 1))
  if (!shape) return null
  const share = (part: number, of: number) => `${(100 * part) / of}%`
  const choose = (event: MouseEvent<HTMLElement>) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
    const x = ((event.clientX - left) / width) * shape.width
    const y = ((event.clientY - top) / height) * shape.height
    const under = lines.filter(({ box }) => y >= box.y - 1 && y <= box.y + box.height + 1)
    // Of two lines at one height, as on two-up pages, the one that is nearer.
    const away = ({ box }: DebtorReportLine) => Math.max(box.x - x, x - box.x - box.width, 0)
    const nearest = under.sort((a, b) => away(a) - away(b))[0]
    if (nearest) onLine(nearest.line)
  }
  const at = lines.find(({ line }) => line === chosen)
  const locked = picture.error instanceof ApiError
  return (
    <section className={`sheet ${classes.picture}`} aria-label={t('debtors.paper_page', { page })}>
      <Group justify="space-between" gap="xs" wrap="nowrap" className={classes.pictureHead}>
        <Group gap={4} wrap="nowrap">
          <ActionIcon
            variant="default"
            aria-label={t('core.page_previous')}
            aria-keyshortcuts="["
            disabled={page <= 1}
            onClick={() => go(page - 1)}
          >
            <IconChevronLeft size={18} aria-hidden />
          </ActionIcon>
          <Text size="sm" role="status" className={classes.nowrap}>
            {t('debtors.page_of', { page, of: pages.length })}
          </Text>
          <ActionIcon
            variant="default"
            aria-label={t('core.page_next')}
            aria-keyshortcuts="]"
            disabled={page >= pages.length}
            onClick={() => go(page + 1)}
          >
            <IconChevronRight size={18} aria-hidden />
          </ActionIcon>
        </Group>
        <ActionIcon
          variant="default"
          aria-label={t(zoom === 1 ? 'debtors.zoom_in' : 'debtors.zoom_out')}
          onClick={() => setZoom(zoom === 1 ? 1.8 : 1)}
        >
          {zoom === 1 ? <IconZoomIn size={18} aria-hidden /> : <IconZoomOut size={18} aria-hidden />}
        </ActionIcon>
      </Group>
      {locked && (
        <Text size="sm" c="dimmed" px="sm" pb="xs">
          {t('debtors.no_picture')}
        </Text>
      )}
      <section
        className={classes.pictureFrame}
        data-frame
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={t('debtors.page_picture', { page })}
      >
        {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the list beside it is the keyboard's way */}
        <div
          className={classes.paperPage}
          style={{ width: `${zoom * 100}%`, aspectRatio: `${shape.width} / ${shape.height}` }}
          onClick={choose}
        >
          {address && <img src={address} alt="" className={classes.pagePicture} />}
          {locked && (
            <svg viewBox={`0 0 ${shape.width} ${shape.height}`} className={classes.pageText} aria-hidden>
              {lines.map(({ line, text, box }) => (
                <text
                  key={line}
                  x={box.x}
                  y={box.y + box.height * 0.8}
                  fontSize={box.height * 0.9}
                  textLength={box.width}
                  lengthAdjust="spacingAndGlyphs"
                >
                  {text}
                </text>
              ))}
            </svg>
          )}
          {at && (
            <div
              ref={mark}
              className={classes.mark}
              data-line={at.line}
              style={{
                left: share(at.box.x - 3, shape.width),
                top: share(at.box.y - 1.5, shape.height),
                width: share(at.box.width + 6, shape.width),
                height: share(at.box.height + 3, shape.height),
              }}
            />
          )}
        </div>
      </section>
    </section>
  )
}

/** An address for a picture that was read, for as long as it is shown. */
function useAddress(picture: Blob | undefined): string | undefined {
  const [address, setAddress] = useState<string>()
  useEffect(() => {
    if (!picture) return setAddress(undefined)
    const made = URL.createObjectURL(picture)
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [picture])
  return address
}

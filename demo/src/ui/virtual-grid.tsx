import type { RefObject, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows beyond the window that are kept ready on either side. */
const SPARE_ROWS = 3;

/** What an item of the grid gets for its button. */
export interface ItemProps {
  readonly tabIndex: 0 | -1;
  readonly 'data-index': number;
}

interface VirtualGridProps {
  readonly label: string;
  readonly total: number;
  readonly busy: boolean;
  /** Draws an item: a button with the given properties. */
  readonly item: (index: number, props: ItemProps) => VNode;
  /** Called with what can be seen, so that it is read. */
  readonly onShow: (first: number, last: number) => void;
}

interface Grid {
  readonly columns: number;
  readonly rowHeight: number;
  /** Rows near the window. */
  readonly rows: { readonly first: number; readonly last: number };
}

/** Measures a grid whenever it is drawn, scrolled or resized. */
function useGrid(list: RefObject<HTMLUListElement | null>): Grid {
  const [shape, setShape] = useState({ columns: 1, rowHeight: 160 });
  const [rows, setRows] = useState({ first: 0, last: 12 });
  const { columns, rowHeight } = shape;
  useLayoutEffect(() => {
    const measure = (): void => {
      const element = list.current;
      if (!element) return;
      const style = getComputedStyle(element);
      const found = style.gridTemplateColumns.split(' ').length;
      const tile = element.querySelector('li')?.getBoundingClientRect().height;
      const height = tile ? tile + Number.parseFloat(style.rowGap) : rowHeight;
      if (found !== columns || Math.abs(height - rowHeight) > 0.5)
        setShape({ columns: found, rowHeight: height });
      const top = element.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor(-top / height) - SPARE_ROWS);
      const last = Math.ceil((innerHeight - top) / height) + SPARE_ROWS;
      if (first !== rows.first || last !== rows.last) setRows({ first, last });
    };
    measure();
    let frame = 0;
    const later = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(measure);
    };
    const observer = new ResizeObserver(later);
    if (list.current) observer.observe(list.current);
    addEventListener('scroll', later, { passive: true });
    addEventListener('resize', later);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      removeEventListener('scroll', later);
      removeEventListener('resize', later);
    };
  });
  return { columns, rowHeight, rows };
}

/** How far a key moves in a grid; nothing for other keys. */
function stepOf(event: KeyboardEvent, total: number, { columns, rowHeight }: Grid): number | undefined {
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const page = Math.max(1, Math.floor(innerHeight / rowHeight) - 1) * columns;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: page,
    PageUp: -page,
    Home: -total,
    End: total,
  };
  return steps[event.key];
}

/** Scrolls just so far that a row is in the window, under the header. */
function scrollToRow(element: HTMLElement, row: number, rowHeight: number): void {
  const top = element.getBoundingClientRect().top + scrollY + row * rowHeight;
  const header = document.querySelector('.header')?.getBoundingClientRect().height ?? 0;
  if (top - header < scrollY) scrollTo({ top: top - header - 8 });
  else if (top + rowHeight > scrollY + innerHeight) scrollTo({ top: top + rowHeight - innerHeight + 8 });
}

/**
 * A grid of equal tiles of which only those near the window are in the document. Arrow keys, Home, End and the page
 * keys move through all of them.
 */
export function VirtualGrid({ label, total, busy, item, onShow }: VirtualGridProps): VNode {
  const list = useRef<HTMLUListElement>(null);
  const { columns, rowHeight, rows } = useGrid(list);
  const [active, setActive] = useState(0);
  const toFocus = useRef<number | undefined>(undefined);
  const rowCount = Math.ceil(total / columns);

  const firstRow = Math.min(rows.first, Math.max(0, rowCount - 1));
  const lastRow = Math.min(rows.last, rowCount);
  const [first, end] = [firstRow * columns, Math.min(total, lastRow * columns)];
  useEffect(() => {
    if (end > first) onShow(first, end - 1);
  }, [first, end, total]);

  useEffect(() => {
    if (toFocus.current === undefined) return;
    const button = list.current?.querySelector<HTMLElement>(`[data-index="${toFocus.current}"]`);
    if (!button) return;
    button.focus({ preventScroll: true });
    toFocus.current = undefined;
  });

  const move = (to: number): void => {
    const index = Math.min(total - 1, Math.max(0, to));
    setActive(index);
    toFocus.current = index;
    if (list.current) scrollToRow(list.current, Math.floor(index / columns), rowHeight);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = stepOf(event, total, { columns, rowHeight, rows });
    if (step === undefined) return;
    event.preventDefault();
    move(active + step);
  };
  return (
    <ul
      ref={list}
      class="face-grid"
      aria-label={label}
      aria-busy={busy}
      style={{
        paddingTop: `${firstRow * rowHeight}px`,
        paddingBottom: `${Math.max(0, rowCount - lastRow) * rowHeight}px`,
      }}
      onKeyDown={onKeyDown}
      onFocusIn={({ target }) => {
        const index = (target as HTMLElement).dataset['index'];
        if (index !== undefined) setActive(Number(index));
      }}
    >
      {Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i).map((index) => (
        <li key={index} aria-setsize={total} aria-posinset={index + 1}>
          {item(index, {
            // One tile is in the order of the Tab key; if it is out of the window, the first that is drawn.
            tabIndex: index === active || (index === first && (active < first || active >= end)) ? 0 : -1,
            'data-index': index,
          })}
        </li>
      ))}
    </ul>
  );
}

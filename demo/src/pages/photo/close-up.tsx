import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Point } from 'nearface';
import { regionOf, type NumberedPoint } from '../../model/label-places.ts';

interface CloseUpProps {
  readonly url: string;
  /** Size of the picture in pixels. */
  readonly picture: { readonly width: number; readonly height: number };
  /** All landmarks, which say what part of the picture is shown. */
  readonly landmarks: readonly Point[];
  /** Those that are drawn. */
  readonly points: readonly NumberedPoint[];
  readonly found: NumberedPoint | undefined;
  /** 1 shows the whole face. */
  readonly zoom: number;
}

/** How far a number stands from its point, in CSS pixels. */
const GAP = 11;

/** The part of a picture around a face, with numbered points; larger than its frame when zoomed, which then scrolls. */
export function CloseUp({ url, picture, landmarks, points, found, zoom }: CloseUpProps): VNode {
  const region = regionOf(landmarks);
  const frame = useRef<HTMLDivElement>(null);
  const middle = useRef({ x: 0.5, y: 0.5 });
  const across = (x: number): string => `${((100 * (x - region.left)) / region.width).toFixed(3)}%`;
  const down = (y: number): string => `${((100 * (y - region.top)) / region.height).toFixed(3)}%`;
  const show = ({ x, y }: Point): void => {
    const element = frame.current;
    if (!element) return;
    element.scrollLeft = x * element.scrollWidth - element.clientWidth / 2;
    element.scrollTop = y * element.scrollHeight - element.clientHeight / 2;
  };
  useLayoutEffect(() => show(middle.current), [zoom]);
  // A dialog has no size before its first frame.
  useEffect(() => {
    const frame = requestAnimationFrame(() => show(middle.current));
    return () => cancelAnimationFrame(frame);
  }, []);
  useLayoutEffect(() => {
    if (found) show({ x: (found.x - region.left) / region.width, y: (found.y - region.top) / region.height });
  }, [found?.number]);
  return (
    <div
      ref={frame}
      class="close-up"
      tabIndex={0}
      role="region"
      aria-label="Face with numbered landmarks"
      onScroll={({ currentTarget: element }) => {
        middle.current = {
          x: (element.scrollLeft + element.clientWidth / 2) / element.scrollWidth,
          y: (element.scrollTop + element.clientHeight / 2) / element.scrollHeight,
        };
      }}
    >
      <div class="close-up-face" style={{ width: `${zoom * 100}%` }}>
        <img
          src={url}
          alt=""
          style={{
            left: across(0),
            top: down(0),
            width: `${(100 * picture.width) / region.width}%`,
            height: `${(100 * picture.height) / region.height}%`,
          }}
        />
        {points.map(({ number, x, y, group, away }) => (
          <span
            key={number}
            class={`numbered ${group.hue}${number === found?.number ? ' found' : ''}`}
            style={{ left: across(x), top: down(y) }}
          >
            <span
              class="number"
              style={{ left: `${(away.x * GAP).toFixed(1)}px`, top: `${(away.y * GAP).toFixed(1)}px` }}
            >
              {number}
            </span>
          </span>
        ))}
      </div>
    </div>
  );
}

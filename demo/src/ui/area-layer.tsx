import type { TargetedPointerEvent, VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Box } from 'nearface';
import { boxBetween, fitArea, SMALLEST_AREA } from '../model/area.ts';

interface AreaLayerProps {
  /** Size of the picture as shown, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly area: Box | undefined;
  readonly drawing: boolean;
  /** Whether the picture is shown mirrored. */
  readonly mirrored?: boolean;
  /** Whether the area is outlined alone, with the rest as it is. */
  readonly outline?: boolean;
  readonly onArea: (area: Box) => void;
}

/**
 * The area under what is drawn over the picture; the pointer draws it while `drawing`. The number fields do the same for
 * keyboards.
 */
export function AreaLayer(props: AreaLayerProps): VNode {
  const { width, height, area, drawing, mirrored = false, outline = false, onArea } = props;
  // On a busy page a whole drag may pass before the next drawing: what it goes by is not state, which would be that of the drawing before.
  const start = useRef<{ x: number; y: number } | undefined>(undefined);
  const drawn = useRef<Box | undefined>(undefined);
  const [draft, setDraft] = useState<Box>();
  const place = (event: TargetedPointerEvent<HTMLDivElement>): { x: number; y: number } => {
    const frame = event.currentTarget.getBoundingClientRect();
    const within = (share: number): number => Math.min(1, Math.max(0, share));
    const across = within((event.clientX - frame.left) / frame.width);
    return {
      x: (mirrored ? 1 - across : across) * width,
      y: within((event.clientY - frame.top) / frame.height) * height,
    };
  };
  const letGo = (): void => {
    start.current = drawn.current = undefined;
    setDraft(undefined);
  };
  const finish = (): void => {
    const { current: box } = drawn;
    letGo();
    if (box && box.width >= SMALLEST_AREA && box.height >= SMALLEST_AREA)
      onArea(fitArea(box, { width, height }));
  };
  const shown = draft ?? area;
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(3)}%`;
  return (
    <>
      {shown && (
        <div class={outline ? 'area-shade outline' : 'area-shade'}>
          <div
            class="area-box"
            style={{
              left: percent(mirrored ? width - shown.left - shown.width : shown.left, width),
              top: percent(shown.top, height),
              width: percent(shown.width, width),
              height: percent(shown.height, height),
            }}
          />
        </div>
      )}
      {drawing && (
        <div
          class="area-capture"
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            start.current = place(event);
          }}
          onPointerMove={(event) => {
            if (start.current) setDraft((drawn.current = boxBetween(start.current, place(event))));
          }}
          onPointerUp={(event) => {
            if (start.current && !drawn.current) press(event.clientX, event.clientY);
            finish();
          }}
          onPointerCancel={letGo}
        />
      )}
    </>
  );
}

/** Presses the face that is under the layer there. */
function press(x: number, y: number): void {
  const box = document.elementsFromPoint(x, y).find((element) => element.matches('button.face-box'));
  if (box instanceof HTMLElement) box.click();
}

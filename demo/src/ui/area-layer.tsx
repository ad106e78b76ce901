import type { TargetedPointerEvent, VNode } from 'preact';
import { useState } from 'preact/hooks';
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
  const [start, setStart] = useState<{ x: number; y: number }>();
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
  const finish = (): void => {
    setStart(undefined);
    setDraft(undefined);
    if (draft && draft.width >= SMALLEST_AREA && draft.height >= SMALLEST_AREA)
      onArea(fitArea(draft, { width, height }));
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
            setStart(place(event));
          }}
          onPointerMove={(event) => start && setDraft(boxBetween(start, place(event)))}
          onPointerUp={(event) => {
            if (start && !draft) press(event.clientX, event.clientY);
            finish();
          }}
          onPointerCancel={() => {
            setStart(undefined);
            setDraft(undefined);
          }}
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

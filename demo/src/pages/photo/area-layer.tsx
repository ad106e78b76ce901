import type { TargetedPointerEvent, VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Box } from 'nearface';
import { boxBetween, fitArea, SMALLEST_AREA } from '../../model/area.ts';

interface AreaLayerProps {
  /** Size of the picture as shown, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly area: Box | undefined;
  readonly drawing: boolean;
  readonly onArea: (area: Box) => void;
}

/**
 * The area under what is drawn over the picture; the pointer draws it while `drawing`. The number fields do the same for
 * keyboards.
 */
export function AreaLayer({ width, height, area, drawing, onArea }: AreaLayerProps): VNode {
  const [start, setStart] = useState<{ x: number; y: number }>();
  const [draft, setDraft] = useState<Box>();
  const place = (event: TargetedPointerEvent<HTMLDivElement>): { x: number; y: number } => {
    const frame = event.currentTarget.getBoundingClientRect();
    const within = (share: number): number => Math.min(1, Math.max(0, share));
    return {
      x: within((event.clientX - frame.left) / frame.width) * width,
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
        <div class="area-shade">
          <div
            class="area-box"
            style={{
              left: percent(shown.left, width),
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

import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { Box } from 'nearface';
import { fitArea, middleOf, SMALLEST_AREA } from '../model/area.ts';
import { useStore } from '../state/store.ts';
import type { PictureSize } from './stage-size.ts';

const SIDES = ['left', 'top', 'width', 'height'] as const;

interface AreaFieldsProps {
  readonly picture: PictureSize;
  readonly area: Box | undefined;
  readonly onArea: (area: Box | undefined) => void;
  /** What the area is for. */
  readonly children: ComponentChildren;
}

/** An area in numbers, for those who do not draw it. */
export function AreaFields({ picture, area, onArea, children }: AreaFieldsProps): VNode {
  const { announcement } = useStore();
  const id = useId();
  const shown: Box = area ?? { left: 0, top: 0, ...picture };
  const set = (next: Box | undefined): void => {
    onArea(next);
    announcement.value = next
      ? `Area ${next.width} by ${next.height} pixels at ${next.left}, ${next.top}.`
      : 'Whole picture.';
  };
  return (
    <fieldset class="area-fields">
      <legend>
        {children} <span class="muted">– draw it on the picture, or fill in pixels</span>
      </legend>
      <div class="area-row">
        {SIDES.map((side) => {
          const along = side === 'left' || side === 'width' ? picture.width : picture.height;
          const size = side === 'width' || side === 'height';
          return (
            <div key={side} class="field">
              <label for={`${id}-${side}`} class="field-label">
                {side.charAt(0).toUpperCase() + side.slice(1)}
              </label>
              <input
                id={`${id}-${side}`}
                type="number"
                inputMode="numeric"
                min={size ? SMALLEST_AREA : 0}
                max={along}
                value={shown[side]}
                onChange={({ currentTarget }) => {
                  const next = fitArea({ ...shown, [side]: currentTarget.valueAsNumber || 0 }, picture);
                  currentTarget.value = String(next[side]);
                  set(next);
                }}
              />
            </div>
          );
        })}
        <div class="row area-buttons">
          {!area && (
            <button type="button" class="button" onClick={() => set(middleOf(picture))}>
              The middle
            </button>
          )}
          <button type="button" class="button" disabled={!area} onClick={() => set(undefined)}>
            Whole picture
          </button>
        </div>
      </div>
    </fieldset>
  );
}

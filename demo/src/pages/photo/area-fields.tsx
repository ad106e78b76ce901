import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { Box } from 'nearface';
import { fitArea, middleOf, SMALLEST_AREA } from '../../model/area.ts';
import { unturnedSize, type PhotoItem } from '../../state/photo-item.ts';
import { useStore } from '../../state/store.ts';

const SIDES = ['left', 'top', 'width', 'height'] as const;

/** The area in numbers, for those who do not draw it. */
export function AreaFields({ item }: { readonly item: PhotoItem }): VNode | null {
  const { announcement } = useStore();
  const id = useId();
  const state = item.state.value;
  if (state.kind !== 'done') return null;
  const picture = unturnedSize(state.detection);
  const area = item.area.value;
  const shown: Box = area ?? { left: 0, top: 0, ...picture };
  const set = (next: Box | undefined): void => {
    item.area.value = next;
    announcement.value = next
      ? `Area ${next.width} by ${next.height} pixels at ${next.left}, ${next.top}.`
      : 'Whole picture.';
  };
  return (
    <fieldset class="area-fields">
      <legend>
        Area to look in <span class="muted">– draw it on the picture, or fill in pixels</span>
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

import type { VNode } from 'preact';
import { unturnedSize, type PhotoItem } from '../../state/photo-item.ts';
import { AreaFields } from '../../ui/area-fields.tsx';

/** The area of a photo that is looked at, in numbers. */
export function PhotoArea({ item }: { readonly item: PhotoItem }): VNode | null {
  const state = item.state.value;
  if (state.kind !== 'done') return null;
  return (
    <AreaFields
      picture={unturnedSize(state.detection)}
      area={item.area.value}
      onArea={(area) => (item.area.value = area)}
    >
      Area to look in
    </AreaFields>
  );
}

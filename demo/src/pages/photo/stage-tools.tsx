import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { PhotoItem } from '../../state/photo-item.ts';
import { useStore } from '../../state/store.ts';
import { Toggle } from '../../ui/toggle.tsx';
import { LandmarkDialog } from './landmark-dialog.tsx';

/** What is drawn over the photo. */
export function StageTools({ item }: { readonly item: PhotoItem }): VNode {
  const { settings } = useStore();
  const [open, setOpen] = useState(false);
  const state = item.state.value;
  const points = state.kind === 'done' && state.detection.faces.some(({ landmarks }) => landmarks);
  return (
    <div class="row stage-tools" role="group" aria-label="Drawn over the photo">
      <Toggle label="Pose" on={settings.showPose} />
      <Toggle label="Landmarks" on={settings.showLandmarks} />
      <Toggle label="Mesh" on={settings.showMesh} />
      {points && (
        <button type="button" class="button slim" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          Numbered landmarks
        </button>
      )}
      {open && state.kind === 'done' && (
        <LandmarkDialog item={item} answer={state} onClose={() => setOpen(false)} />
      )}
    </div>
  );
}

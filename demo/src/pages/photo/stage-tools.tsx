import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { PhotoItem } from '../../state/photo-store.ts';
import { useStore } from '../../state/store.ts';
import { Toggle } from '../../ui/toggle.tsx';
import { LandmarkDialog } from './landmark-dialog.tsx';

/** What is drawn over the photo, and how large it is. */
export function StageTools({ item }: { readonly item: PhotoItem }): VNode {
  const { settings } = useStore();
  const [open, setOpen] = useState(false);
  const state = item.state.value;
  const answer = state.kind === 'done' ? state.detection : undefined;
  const points = answer?.faces.some(({ landmarks }) => landmarks) ?? false;
  return (
    <div class="row stage-tools">
      <Toggle label="Pose" on={settings.showPose} />
      <Toggle label="Landmarks" on={settings.showLandmarks} />
      <Toggle label="Mesh" on={settings.showMesh} />
      {points && (
        <button type="button" class="button slim" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          Numbered landmarks
        </button>
      )}
      {answer && (
        <span class="muted small push num">
          {answer.width} × {answer.height} px
          {answer.rotation !== 0 && `, turned ${answer.rotation}°`}
        </span>
      )}
      {open && state.kind === 'done' && (
        <LandmarkDialog item={item} answer={state} onClose={() => setOpen(false)} />
      )}
    </div>
  );
}

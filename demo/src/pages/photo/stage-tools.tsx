import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { PhotoAnswer } from '../../state/photo-analysis.ts';
import type { PhotoItem } from '../../state/photo-item.ts';
import { useStore } from '../../state/store.ts';
import { Toggle } from '../../ui/toggle.tsx';
import { LandmarkDialog } from './landmark-dialog.tsx';

/** What is drawn over the photo. */
export function StageTools(): VNode {
  const { settings } = useStore();
  return (
    <div class="row stage-tools" role="group" aria-label="Drawn over the photo">
      <Toggle label="Pose" on={settings.showPose} />
      <Toggle label="Landmarks" on={settings.showLandmarks} />
      <Toggle label="Mesh" on={settings.showMesh} />
    </div>
  );
}

interface StageFootProps {
  readonly item: PhotoItem;
  readonly answer: PhotoAnswer;
}

/** How large the photo is, and its landmarks one by one. */
export function StageFoot({ item, answer }: StageFootProps): VNode {
  const [open, setOpen] = useState(false);
  const { width, height, rotation, faces } = answer.detection;
  return (
    <div class="row stage-tools">
      {faces.some(({ landmarks }) => landmarks) && (
        <button type="button" class="button slim" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          Numbered landmarks
        </button>
      )}
      <span class="muted small push num">
        {width} × {height} px
        {rotation !== 0 && `, turned ${rotation}°`}
      </span>
      {open && <LandmarkDialog item={item} answer={answer} onClose={() => setOpen(false)} />}
    </div>
  );
}

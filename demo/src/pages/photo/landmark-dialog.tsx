import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { LANDMARK_GROUPS } from '../../model/landmark-groups.ts';
import { numberPoints } from '../../model/label-places.ts';
import type { PhotoAnswer } from '../../state/photo-analysis.ts';
import type { PhotoItem } from '../../state/photo-item.ts';
import { useStore } from '../../state/store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/select.tsx';
import { CloseUp } from './close-up.tsx';

interface LandmarkDialogProps {
  readonly item: PhotoItem;
  readonly answer: PhotoAnswer;
  readonly onClose: () => void;
}

const ALL = 'all';
/** Width of a window in which the whole face is too small to read its numbers, in CSS pixels. */
const NARROW = 640;

/** The 106 landmarks of one face with their numbers, as large as is needed to read them. */
export function LandmarkDialog({ item, answer, onClose }: LandmarkDialogProps): VNode {
  const { photo } = useStore();
  const { faces, width, height } = answer.detection;
  const [at, setAt] = useState(photo.face.value ?? 0);
  const [part, setPart] = useState(ALL);
  const [zoom, setZoom] = useState(innerWidth < NARROW ? 2 : 1);
  const [number, setNumber] = useState<number>();
  const { landmarks = [], angle } = faces[at] ?? {};
  const points = numberPoints(landmarks, angle);
  const shown = points.filter(({ group }) => part === ALL || group.part === part);
  const found = points.find((point) => point.number === number);
  return (
    <Dialog title="Landmarks" widest onClose={onClose}>
      <div class="stack-3">
        <div class="close-up-bar">
          {faces.length > 1 && (
            <Select
              label="Face"
              value={String(at)}
              options={faces.map((_, i) => [String(i), nameOf(answer, i)])}
              onChange={(value) => setAt(Number(value))}
            />
          )}
          <Select
            label="Part"
            value={part}
            options={[[ALL, 'All 106'], ...LANDMARK_GROUPS.map((group) => [group.part, group.part] as const)]}
            onChange={setPart}
          />
          <label class="field">
            <span class="field-label">Zoom {zoom}×</span>
            <input
              type="range"
              min={1}
              max={6}
              step={0.5}
              value={zoom}
              onInput={({ currentTarget }) => setZoom(currentTarget.valueAsNumber)}
            />
          </label>
          <label class="field">
            <span class="field-label">Find number</span>
            <input
              type="number"
              min={0}
              max={105}
              placeholder="0 – 105"
              onInput={({ currentTarget }) => {
                const typed = currentTarget.valueAsNumber;
                setNumber(Number.isNaN(typed) ? undefined : typed);
                if (points.some((point) => point.number === typed)) setPart(ALL);
              }}
            />
          </label>
        </div>
        <CloseUp
          key={at}
          url={answer.turnedUrl ?? item.url}
          picture={{ width, height }}
          landmarks={landmarks}
          points={shown}
          found={found}
          zoom={zoom}
        />
        <p class="muted small" role="status">
          {found
            ? `Number ${found.number} (${found.group.part.toLowerCase()}) is at ${found.x.toFixed(1)}, ${found.y.toFixed(1)} px.`
            : 'Left and right are those of the picture. Zoom in and scroll to read numbers that stand close.'}
        </p>
      </div>
    </Dialog>
  );
}

function nameOf({ names }: PhotoAnswer, index: number): string {
  const meta = names[index]?.name?.record.meta;
  return meta ? `Face ${index + 1}, ${meta}` : `Face ${index + 1}`;
}

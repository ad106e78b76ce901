import type { VNode } from 'preact';
import type { AreaKind } from '../../state/camera-store.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
import { Toggle } from '../../ui/toggle.tsx';

interface CameraToolsProps {
  /** The area that is being drawn. */
  readonly drawing: AreaKind | undefined;
  readonly onDrawing: (kind: AreaKind | undefined) => void;
}

/** What is drawn over the picture, and the areas. */
export function CameraTools({ drawing, onDrawing }: CameraToolsProps): VNode {
  const { settings } = useStore();
  const areas: readonly (readonly [AreaKind, string])[] = [
    ['rot', 'Look only in…'],
    ['roi', 'Report only in…'],
  ];
  return (
    <div class="row between camera-tools">
      <div class="row" role="group" aria-label="Drawn over the picture">
        <Toggle label="Trails" on={settings.liveTrails} />
        <Toggle label="Pose" on={settings.livePose} />
        <Toggle label="Mesh" on={settings.liveMesh} />
        <Toggle label="Mood" on={settings.liveMood} />
      </div>
      <div class="row" role="group" aria-label="Areas">
        {areas.map(([kind, label]) => (
          <button
            key={kind}
            type="button"
            class="button slim"
            aria-pressed={drawing === kind}
            onClick={() => onDrawing(drawing === kind ? undefined : kind)}
          >
            <Icon name="area" />
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}

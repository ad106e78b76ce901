import type { VNode } from 'preact';
import type { Face } from 'nearface';
import { turnBox } from '../../model/area.ts';
import { percent } from '../../model/format.ts';
import type { Names } from '../../state/photo-analysis.ts';
import { unturnedSize, type PhotoItem } from '../../state/photo-item.ts';
import { useStore } from '../../state/store.ts';
import { FaceBoxes, type BoxedFace } from '../../ui/face-boxes.tsx';
import { stageStyle, useLoadedSize } from '../../ui/stage-size.ts';
import { useDrop } from '../../ui/drop.ts';
import { Problem } from '../../ui/problem.tsx';
import { AreaLayer } from '../../ui/area-layer.tsx';

interface PhotoStageProps {
  readonly item: PhotoItem;
  /** Whether the pointer draws the area instead of choosing faces. */
  readonly drawing: boolean;
}

/** The photo with boxes, names and points over it. Dropping photos on it opens them. */
export function PhotoStage({ item, drawing }: PhotoStageProps): VNode {
  const { photo } = useStore();
  const { over, handlers } = useDrop((files) =>
    photo.open([...(files ?? [])].map((blob) => ({ name: blob.name, blob }))),
  );
  const state = item.state.value;
  const url = (state.kind === 'done' && state.turnedUrl) || item.url;
  const [loaded, onLoad] = useLoadedSize(url);
  // On a busy machine the faces may be known before the element has loaded.
  const size = loaded ?? (state.kind === 'done' ? state.detection : undefined);
  if (state.kind === 'failed') {
    return (
      <Problem error={state.error} onRetry={() => photo.retry(item)}>
        <button type="button" class="button" onClick={() => photo.close(item)}>
          Close this photo
        </button>
      </Problem>
    );
  }
  return (
    <div class={`stage-frame${over ? ' over' : ''}`} {...handlers}>
      <figure class="stage" style={stageStyle(size)}>
        <img src={url} alt={item.name} draggable={false} onLoad={onLoad} />
        <Overlay item={item} drawing={drawing} />
        {item.busy.value && (
          <p class="stage-busy" role="status">
            Looking for faces…
          </p>
        )}
      </figure>
    </div>
  );
}

function Overlay({ item, drawing }: PhotoStageProps): VNode | null {
  const { photo, settings } = useStore();
  const state = item.state.value;
  if (state.kind !== 'done') return null;
  const { width, height, rotation, faces } = state.detection;
  const area = item.area.value;
  const original = unturnedSize(state.detection);
  return (
    <>
      {(drawing || area) && (
        <AreaLayer
          width={width}
          height={height}
          area={area && turnBox(area, original, rotation)}
          drawing={drawing}
          onArea={(box) => (item.area.value = turnBox(box, state.detection, turnBack(rotation)))}
        />
      )}
      <FaceBoxes
        width={width}
        height={height}
        faces={faces.map((face, i) => boxed(face, state.names[i], i))}
        selected={photo.face.value}
        onSelect={(i) => (photo.face.value = i)}
        landmarks={settings.showLandmarks.value}
        mesh={settings.showMesh.value}
        pose={settings.showPose.value}
      />
    </>
  );
}

function turnBack(rotation: 0 | 90 | 180 | 270): 0 | 90 | 180 | 270 {
  return rotation === 90 ? 270 : rotation === 270 ? 90 : rotation;
}

function boxed(face: Face, names: Names | undefined, i: number): BoxedFace {
  const match = names?.name;
  if (!match) return { face, named: false, label: `${i + 1}`, description: `Face ${i + 1}, not known` };
  const sure = match.confidence === undefined ? '' : percent(match.confidence);
  return {
    face,
    named: true,
    label: match.record.meta || 'no name',
    description: `Face ${i + 1}, ${match.record.meta || 'no name'} ${sure}`.trim(),
  };
}

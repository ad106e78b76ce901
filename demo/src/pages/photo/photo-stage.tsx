import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Face } from 'nearface';
import { percent } from '../../model/format.ts';
import type { Names, PhotoItem } from '../../state/photo-store.ts';
import { useStore } from '../../state/store.ts';
import { FaceBoxes, type BoxedFace } from '../../ui/face-boxes.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Toggle } from '../../ui/toggle.tsx';

/** The photo with boxes, names and points over it. Dropping photos on it opens them. */
export function PhotoStage({ item }: { readonly item: PhotoItem }): VNode {
  const { photo, settings } = useStore();
  const [over, setOver] = useState(false);
  const state = item.state.value;
  if (state.kind === 'failed') {
    return (
      <Problem error={state.error} onRetry={() => photo.retry(item)}>
        <button type="button" class="button" onClick={() => photo.close(item)}>
          Close this photo
        </button>
      </Problem>
    );
  }
  const done = state.kind === 'done' ? state : undefined;
  const size = done?.detection;
  return (
    <div class="stack-2">
      <div
        class={`stage-frame${over ? ' over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          photo.open([...(event.dataTransfer?.files ?? [])].map((blob) => ({ name: blob.name, blob })));
        }}
      >
        <figure
          class="stage"
          style={
            size && { '--ratio': size.width / size.height, aspectRatio: `${size.width} / ${size.height}` }
          }
        >
          <img src={item.url} alt={item.name} />
          {done && (
            <FaceBoxes
              width={done.detection.width}
              height={done.detection.height}
              faces={done.detection.faces.map((face, i) => boxed(face, done.names[i], i))}
              selected={photo.face.value}
              onSelect={(i) => (photo.face.value = i)}
              landmarks={settings.showLandmarks.value}
              mesh={settings.showMesh.value}
            />
          )}
          {!done && (
            <p class="stage-busy" role="status">
              Looking for faces…
            </p>
          )}
        </figure>
      </div>
      <div class="row">
        <Toggle label="Landmarks" on={settings.showLandmarks} />
        <Toggle label="Mesh" on={settings.showMesh} />
        {size && (
          <span class="muted small push num">
            {size.width} × {size.height} px
          </span>
        )}
      </div>
    </div>
  );
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

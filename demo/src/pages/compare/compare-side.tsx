import type { VNode } from 'preact';
import type { NamedPhoto } from '../../model/samples.ts';
import type { Side } from '../../state/compare-store.ts';
import { stageStyle, useLoadedSize } from '../../ui/stage-size.ts';
import { useStore } from '../../state/store.ts';
import { FaceBoxes } from '../../ui/face-boxes.tsx';
import { DropArea, SampleStrip } from '../../ui/photo-source.tsx';

/** One of the two photos: picked, or to be picked. */
export function CompareSide({ side, title }: { readonly side: Side; readonly title: string }): VNode {
  const { compare } = useStore();
  const photo = compare.photos[side].value;
  const set = (picked: NamedPhoto): void => compare.set(side, picked);
  return (
    <section class={`panel stack-3 compare-side${photo ? ' chosen' : ''}`} aria-label={title}>
      <div class="row between">
        <h2>{title}</h2>
        {photo && (
          <button
            type="button"
            class="button"
            aria-label={`Remove the ${title.toLowerCase()}`}
            onClick={() => compare.clear(side)}
          >
            Remove
          </button>
        )}
      </div>
      {photo && <Picture side={side} name={photo.name} url={photo.url} />}
      <DropArea
        compact
        label={photo ? 'Choose another' : 'Choose a photo'}
        hint={photo ? '' : 'or drop or paste one'}
        onPhotos={([file]) => file && set({ name: file.name, blob: file })}
      />
      <SampleStrip label="Samples" onPhoto={set} />
    </section>
  );
}

function Picture({
  side,
  name,
  url,
}: {
  readonly side: Side;
  readonly name: string;
  readonly url: string;
}): VNode {
  const { compare } = useStore();
  const [loaded, onLoad] = useLoadedSize(url);
  const state = compare.state.value;
  const done = state.kind === 'done' ? state.comparison : undefined;
  const detection = done?.[side];
  const size = loaded ?? detection;
  const pair = done?.pairs[compare.pair.value];
  return (
    <div class="stage-frame small">
      <figure class="stage" style={stageStyle(size)}>
        <img src={url} alt={name} onLoad={onLoad} />
        {detection && (
          <FaceBoxes
            width={detection.width}
            height={detection.height}
            selected={pair?.[side]}
            faces={detection.faces.map((face, i) => ({
              face,
              label: faceName(side, i),
              description: `Face ${faceName(side, i)}`,
              named: pair?.[side] === i && pair.verified,
            }))}
          />
        )}
      </figure>
    </div>
  );
}

/** `A1`, `B2`: how faces are called on this page. */
export function faceName(side: Side, index: number): string {
  return `${side.toUpperCase()}${index + 1}`;
}

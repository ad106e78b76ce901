import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Face, TrackedFace } from 'nearface';
import { faceAt, moveTo } from '../../model/follow-face.ts';
import { moodOf } from '../../model/attribute-words.ts';
import type { Watched } from '../../state/camera-session.ts';
import type { AreaKind } from '../../state/camera-store.ts';
import { useStore } from '../../state/store.ts';
import { AreaLayer } from '../../ui/area-layer.tsx';
import { FaceBoxes, type BoxedFace } from '../../ui/face-boxes.tsx';
import { Problem } from '../../ui/problem.tsx';
import { stageStyle } from '../../ui/stage-size.ts';
import { Trails } from './trails.tsx';

interface CameraViewProps {
  readonly watched: Watched;
  /** The area that the pointer draws. */
  readonly drawing: AreaKind | undefined;
  readonly selected: number | undefined;
  readonly onSelect: (trackId: number) => void;
}

/** The live picture with boxes and names. */
export function CameraView({ watched, drawing, selected, onSelect }: CameraViewProps): VNode {
  const { camera, settings } = useStore();
  const { source, camera: record } = watched;
  const host = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<unknown>();
  const isMirrored = camera.kind.value === 'webcam' && settings.mirror.value;
  useEffect(() => {
    const { video } = source;
    host.current?.append(video);
    // Moving an element within the document pauses it.
    void video.play().catch(() => {});
    return () => video.remove();
  }, [source]);
  useEffect(() => {
    source.video.classList.toggle('mirrored', isMirrored);
  }, [source, isMirrored]);

  const size = camera.size.value;
  const stats = camera.stats.value;
  return (
    <div class="stage-frame">
      <figure class="stage" style={stageStyle(size)}>
        <div ref={host} class="video-host" />
        {size && settings.liveTrails.value && <Trails size={size} mirrored={isMirrored} />}
        {size &&
          (['rot', 'roi'] as const).map((kind) => (
            <AreaLayer
              key={kind}
              {...size}
              area={record[kind]}
              drawing={drawing === kind}
              mirrored={isMirrored}
              outline={kind === 'roi'}
              onArea={(area) => void camera.setArea(kind, area).then(() => setError(undefined), setError)}
            />
          ))}
        {size && <LiveFaces {...{ watched, size, isMirrored, selected, onSelect }} />}
        {!stats?.processed && <p class="stage-busy">Looking for faces…</p>}
      </figure>
      {error !== undefined && <Problem error={error} />}
    </div>
  );
}

interface LiveFacesProps extends Omit<CameraViewProps, 'drawing'> {
  readonly size: { readonly width: number; readonly height: number };
  readonly isMirrored: boolean;
}

/** The boxes of those who are in the picture; they move with it. */
function LiveFaces({ watched, size, isMirrored, selected, onSelect }: LiveFacesProps): VNode {
  const { camera, settings } = useStore();
  const { faces } = camera.view.value;
  const looks = camera.looks.value;
  // Names that come while a face stands still are shown at once.
  void watched.tracks.list.value;
  const boxed = faces.map((face) => boxedFace(face, looks, watched, settings.liveMood.value));
  const at = faces.findIndex(({ trackId }) => trackId === selected);
  return (
    <FaceBoxes
      {...size}
      faces={boxed}
      mirrored={isMirrored}
      mesh={settings.liveMesh.value}
      pose={settings.livePose.value}
      selected={at >= 0 ? at : undefined}
      onSelect={(i) => onSelect(faces[i]!.trackId)}
    />
  );
}

function boxedFace(
  { trackId, box, matches }: TrackedFace,
  looks: readonly Face[],
  { tracks }: Watched,
  withMood: boolean,
): BoxedFace {
  const look = faceAt(looks, box);
  const face = look ? moveTo(look, box) : { position: box, score: 1 };
  const name = tracks.nameOf(trackId) || matches[0]?.record.meta || '';
  const mood = withMood && look?.attributes ? moodOf(look.attributes) : undefined;
  const friend = tracks.byId(trackId)?.friend ? '★ ' : '';
  const label = [friend + (name || '?'), mood].filter(Boolean).join(' · ');
  const description = name ? `${friend ? 'Friend ' : ''}${name}` : 'Somebody not known: give a name';
  return { face, label, description, named: name !== '', id: trackId };
}

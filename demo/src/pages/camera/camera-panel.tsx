import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { count, milliseconds } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { Problem } from '../../ui/problem.tsx';
import { StageTimes } from '../../ui/stage-times.tsx';

/** Who is in front of the camera, how fast, and the way to enrol them. */
export function CameraPanel(): VNode {
  const { camera, library, settings } = useStore();
  const seen = camera.seen.value;
  const names = [
    ...new Set(seen?.faces.flatMap(({ matches: [match] }) => (match ? [match.record.meta] : []))),
  ];
  return (
    <aside class="panel stack-4" aria-label="What the camera shows">
      {camera.frameError.value !== undefined && <Problem error={camera.frameError.value} />}
      <div>
        <h2>{seen ? count(seen.faces.length, 'face') : 'Faces'}</h2>
        <SeenNames names={names} />
        {library.inUse.value?.count === 0 && (
          <p class="muted small">
            Nobody is enrolled in “{settings.gallery.value}” yet, so there are no names.
          </p>
        )}
      </div>
      <dl class="figures">
        <div>
          <dt>Frames per second</dt>
          <dd class="num" data-testid="fps">
            {seen ? seen.rate.fps.toFixed(1) : '–'}
          </dd>
        </div>
        <div>
          <dt>Per frame</dt>
          <dd class="num">{seen ? milliseconds(seen.ms) : '–'}</dd>
        </div>
        <div>
          <dt>Frames skipped</dt>
          <dd class="num">{seen ? seen.rate.dropped.toLocaleString('en') : '–'}</dd>
        </div>
      </dl>
      {seen && <StageTimes timings={seen.timings} />}
      <Snapshot />
    </aside>
  );
}

/** The names, told to screen readers when they change and not at every frame. */
function SeenNames({ names }: { readonly names: readonly string[] }): VNode {
  const text = [...names].sort().join(', ');
  const [told, setTold] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setTold(text), 700);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <>
      <p class="seen-names" aria-hidden="true">
        {text || <span class="muted">Nobody known</span>}
      </p>
      <p class="visually-hidden" aria-live="polite">
        {told ? `Seen: ${told}` : 'Nobody known is seen'}
      </p>
    </>
  );
}

/** Takes the picture over to the page Photo, where its faces can be enrolled. */
function Snapshot(): VNode {
  const { photo, route } = useStore();
  const button = useRef<HTMLButtonElement>(null);
  const take = (): void => {
    const video = button.current?.closest('main')?.querySelector('video');
    if (!video?.videoWidth) return;
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    canvas.toBlob(
      (blob) => {
        if (!blob) return;
        photo.open([{ name: 'camera.jpg', blob }]);
        route.go('photo');
      },
      'image/jpeg',
      0.95,
    );
  };
  return (
    <div class="stack-2">
      <button ref={button} type="button" class="button" onClick={take}>
        Take a picture and enrol
      </button>
      <p class="muted small">Opens this frame on the page Photo.</p>
    </div>
  );
}

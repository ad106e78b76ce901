import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { count, milliseconds, percent } from '../../model/format.ts';
import type { Watched } from '../../state/camera-session.ts';
import { useStore } from '../../state/store.ts';
import { LiveNotes } from './live-notes.tsx';

/** Who is in front of the camera, how fast, what was noted, and the way to the page Photo. */
export function CameraPanel({ watched }: { readonly watched: Watched }): VNode {
  const { camera, library, settings } = useStore();
  const { tracks, source } = watched;
  const { faces } = camera.view.value;
  const stats = camera.stats.value;
  void tracks.list.value;
  const names = [...new Set(faces.map(({ trackId }) => tracks.nameOf(trackId)).filter(Boolean))];
  return (
    <aside class="panel stack-4" aria-label="What the camera shows">
      <div>
        <h2>{count(faces.length, 'face')}</h2>
        <SeenNames names={names} />
        {library.inUse.value?.count === 0 && (
          <p class="muted small">
            Nobody is enrolled in “{settings.gallery.value}” yet. Press a “?” on the picture to give a name.
          </p>
        )}
      </div>
      {camera.notice.value && (
        <p class="small" role="status">
          {camera.notice.value}
        </p>
      )}
      <dl class="figures">
        <div>
          <dt>Frames per second</dt>
          <dd class="num" data-testid="fps">
            {stats ? stats.perSecond.toFixed(1) : '–'}
          </dd>
        </div>
        <div>
          <dt>Per frame</dt>
          <dd class="num">{stats ? milliseconds(stats.latencyMs.median) : '–'}</dd>
        </div>
        <div>
          <dt>Frames skipped</dt>
          <dd class="num">{stats ? stats.dropped.toLocaleString('en') : '–'}</dd>
        </div>
      </dl>
      {stats && (
        <p class="muted small">
          {percent(stats.processed ? stats.still / stats.processed : 0)} of the frames were still, so that
          nothing was looked for.
        </p>
      )}
      <LiveNotes tracks={tracks} />
      <Snapshot video={source.video} />
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
function Snapshot({ video }: { readonly video: HTMLVideoElement }): VNode {
  const { photo, route } = useStore();
  const take = (): void => {
    if (!video.videoWidth) return;
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
      <button type="button" class="button" onClick={take}>
        Take a picture and enrol
      </button>
      <p class="muted small">Opens this frame on the page Photo.</p>
    </div>
  );
}

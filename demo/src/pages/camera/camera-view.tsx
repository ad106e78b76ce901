import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Identification } from 'nearface';
import { useStore } from '../../state/store.ts';
import { stageStyle } from '../../ui/stage-size.ts';
import { FaceBoxes, type BoxedFace } from '../../ui/face-boxes.tsx';

/** The live picture with boxes and names; its frames are looked at as long as it is shown. */
export function CameraView({ stream }: { readonly stream: MediaStream }): VNode {
  const { camera, settings, engine } = useStore();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    void element.play().then(
      () => camera.follow(element),
      () => {},
    );
    return () => {
      element.srcObject = null;
    };
  }, [stream]);

  const seen = camera.seen.value;
  const mirrored = settings.mirror.value;
  return (
    <div class="stage-frame">
      <figure class="stage" style={stageStyle(seen)}>
        <video ref={video} class={mirrored ? 'mirrored' : ''} muted playsInline aria-label="Camera picture" />
        {seen && (
          <FaceBoxes
            width={seen.width}
            height={seen.height}
            faces={seen.faces.flatMap(boxed)}
            mirrored={mirrored}
          />
        )}
        {!seen && engine.state.value.kind !== 'failed' && <p class="stage-busy">Looking for faces…</p>}
      </figure>
    </div>
  );
}

function boxed({ face, matches: [match] }: Identification): BoxedFace[] {
  if (!face) return [];
  if (!match) return [{ face, named: false, label: '?', description: 'not known' }];
  const name = match.record.meta || 'no name';
  return [{ face, named: true, label: name, description: name }];
}

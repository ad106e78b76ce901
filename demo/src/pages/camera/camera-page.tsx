import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { AreaKind } from '../../state/camera-store.ts';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { CameraAreas } from './camera-areas.tsx';
import { CameraBar } from './camera-bar.tsx';
import { CameraPanel } from './camera-panel.tsx';
import { CameraTools } from './camera-tools.tsx';
import { CameraView } from './camera-view.tsx';
import { NameStrip } from './name-strip.tsx';
import { ShotStrip } from './shot-strip.tsx';

/** A camera's picture with names on the faces, and what is noted of them. */
export function CameraPage(): VNode {
  const { camera } = useStore();
  const state = camera.state.value;
  const [drawing, setDrawing] = useState<AreaKind>();
  const [selected, setSelected] = useState<number>();
  useEffect(() => {
    void camera.listDevices();
    const onChange = (): void => void camera.listDevices();
    navigator.mediaDevices?.addEventListener('devicechange', onChange);
    return () => {
      navigator.mediaDevices?.removeEventListener('devicechange', onChange);
      camera.stop();
    };
  }, []);
  useEffect(() => setDrawing(undefined), [state.kind]);
  // Tracks of another session are others.
  useEffect(() => setSelected(undefined), [state.kind === 'on' && state.tracks]);
  return (
    <>
      <PageHead
        title="Camera"
        lead="Names on the faces in front of the camera. Pictures stay on this device; who was seen when is noted in the history."
      />
      <CameraBar />
      {state.kind === 'failed' && <Problem error={state.error} onRetry={() => void camera.start()} />}
      {state.kind === 'on' ? (
        <div class="camera-layout">
          <div class="stack-3">
            <CameraTools drawing={drawing} onDrawing={setDrawing} />
            {drawing && <CameraAreas kind={drawing} camera={state.camera} />}
            <CameraView watched={state} drawing={drawing} selected={selected} onSelect={setSelected} />
            {selected !== undefined && (
              <NameStrip
                key={selected}
                tracks={state.tracks}
                id={selected}
                onClose={() => setSelected(undefined)}
              />
            )}
            <ShotStrip tracks={state.tracks} selected={selected} onSelect={setSelected} />
          </div>
          <CameraPanel watched={state} />
        </div>
      ) : (
        <CameraOff isStarting={state.kind === 'starting'} />
      )}
    </>
  );
}

function CameraOff({ isStarting }: { readonly isStarting: boolean }): VNode {
  const { camera } = useStore();
  const show = (): void => {
    camera.kind.value = 'sample';
    void camera.start();
  };
  return (
    <div class="camera-off">
      {isStarting ? (
        <p class="muted">Waiting for the camera…</p>
      ) : (
        <div class="stack-3 empty-camera">
          <p class="muted">The camera is off. Press Start; the browser asks first.</p>
          <p class="muted">
            No camera here?{' '}
            <button type="button" class="link" onClick={show}>
              Watch a clip of the sample photos
            </button>
          </p>
        </div>
      )}
    </div>
  );
}

import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Select } from '../../ui/select.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { CameraPanel } from './camera-panel.tsx';
import { CameraView } from './camera-view.tsx';

/** The webcam picture with names on the faces. */
export function CameraPage(): VNode {
  const { camera, settings } = useStore();
  const state = camera.state.value;
  useEffect(() => {
    void camera.listCameras();
    const onChange = (): void => void camera.listCameras();
    navigator.mediaDevices?.addEventListener('devicechange', onChange);
    return () => {
      navigator.mediaDevices?.removeEventListener('devicechange', onChange);
      camera.stop();
    };
  }, []);

  const cameras = camera.cameras.value;
  const options = cameras.map(({ deviceId, label }, i) => [deviceId, label || `Camera ${i + 1}`] as const);
  const choose = (id: string): void => {
    camera.deviceId.value = id;
    if (state.kind === 'on') void camera.start();
  };
  return (
    <>
      <PageHead
        title="Camera"
        lead="Names on the faces in front of the camera. Frames are looked at and forgotten."
      />
      <section class="panel camera-bar" aria-label="Camera controls">
        <Select
          label="Camera"
          value={camera.deviceId.value}
          options={options.length ? options : [['', 'Default camera']]}
          onChange={choose}
        />
        <Select
          label="Mode"
          value={camera.mode.value}
          options={[
            ['fast', 'Fast'],
            ['accurate', 'Accurate'],
          ]}
          onChange={(mode) => (camera.mode.value = mode)}
        />
        <Toggle label="Mirror" on={settings.mirror} />
        <div class="row push">
          {state.kind === 'on' ? (
            <button type="button" class="button" onClick={camera.stop}>
              Stop
            </button>
          ) : (
            <button
              type="button"
              class="button primary"
              disabled={state.kind === 'starting'}
              onClick={() => void camera.start()}
            >
              {state.kind === 'starting' ? 'Starting…' : 'Start'}
            </button>
          )}
        </div>
      </section>
      {state.kind === 'failed' && <Problem error={state.error} onRetry={() => void camera.start()} />}
      {state.kind === 'on' ? (
        <div class="camera-layout">
          <CameraView stream={state.stream} />
          <CameraPanel />
        </div>
      ) : (
        <div class="camera-off">
          <p class="muted">
            {state.kind === 'starting'
              ? 'Waiting for the camera…'
              : 'The camera is off. Press Start; the browser asks first.'}
          </p>
        </div>
      )}
    </>
  );
}

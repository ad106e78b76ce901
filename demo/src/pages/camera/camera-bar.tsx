import type { VNode } from 'preact';
import { useStore } from '../../state/store.ts';
import { PickButton } from '../../ui/photo-source.tsx';
import { Select } from '../../ui/select.tsx';
import { Toggle } from '../../ui/toggle.tsx';

/** Which camera, or what is played in its place; on and off. */
export function CameraBar(): VNode {
  const { camera, settings } = useStore();
  const state = camera.state.value;
  const kind = camera.kind.value;
  const restart = (): void => {
    if (state.kind === 'on') void camera.start();
  };
  const cameras = camera.devices.value.map(
    ({ deviceId, label }, i) => [deviceId, label || `Camera ${i + 1}`] as const,
  );
  const takeFile = (files: FileList | null): void => {
    const [file] = files ?? [];
    if (!file) return;
    camera.file.value = file;
    void camera.start();
  };
  const canStart = kind !== 'file' || camera.file.value !== undefined;
  return (
    <section class="panel camera-bar" aria-label="Camera controls">
      <Select
        label="Source"
        value={kind}
        options={[
          ['webcam', 'My camera'],
          ['file', 'A video file as a camera'],
          ['sample', 'A clip of the sample photos'],
        ]}
        onChange={(chosen) => {
          camera.kind.value = chosen;
          if (chosen === 'file') camera.stop();
          else restart();
        }}
      />
      {kind === 'webcam' && (
        <Select
          label="Camera"
          value={camera.deviceId.value}
          options={cameras.length ? cameras : [['', 'Default camera']]}
          onChange={(id) => {
            camera.deviceId.value = id;
            restart();
          }}
        />
      )}
      {kind === 'file' && (
        <PickButton
          label={camera.file.value?.name ?? 'Choose a video'}
          multiple={false}
          accept="video/*"
          onFiles={takeFile}
        />
      )}
      {kind === 'webcam' && <Toggle label="Mirror" on={settings.mirror} />}
      <div class="row push">
        {state.kind === 'on' ? (
          <button type="button" class="button" onClick={camera.stop}>
            Stop
          </button>
        ) : (
          <button
            type="button"
            class="button primary"
            disabled={state.kind === 'starting' || !canStart}
            onClick={() => void camera.start()}
          >
            {state.kind === 'starting' ? 'Starting…' : 'Start'}
          </button>
        )}
      </div>
    </section>
  );
}

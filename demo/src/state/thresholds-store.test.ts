import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import type { NearFace, OwnCalibration } from 'nearface';
import type { Engine, EngineState } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';
import { createThresholdsStore } from './thresholds-store.ts';

test('what was measured goes with the gallery, and with the instance that measured it', async () => {
  const ready = (): EngineState => ({ kind: 'ready', nf: {} as NearFace });
  const state = signal<EngineState>(ready());
  const calibration = { recommended: { name: 'strict', meets: true } } as OwnCalibration;
  const gallery = { calibrate: () => Promise.resolve(calibration) };
  const library = { gallery: () => Promise.resolve(gallery), version: signal(0) } as unknown as Library;
  const settings = { gallery: signal('default') } as unknown as Settings;
  const engine = { state } as unknown as Engine;
  const { measuring } = createThresholdsStore({ engine, library, settings, announcement: signal('') });
  await measuring.start();
  expect(measuring.result.value).toMatchObject({ calibration });
  settings.gallery.value = 'other';
  expect(measuring.result.value).toBeUndefined();
  await measuring.start();
  expect(measuring.result.value).toMatchObject({ calibration });
  // As when another model is chosen.
  state.value = { kind: 'starting', progress: {} };
  state.value = ready();
  expect(measuring.result.value).toBeUndefined();
});

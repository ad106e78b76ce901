import type { VNode } from 'preact';
import type { NearFaceInfo } from 'nearface';
import { bytes, count } from '../model/format.ts';
import { labelOf, meaningOf, type ThresholdChoice } from '../model/thresholds.ts';
import type { DeviceChoice, EmbeddingChoice } from '../state/settings.ts';
import { useStore } from '../state/store.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Facts } from '../ui/facts.tsx';
import { Select } from '../ui/select.tsx';
import { StageTimes } from '../ui/stage-times.tsx';
import { isInMemory } from './memory-notice.tsx';

const THRESHOLD_CHOICES: readonly ThresholdChoice[] = ['strict', 'default', 'medium', 'low', 'fpir'];
const DEVICES: readonly (readonly [DeviceChoice, string])[] = [
  ['auto', 'Automatic'],
  ['webgpu', 'WebGPU'],
  ['wasm', 'WebAssembly'],
];

const EMBEDDINGS: readonly (readonly [EmbeddingChoice, string])[] = [
  ['default', 'Quick (one network)'],
  ['fused', 'Best (two networks)'],
];

/** Settings, and what the library runs on. */
export function SystemDialog({ onClose }: { readonly onClose: () => void }): VNode {
  const { engine, settings, library } = useStore();
  const state = engine.state.value;
  return (
    <Dialog title="Settings and system" wide onClose={onClose}>
      <div class="stack-4">
        <section class="settings" aria-label="Settings">
          <Select
            label="Gallery in use"
            value={settings.gallery.value}
            options={library.galleries.value.map(({ name, count: faces }) => [name, `${name} (${faces})`])}
            onChange={(name) => (settings.gallery.value = name)}
          />
          <Select
            label="Threshold"
            value={settings.threshold.value}
            options={THRESHOLD_CHOICES.map((choice) => [choice, labelOf(choice)])}
            hint={`Same person: ${meaningOf(settings.threshold.value)}.`}
            onChange={(choice) => (settings.threshold.value = choice)}
          />
          <Select
            label="Device"
            value={settings.device.value}
            options={DEVICES}
            hint="A change loads the models again."
            onChange={(device) => (settings.device.value = device)}
          />
          <Select
            label="People are told apart by"
            value={settings.embedding.value}
            options={EMBEDDINGS}
            hint="A change loads the models again; faces that are enrolled must be converted then, on the page Storage."
            onChange={(embedding) => (settings.embedding.value = embedding)}
          />
        </section>
        <Storage />
        {state.kind === 'ready' && <System info={state.nf.info} />}
      </div>
    </Dialog>
  );
}

function Storage(): VNode {
  const store = useStore();
  const { library } = store;
  const persisted = library.persisted.value;
  if (isInMemory(store))
    return (
      <section class="stack-2">
        <h3>Storage</h3>
        <p class="small">{bytes(library.usageBytes.value)} in memory, until this page is closed.</p>
      </section>
    );
  return (
    <section class="stack-2">
      <h3>Storage</h3>
      <p class="small">
        {bytes(library.usageBytes.value)} in this browser, and nowhere else.{' '}
        {persisted
          ? 'The browser keeps it until you delete it.'
          : 'The browser may clear it when the disk runs short.'}
      </p>
      {!persisted && (
        <div class="row">
          <button type="button" class="button" onClick={() => void library.persist()}>
            Ask the browser to keep it
          </button>
        </div>
      )}
    </section>
  );
}

function System({ info }: { readonly info: NearFaceInfo }): VNode {
  const facts: readonly (readonly [string, string])[] = [
    ['Version', info.version],
    ['Backend', info.backend === 'webgpu' ? `WebGPU ${info.adapter}` : 'WebAssembly'],
    ['Threads', `${info.threads}${info.crossOriginIsolated ? '' : ' (page not cross-origin isolated)'}`],
    ['SIMD', info.simd],
    ['Embedding', `${info.embedding.modelId}, ${count(info.embedding.dimension, 'number')}`],
  ];
  return (
    <>
      <section class="stack-2">
        <h3>Runs on</h3>
        <Facts facts={facts} />
        <StageTimes timings={info.timings} />
      </section>
      <section class="stack-2">
        <h3>Models</h3>
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Models">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Role</th>
                <th scope="col">Model</th>
                <th scope="col">Licence</th>
                <th scope="col">Size</th>
              </tr>
            </thead>
            <tbody>
              {info.models.map((model) => (
                <tr key={model.id}>
                  <td>{model.role}</td>
                  <td>
                    {model.id} <span class="muted">{model.version}</span>
                  </td>
                  <td>{model.licence}</td>
                  <td class="num">
                    {bytes(model.bytes)}
                    {model.cached ? ', cached' : ''}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
}

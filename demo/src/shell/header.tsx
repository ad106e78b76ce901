import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { bytes, count } from '../model/format.ts';
import type { EngineState } from '../state/engine.ts';
import type { Page } from '../state/route.ts';
import { useStore } from '../state/store.ts';
import { Icon, Mark } from '../ui/icon.tsx';
import { SystemDialog } from './system-dialog.tsx';

const TABS: readonly (readonly [Page, string])[] = [
  ['photo', 'Photo'],
  ['people', 'People'],
  ['camera', 'Camera'],
  ['video', 'Video'],
  ['history', 'History'],
  ['compare', 'Compare'],
  ['thresholds', 'Thresholds'],
  ['sign-in', 'Sign in'],
  ['storage', 'Storage'],
  ['api', 'API'],
  ['benchmark', 'Benchmark'],
];

export function Header(): VNode {
  const { engine, library, route } = useStore();
  const [open, setOpen] = useState(false);
  const state = engine.state.value;
  const faces = library.galleries.value.reduce((sum, gallery) => sum + gallery.count, 0);
  return (
    <header class="header">
      <div class="header-bar">
        <p class="brand">
          <Mark />
          nearface
        </p>
        <nav aria-label="Pages">
          <ul class="tabs">
            {TABS.map(([page, label]) => (
              <li key={page}>
                <a href={`#/${page}`} aria-current={route.page.value === page ? 'page' : undefined}>
                  {label}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <button type="button" class="status" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          <span class={`dot ${state.kind}`} aria-hidden="true" />
          <span class="status-text">
            <span>{backend(state)}</span>
            {state.kind === 'ready' && (
              <span class="muted">
                {count(faces, 'face')} · {bytes(library.usageBytes.value)}
              </span>
            )}
          </span>
          <Icon name="settings" />
          <span class="visually-hidden">Settings and system</span>
        </button>
      </div>
      {open && <SystemDialog onClose={() => setOpen(false)} />}
    </header>
  );
}

function backend(state: EngineState): string {
  if (state.kind === 'starting') return 'Starting…';
  if (state.kind === 'locked') return 'Locked';
  if (state.kind === 'failed') return 'Not running';
  const { backend, threads } = state.nf.info;
  return backend === 'webgpu' ? 'WebGPU' : `WebAssembly · ${count(threads, 'thread')}`;
}

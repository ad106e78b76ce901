import { NearFaceError } from '../core/errors.ts';
import { type SimdLevel, simdLevel } from '../core/simd.ts';
import type { GpuAdapter, VisionHost } from '../platform/port.ts';

/** What the models run on. */
export interface Backend {
  readonly name: 'webgpu' | 'wasm';
  readonly threads: number;
  readonly simd: SimdLevel;
  /** The GPU adapter's name; empty on `wasm`. */
  readonly adapter: string;
}

/**
 * The backend for `device`: on `auto` WebGPU where a real adapter exists; on `webgpu` any adapter, software too.
 *
 * @param threads - wanted WASM threads, 0 for the default of one; more need shared memory, for which a page must be cross-origin isolated
 * @throws NearFaceError `BACKEND_UNAVAILABLE`
 */
export async function chooseBackend(
  device: 'auto' | 'webgpu' | 'wasm',
  threads: number,
  host: Pick<VisionHost, 'gpu' | 'hasThreads'>,
): Promise<Backend> {
  const simd = simdLevel();
  if (simd === 'none') {
    const text =
      'There is no WebAssembly SIMD, which every browser since 2023 and every Node since 16 has on a usual processor; update the browser or ' +
      'Node, or use another machine';
    throw new NearFaceError('BACKEND_UNAVAILABLE', text);
  }
  const wasm: Backend = { name: 'wasm', threads: host.hasThreads() ? threads || 1 : 1, simd, adapter: '' };
  if (device === 'wasm') return wasm;
  const adapter = await requestAdapter(host);
  if (adapter && (device === 'webgpu' || isReal(adapter))) {
    return { ...wasm, name: 'webgpu', adapter: adapterName(adapter) };
  }
  if (device === 'auto') return wasm;
  const text =
    "No WebGPU adapter was found (Node has none, a browser and its settings must allow WebGPU); use device: 'auto' or 'wasm'";
  throw new NearFaceError('BACKEND_UNAVAILABLE', text, { param: 'options.device', value: device });
}

async function requestAdapter({ gpu }: Pick<VisionHost, 'gpu'>): Promise<GpuAdapter | null> {
  try {
    return (await gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? null;
  } catch {
    return null;
  }
}

function isReal(adapter: GpuAdapter): boolean {
  if (adapter.isFallbackAdapter || adapter.info?.isFallbackAdapter) return false;
  return !/swiftshader|llvmpipe|software|basic render/i.test(adapterName(adapter));
}

function adapterName({ info }: GpuAdapter): string {
  const parts = [info?.vendor, info?.architecture, info?.device, info?.description];
  return parts.filter(Boolean).join(' ') || 'unnamed adapter';
}

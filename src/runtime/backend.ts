import { NearFaceError } from '../core/errors.ts';

/** What the models run on. */
export interface Backend {
  readonly name: 'webgpu' | 'wasm';
  readonly threads: number;
  readonly simd: 'none' | 'simd' | 'relaxed';
  /** The GPU adapter's name; empty on `wasm`. */
  readonly adapter: string;
}

interface GpuAdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

interface GpuAdapter {
  readonly info?: GpuAdapterInfo;
  readonly isFallbackAdapter?: boolean;
}

interface GpuNavigator {
  readonly gpu?: { requestAdapter(options?: object): Promise<GpuAdapter | null> };
}

// The smallest functions that use one instruction of each extension, as in GoogleChromeLabs/wasm-feature-detect.
const SIMD_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
];
const RELAXED_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2,
  253, 15, 253, 128, 2, 11,
];

/**
 * The backend for `device`: on `auto` WebGPU where a real adapter exists; on `webgpu` any adapter, software too.
 *
 * @param threads - wanted WASM threads, 0 for the default of one; more need a cross-origin isolated page
 * @throws NearFaceError `BACKEND_UNAVAILABLE`
 */
export async function chooseBackend(device: 'auto' | 'webgpu' | 'wasm', threads: number): Promise<Backend> {
  const simd = simdLevel();
  if (simd === 'none') {
    const text = 'This browser has no WebAssembly SIMD; use Chrome 91, Firefox 89, Safari 16.4 or newer';
    throw new NearFaceError('BACKEND_UNAVAILABLE', text);
  }
  const wasm: Backend = { name: 'wasm', threads: threadCount(threads), simd, adapter: '' };
  if (device === 'wasm') return wasm;
  const adapter = await requestAdapter();
  if (adapter && (device === 'webgpu' || isReal(adapter))) {
    return { ...wasm, name: 'webgpu', adapter: adapterName(adapter) };
  }
  if (device === 'auto') return wasm;
  const text = "No WebGPU adapter was found; use device: 'auto' or 'wasm', or check chrome://gpu";
  throw new NearFaceError('BACKEND_UNAVAILABLE', text, { param: 'options.device', value: device });
}

function threadCount(wanted: number): number {
  if (!globalThis.crossOriginIsolated) return 1;
  return wanted || 1;
}

function simdLevel(): Backend['simd'] {
  if (WebAssembly.validate(new Uint8Array(RELAXED_PROBE))) return 'relaxed';
  return WebAssembly.validate(new Uint8Array(SIMD_PROBE)) ? 'simd' : 'none';
}

async function requestAdapter(): Promise<GpuAdapter | null> {
  try {
    const { gpu } = navigator as GpuNavigator;
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

import { readFile } from 'node:fs/promises';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { galleryContract } from '../contract/test-contract.ts';
import { inMemory } from './memory-database.ts';

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);

galleryContract({
  ...{ name: 'in memory', isRotated: false },
  kernel: () => kernel,
  place: () => ({ open: inMemory(), isKept: false, drop: async () => undefined }),
  ...{ runs: 100, crowd: 30 },
});

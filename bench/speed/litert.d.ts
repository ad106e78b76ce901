/** What the benchmark uses of LiteRT.js. */

export interface CompiledModel {
  getInputDetails(): readonly { readonly shape: Int32Array }[];
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;
  delete(): void;
}

export declare class Tensor {
  constructor(data: Float32Array, shape: Int32Array);
  toTypedArray(): Float32Array;
  delete(): void;
}

export declare function loadLiteRt(folder: string, options: { readonly threads: boolean }): Promise<unknown>;

export declare function loadAndCompile(
  url: string,
  options: { readonly accelerator: 'wasm'; readonly cpuOptions: { readonly numThreads: number } },
): Promise<CompiledModel>;

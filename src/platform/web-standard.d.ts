/**
 * Web standards that the library uses and every host has, but whose types TypeScript and Node give to pages only. With Node's own
 * types this is all there is in the project of `tsconfig.node.json`, which has no DOM; other projects leave it out.
 */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  interface ModuleExport {
    readonly name: string;
  }
  const Module: {
    new (bytes: BufferSource): Module;
    exports(module: Module): readonly ModuleExport[];
  };

  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  const Instance: { new (module: Module, imports?: object): Instance };

  interface MemoryDescriptor {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  const Memory: { new (descriptor: MemoryDescriptor): Memory };

  function compile(bytes: BufferSource): Promise<Module>;
  function validate(bytes: BufferSource): boolean;
}

type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;
type SubtleCrypto = import('node:crypto').webcrypto.SubtleCrypto;
type CryptoKey = import('node:crypto').webcrypto.CryptoKey;
type AesGcmParams = import('node:crypto').webcrypto.AesGcmParams;
type ReadableStreamReadResult<T> = import('node:stream/web').ReadableStreamReadResult<T>;

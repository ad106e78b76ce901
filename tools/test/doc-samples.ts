import { dirname, resolve } from 'node:path';
import ts from 'typescript';
import type { CodeBlock } from './markdown.ts';

/** A block of code and the page that it is on. */
export interface Sample extends CodeBlock {
  readonly file: string;
}

/** What samples take for granted: an instance, a gallery, pictures, and elements of a page. */
const AMBIENT = `
declare const nf: import('nearface').NearFace;
declare const gallery: import('nearface').Gallery;
declare const staff: import('nearface').Gallery;
declare const face: import('nearface').Face;
declare const photo: Blob;
declare const photos: readonly File[];
declare const selfie: Blob;
declare const passportPhoto: Blob;
declare const frame: ImageBitmap;
declare const file: File;
declare const video: HTMLVideoElement;
declare const canvas: HTMLCanvasElement;
declare const input: HTMLInputElement;
declare const passphrase: string;
declare const signal: AbortSignal;
declare function show(...what: readonly unknown[]): void;
declare function decodeHeic(image: Blob): Promise<ImageData>;
declare module 'react' {
  export function useEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
  export function useRef<T>(initial: T): { current: T };
  export function useState<T>(initial: T): [T, (next: T) => void];
}
declare namespace JSX {
  interface IntrinsicElements {
    [name: string]: object;
  }
}
`;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: [
    'lib.es2023.d.ts',
    'lib.dom.d.ts',
    'lib.dom.iterable.d.ts',
    'lib.dom.asynciterable.d.ts',
    'lib.esnext.disposable.d.ts',
  ],
  types: [],
  jsx: ts.JsxEmit.Preserve,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

/**
 * Type-checks every sample as a module of its own against `declarations`, as a user's project would.
 *
 * @returns one line for each error, with the page and its line
 */
export function checkSamples(samples: readonly Sample[], declarations: string): readonly string[] {
  const virtual = new Map<string, string>([[resolve('temp/doc-samples/ambient.d.ts'), AMBIENT]]);
  const places = new Map<string, Sample>();
  for (const [i, sample] of samples.entries()) {
    const name = resolve(`temp/doc-samples/sample-${i}.${sample.language}`);
    virtual.set(name, sample.code);
    places.set(name, sample);
  }
  const options = {
    ...OPTIONS,
    paths: {
      nearface: [resolve(declarations)],
      'nearface/rest': [resolve(dirname(declarations), 'rest.d.ts')],
      'nearface/service-worker': [resolve(dirname(declarations), 'service-worker.d.ts')],
    },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => virtual.has(name) || fileExists.call(host, name);
  host.readFile = (name) => virtual.get(name) ?? readFile.call(host, name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = virtual.get(name);
    if (text === undefined) return getSourceFile.call(host, name, version, ...rest);
    return ts.createSourceFile(name, text, version, true);
  };
  const program = ts.createProgram([...virtual.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map((error) => {
    const text = ts.flattenDiagnosticMessageText(error.messageText, ' ');
    const sample = places.get(error.file?.fileName ?? '');
    if (!sample || !error.file || error.start === undefined)
      return `${error.file?.fileName ?? 'samples'}: ${text}`;
    const { line } = error.file.getLineAndCharacterOfPosition(error.start);
    return `${sample.file}:${sample.line + line}: ${text}`;
  });
}

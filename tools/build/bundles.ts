import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

/** What is built from what; every output is one file. */
export interface Entry {
  readonly source: string;
  readonly file: string;
  readonly format: 'esm' | 'iife';
}

const ENTRIES: readonly Entry[] = [
  { source: 'src/index.ts', file: 'nearface.js', format: 'esm' },
  { source: 'src/index.ts', file: 'nearface.iife.js', format: 'iife' },
  { source: 'src/worker/vision.worker.ts', file: 'vision.worker.js', format: 'esm' },
  { source: 'src/worker/gallery.worker.ts', file: 'gallery.worker.js', format: 'esm' },
  { source: 'src/worker/search.worker.ts', file: 'search.worker.js', format: 'esm' },
];

/** These are fetched at run time from the folder of assets; a bundle that contains one is a mistake. */
const NEVER_BUNDLED = /^(onnxruntime-web|onnxruntime-common|@tensorflow\/)/;

const refuseRuntimes: Plugin = {
  name: 'refuse-runtimes',
  setup(build) {
    build.onResolve({ filter: NEVER_BUNDLED }, ({ path, importer }) => ({
      errors: [{ text: `${path} must be imported as a type only, or at run time (in ${importer})` }],
    }));
  },
};

/** Bundles the scripts into `folder`; returns the npm packages that ended up inside. */
export async function bundleScripts(folder: string, version: string): Promise<ReadonlySet<string>> {
  const metafiles = await Promise.all(ENTRIES.map((entry) => bundle(entry, folder, version)));
  return new Set(metafiles.flatMap(bundledPackages));
}

async function bundle(entry: Entry, folder: string, version: string): Promise<Metafile> {
  const options: BuildOptions = {
    entryPoints: [entry.source],
    outfile: `${folder}/${entry.file}`,
    bundle: true,
    format: entry.format,
    platform: 'browser',
    target: 'es2022',
    minify: true,
    sourcemap: true,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [refuseRuntimes],
    banner: {
      js: `/*! nearface ${version} | Apache-2.0 | what is bundled and its licences: THIRD_PARTY-LICENSES.txt */`,
    },
  };
  if (entry.format === 'iife') {
    options.globalName = 'nearface';
    // A classic script has no import.meta; its URL is to be had only while it runs for the first time.
    options.inject = ['tools/build/script-url.ts'];
    options.define = { 'import.meta.url': 'nearfaceScriptUrl' };
  }
  const { metafile } = await build({ ...options, metafile: true });
  return metafile;
}

function bundledPackages(metafile: Metafile): string[] {
  return Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1])
    .filter((name) => name !== undefined);
}

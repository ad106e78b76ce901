/**
 * Which part of the library may import which. A layer may import itself and what stands beside it here; all else
 * under src/ is forbidden. Type imports count. A folder of a layer that is named too has its own line instead.
 */
const LAYERS = {
  core: [],
  geometry: ['core'],
  image: ['core', 'geometry'],
  stages: ['core', 'geometry', 'image'],
  pipeline: ['core', 'geometry', 'image', 'stages', 'platform/port\\.ts'],
  runtime: ['core', 'platform/port\\.ts'],
  search: ['core', 'platform/port\\.ts'],
  gallery: ['core', 'search'],
  'gallery/indexeddb': ['gallery', 'core', 'search', 'platform/browser/(locks|storage)\\.ts'],
  'gallery/sql': ['gallery', 'core', 'search'],
  platform: [
    'core',
    'image',
    'video',
    'api/image-input\\.ts',
    'api/video-input\\.ts',
    'gallery/sql/driver\\.ts',
  ],
  sources: ['core'],
  video: ['core', 'geometry', 'image'],
  api: [
    'core',
    'sources',
    'video',
    'platform/(port|host|open-video)\\.ts',
    'worker/contract\\.ts',
    'worker/client\\.ts',
    'worker/gallery-client\\.ts',
    'worker/vision-pool\\.ts',
    'version\\.ts',
  ],
  rest: ['core', 'geometry', 'image', 'api', 'platform/fetch-picture\\.ts', 'version\\.ts'],
  'service-worker': ['core', 'platform/browser/locks\\.ts'],
};

/** Packages, and the only files that may import them. */
const PACKAGES = {
  'onnxruntime-(web|common)': ['runtime/'],
  '@tensorflow': ['runtime/'],
  idb: ['gallery/indexeddb'],
  comlink: ['worker/', 'api/', 'platform/'],
  sharp: ['platform/node/'],
  '(@types/)?pg': ['platform/node/'],
  '@electric-sql/pglite': ['platform/node/'],
  fflate: ['sources/'],
  '@noble': ['core/sha256', 'gallery/indexeddb', 'gallery/passphrase-key'],
  'image-size': ['image/'],
  mediabunny: ['platform/browser/frames/'],
  hono: ['rest/'],
  zod: ['rest/'],
};

/** Benchmarks that measure a model which is not shipped, or write a model's calibration. */
const BENCHMARKS_OF_MODELS =
  '^bench/(accuracy/main|attributes/(emotion-folds|models-with|see)|detection/mtcnn-models)\\.ts$';

const TESTS = '\\.test\\.ts$|/test-[^/]*\\.ts$';
/** Implementations of the database's port. */
const DATABASES = 'indexeddb|memory|sql';
const source = (parts) => `^src/(${parts.join('|')})`;

const layers = Object.entries(LAYERS).map(([layer, allowed]) => ({
  name: `${layer.replace('/', '-')}-imports`,
  comment: `src/${layer} may import ${[layer, ...allowed].join(', ')}`,
  severity: 'error',
  from: {
    path: `^src/${layer}/`,
    pathNot: [
      TESTS,
      ...Object.keys(LAYERS)
        .filter((other) => other.startsWith(`${layer}/`))
        .map((other) => `^src/${other}/`),
    ],
  },
  to: { path: '^src/', pathNot: source([`${layer}/`, ...allowed]) },
}));

const packages = Object.entries(PACKAGES).map(([name, allowed]) => ({
  name: `${name.replace(/\W+/g, '-')}-only-there`,
  comment: `${name} is imported only in ${allowed.join(', ')}`,
  severity: 'error',
  from: { path: '^(src|demo)/', pathNot: [source(allowed), TESTS] },
  to: { path: `(^|node_modules/)${name}(/|$)` },
}));

module.exports = {
  forbidden: [
    ...layers,
    ...packages,
    {
      name: 'databases-know-the-port',
      comment: 'an implementation of the database port knows neither the engine nor another one',
      severity: 'error',
      from: { path: `^src/gallery/(${DATABASES})/`, pathNot: TESTS },
      to: {
        path: '^src/gallery/(transfer/|gallery-engine|searcher|mirror|matrices|face-index|job-desk|calls)',
      },
    },
    {
      name: 'databases-apart',
      severity: 'error',
      from: { path: `^src/gallery/(${DATABASES})/` },
      to: { path: `^src/gallery/(${DATABASES})/`, pathNot: '^src/gallery/$1/' },
    },
    {
      name: 'migrations-are-frozen',
      comment: 'a step goes on doing the same, whatever becomes of the rest of the library',
      severity: 'error',
      from: { path: '^src/gallery/indexeddb/migrations/to-' },
      to: { path: '^src/', pathNot: '^src/gallery/indexeddb/migrations/step\\.ts$' },
    },
    {
      name: 'engine-knows-the-port',
      comment: 'the engine knows no implementation of the database port',
      severity: 'error',
      from: { path: '^src/gallery/', pathNot: [`^src/gallery/(${DATABASES})/`, TESTS] },
      to: { path: `^src/gallery/(${DATABASES})/` },
    },
    {
      name: 'rest-knows-types-of-the-api',
      comment: 'an instance is handed to it',
      severity: 'error',
      from: { path: '^src/rest/', pathNot: TESTS },
      to: { path: '^src/api/', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'worker-entries-alone-join',
      comment: 'only the worker entries, and the services they serve, join the parts; the rest knows core',
      severity: 'error',
      from: { path: '^src/worker/', pathNot: ['(\\.worker|-service|model-set)\\.ts$', TESTS] },
      to: {
        path: '^src/',
        pathNot: source(['worker/', 'core/', 'platform/port\\.ts', 'gallery/calls\\.ts']),
      },
    },
    {
      name: 'worker-entries-not-to-page',
      severity: 'error',
      from: { path: '^src/worker/.*(\\.worker|-service|model-set)\\.ts$' },
      to: { path: source(['api/', 'rest/', 'index\\.ts', 'worker/client\\.ts']) },
    },
    {
      name: 'port-knows-no-host',
      comment: 'implementations import the port, never the reverse',
      severity: 'error',
      from: { path: '^src/platform/(port|fetch-asset)\\.ts$' },
      to: { path: '^src/platform/(browser|node|host)' },
    },
    {
      name: 'hosts-know-not-each-other',
      severity: 'error',
      from: { path: '^src/(?:platform|worker)/(browser|node)/' },
      to: { path: '^src/platform/(browser|node)/', pathNot: '^src/platform/$1/' },
    },
    {
      name: 'nobody-imports-a-worker-entry',
      severity: 'error',
      from: { path: '^(src|demo)/' },
      to: { path: '\\.worker\\.ts$' },
    },
    {
      name: 'entry-exports-the-public-parts',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: {
        path: '^src/',
        pathNot: source(['api/', 'core/', 'sources/', 'video/', 'version\\.ts', 'worker/contract\\.ts']),
      },
    },
    {
      name: 'demo-uses-the-public-entry',
      severity: 'error',
      from: { path: '^demo/' },
      to: {
        path: '^(src|dist)/',
        pathNot:
          '^(src/((rest|service-worker)/)?index\\.ts|dist/(nearface|rest|service-worker)\\.(js|d\\.ts))$',
      },
    },
    {
      name: 'source-not-to-tests-or-tools',
      severity: 'error',
      from: { path: '^(src|demo)/', pathNot: TESTS },
      to: { path: `^(tools|bench|model-factory|e2e)/|${TESTS}` },
    },
    {
      name: 'tests-not-to-benchmarks',
      comment: 'what tests and benchmarks share lies in tools/',
      severity: 'error',
      from: { path: '^(src|demo|e2e)/' },
      to: { path: '^bench/' },
    },
    {
      name: 'tools-not-to-workspaces',
      comment: 'tools/ serves both workspaces and knows neither',
      severity: 'error',
      from: { path: '^tools/' },
      to: { path: '^(bench|model-factory|demo)/' },
    },
    {
      name: 'factory-not-to-benchmarks',
      severity: 'error',
      from: { path: '^model-factory/' },
      to: { path: '^(bench|demo|e2e)/' },
    },
    {
      name: 'benchmarks-not-to-factory',
      comment:
        'but for those that measure a model which is not shipped and so must be converted first, and the calibration',
      severity: 'error',
      from: { path: '^bench/', pathNot: BENCHMARKS_OF_MODELS },
      to: { path: '^(model-factory|demo|e2e)/' },
    },
    {
      name: 'benchmark-not-to-benchmark',
      comment: 'what benchmarks share lies in bench/harness',
      severity: 'error',
      from: { path: '^bench/([^/]+)/' },
      to: { path: '^bench/', pathNot: '^bench/(harness|$1)/' },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      from: {},
      // sharp is declared as an optional peer, which the checker takes for undeclared.
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'], pathNot: 'node_modules/sharp/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(vite/client|nearface)$' },
    },
    {
      name: 'no-node-in-the-library',
      severity: 'error',
      from: {
        path: '^(src|demo)/',
        pathNot: [source(['platform/node/', 'worker/node/', 'platform/web-standard']), TESTS],
      },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|^dist/' },
    // What is in demo/public goes out as it is, and imports what the build puts beside it.
    exclude: {
      path: '^src/(search/kernel|runtime/engine|image/kernel)/assembly/|^e2e/fixtures/|^demo/public/',
    },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.d.ts', '.js', '.mjs'],
    },
  },
};

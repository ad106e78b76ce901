import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { tsImport } from 'tsx/esm/api';
import tseslint from 'typescript-eslint';

const { moduleState } = await tsImport('./tools/lint/module-state.ts', import.meta.url);

const TYPED = ['**/*.ts', '**/*.tsx', '**/*.mts'];
const TESTS = ['**/*.test.ts', 'e2e/**/*.ts'];

/** What no other host has, or has in another way. */
const BROWSER_GLOBALS = [
  'document',
  'window',
  'self',
  'navigator',
  'location',
  'origin',
  'caches',
  'indexedDB',
  'localStorage',
  'Worker',
  'OffscreenCanvas',
  'createImageBitmap',
  'Image',
  'ImageData',
  'ImageBitmap',
  'ImageDecoder',
  'VideoFrame',
  'crossOriginIsolated',
  'isSecureContext',
];

/** What `no-restricted-globals` does not see: a global taken from an object of a type of one's own, or by destructuring. */
const TAKEN_FROM_GLOBAL = [
  'MemberExpression:matches([object.expression.name=OBJECT], [object.expression.expression.name=OBJECT]):matches([property.name=NAME], [property.value=NAME])',
  ':matches(VariableDeclarator[init.name=OBJECT], VariableDeclarator[init.expression.name=OBJECT], AssignmentExpression[right.name=OBJECT]) > ObjectPattern > Property[key.name=NAME]',
].map((selector) => ({
  selector: selector
    .replaceAll('OBJECT', '/^(globalThis|self|window)$/')
    .replaceAll('NAME', `/^(${BROWSER_GLOBALS.join('|')})$/`),
  message: 'What only a browser has comes through the port of the host (src/platform/port.ts).',
}));

/** What a folder may not take from the browser. */
const browserFree = (globals) => ({
  'no-restricted-globals': ['error', { globals, checkGlobalObject: true, globalObjects: ['self', 'window'] }],
  'no-restricted-syntax': ['error', ...TAKEN_FROM_GLOBAL],
});

export default defineConfig(
  globalIgnores([
    '**/dist/',
    'dist-demo/',
    'dist-docs/',
    'temp/',
    '.cache/',
    'bench-results/',
    'test-results/',
    'playwright-report/',
    'e2e/fixtures/',
    'tools/lint/fixtures/',
    '**/assembly/',
  ]),
  js.configs.recommended,
  {
    files: TYPED,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './tsconfig.node.json', './tsconfig.tools.json', './demo/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      // Callers await every method alike, and a method may come to need it.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // Fires on destructured callbacks, whose interfaces write them as methods.
      '@typescript-eslint/unbound-method': 'off',
      // An abort reason is whatever the caller gave.
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  {
    rules: {
      'no-async-promise-executor': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'demo/**/*.{ts,tsx}', '{tools,bench,model-factory}/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Everything hangs off an instance: two instances in one page must not meet in a module's variable.
    files: ['src/**/*.ts'],
    ignores: [...TESTS, 'src/**/test-*.ts'],
    plugins: { nearface: { rules: { 'module-state': moduleState } } },
    rules: {
      'nearface/module-state': 'error',
      'no-console': 'error',
    },
  },
  {
    // What only a browser has comes through the host's port; `api` may name its types for what it is given.
    files: ['src/**/*.ts'],
    ignores: [...TESTS, 'src/platform/browser/**', 'src/worker/*.worker.ts', 'src/service-worker/**'],
    rules: browserFree(BROWSER_GLOBALS),
  },
  {
    files: ['src/gallery/indexeddb/**/*.ts'],
    ignores: TESTS,
    rules: browserFree(BROWSER_GLOBALS.filter((name) => name !== 'indexedDB')),
  },
  {
    files: TESTS,
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['bin/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs', globals: { module: 'writable' } } },
);

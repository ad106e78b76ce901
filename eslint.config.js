import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

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

export default defineConfig(
  globalIgnores([
    'dist/',
    'dist-demo/',
    'dist-docs/',
    'temp/',
    '.cache/',
    'bench-results/',
    'test-results/',
    'playwright-report/',
    'e2e/fixtures/',
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
    ignores: TESTS,
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'Program > VariableDeclaration[kind="let"]', message: 'No module-level mutable state.' },
        {
          selector: 'Program > ExportNamedDeclaration > VariableDeclaration[kind="let"]',
          message: 'No module-level mutable state.',
        },
      ],
      'no-console': 'error',
    },
  },
  {
    // What only a browser has comes through the host's port; `api` may name its types for what it is given.
    files: ['src/**/*.ts'],
    ignores: [
      ...TESTS,
      'src/platform/browser/**',
      'src/worker/*.worker.ts',
      'src/gallery/indexeddb/**',
      'src/sources/**',
    ],
    rules: { 'no-restricted-globals': ['error', ...BROWSER_GLOBALS] },
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

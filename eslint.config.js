import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const scripts = ['**/*.js', '**/*.mjs'];
const nodeGlobals = Object.fromEntries(
  ['Buffer', 'URL', 'clearTimeout', 'console', 'fetch', 'performance', 'process', 'setTimeout'].map(
    (name) => [name, 'readonly'],
  ),
);

export default defineConfig(
  globalIgnores(['dist/', 'data/', 'coverage/', 'web/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: 'test/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // With an index signature the bracket says that the name may be absent.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An async method without await still turns what it throws into a rejection, as its callers expect.
      '@typescript-eslint/require-await': 'off',
      // It asks for `!`, which the strict rules forbid.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Answers of the doors are described by classes and made as plain objects, which Nest writes out as they are.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Codes and numbers are taken apart character by character; they hold no emoji.
      '@typescript-eslint/no-misused-spread': [
        'error',
        { allow: [{ from: 'lib', name: 'string' }, 'string'] },
      ],
      // A Nest module is often a class with nothing but its decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // A number in a sentence reads well as it is.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Both have their place: a union needs `type`, and an object that only travels is fine as either.
      '@typescript-eslint/consistent-type-definitions': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
    },
  },
  {
    // Where a person at a terminal reads along.
    files: ['**/*.cli.ts', 'src/main.ts', 'src/demo/**', 'bench/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.spec.ts', 'test/**'],
    rules: {
      // A test states what it knows to be there; if it is not, the test fails, as it should.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // jest's matchers are typed as any where they stand inside an expected object.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // Test clients talk plain http to this machine, which their makers rightly mark as not for use.
      '@typescript-eslint/no-deprecated': 'off',
    },
  },
  {
    files: scripts,
    languageOptions: { globals: nodeGlobals },
  },
);

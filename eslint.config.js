import tseslint from 'typescript-eslint'

const tests = ['**/*.test.ts', 'tests/**/*.ts']
const together = "CallExpression[callee.object.name='Promise'][callee.property.name=/^(all|allSettled|any|race)$/]"
const oneByOne = 'Statements of a MongoDB transaction run one after another: await them in turn.'

export default tseslint.config(
  {
    ignores: ['**/dist/', '**/node_modules/', '**/coverage/', '.data/', 'client/src/generated/', 'docs/generated/'],
  },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-debugger': 'error',
      'no-empty': 'error',
      'no-loss-of-precision': 'error',
      'no-self-assign': 'error',
      'no-self-compare': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-assignment': 'error',
      'object-shorthand': 'error',
      'preserve-caught-error': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    // One program over the root tsconfig: it alone sees tests and reads `shared` from source, and it is loaded once.
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      // A handler may be `async` only because its type says so.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Our objects are records of closures, not classes, so their methods may be taken apart.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: `CallExpression[callee.name='inTransaction'] ${together}`, message: oneByOne },
        { selector: `:function[params.0.name='tx'] ${together}`, message: oneByOne },
      ],
    },
  },
  {
    files: ['shared/src/**/*.ts', 'gateway/src/**/*.ts', '*-service/src/**/*.ts'],
    ignores: tests,
    rules: { 'no-console': 'error' },
  },
  {
    files: tests,
    rules: {
      // supertest and JSON.parse answer `any`; a test says what it expects of them in the next line.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-array-sort-compare': 'off',
    },
  },
)

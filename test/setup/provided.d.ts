import 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where test files ask for what they share; see `global.ts`. */
    sharedUrl: string;
  }
}

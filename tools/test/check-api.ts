/** `tsx tools/test/check-api.ts`: the public declarations are documented, complete and as the reports in `etc/` say. */
import { rollUpDeclarations } from '../build/declarations.ts';

try {
  await rollUpDeclarations(undefined, 'check');
  console.log('The public API is as the reports in etc/ say');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

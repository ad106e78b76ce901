import { expose } from 'comlink';
import { holdForever } from './locks.ts';

/** What a worker posts once it holds the lock that bears its name. */
export const ALIVE = 'nearface-alive';

/**
 * Serves `service` to the page. The worker holds a Web Lock named after itself for as long as it lives; the
 * browser frees it when the worker ends in whatever way, which is how the page learns of its death.
 */
export function serve(service: object): void {
  expose(service);
  tellAlive();
}

/** The same for a worker that is not spoken to through Comlink: it holds its lock and says so. */
export function tellAlive(): void {
  const scope = globalThis as unknown as { name: string; postMessage(message: unknown): void };
  if (scope.name !== '') holdForever(scope.name, () => scope.postMessage(ALIVE));
}

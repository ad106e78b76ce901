/** A module worker; from another origin through a Blob that imports it, since `Worker` takes none. */
export function createWorker(url: string, name: string): Worker {
  const sameOrigin = new URL(url).origin === location.origin;
  const script = sameOrigin
    ? url
    : URL.createObjectURL(new Blob([`import ${JSON.stringify(url)};`], { type: 'text/javascript' }));
  const worker = new Worker(script, { type: 'module', name });
  if (!sameOrigin) setTimeout(() => URL.revokeObjectURL(script), 60_000);
  return worker;
}

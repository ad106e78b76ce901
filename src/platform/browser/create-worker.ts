import { NearFaceError } from '../../core/errors.ts';

/** The part of Trusted Types that is used. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy;
}

interface ScriptPolicy {
  createScriptURL(url: string): string;
}

/** The scripts that this library starts, and nothing else. */
const SCRIPT = /^(blob|data):|\/(vision|gallery|search)\.worker\.js$/;

/** The page's or worker's, and not an instance's: a browser refuses a second policy of the same name. */
const made: { policy?: ScriptPolicy | undefined } = {};

/**
 * A module worker; from another origin, which a sandboxed frame's own site is too, through a script that imports it, since
 * `Worker` takes none.
 *
 * @throws NearFaceError `BACKEND_UNAVAILABLE` where a policy of the page forbids it
 */
export function createWorker(url: string, name: string): Worker {
  const script = isForeign(url) ? importing(url) : url;
  try {
    return new Worker(trusted(script), { type: 'module', name });
  } catch (error) {
    const text = `The Content-Security-Policy refuses the worker script ${url}; it needs: trusted-types nearface`;
    throw new NearFaceError('BACKEND_UNAVAILABLE', text, { url, policy: 'trusted-types' }, error);
  } finally {
    if (script !== url) setTimeout(() => URL.revokeObjectURL(script), 60_000);
  }
}

/** Chromium runs no module of a Blob in a frame of opaque origin, but one of a `data:` URL. */
function importing(url: string): string {
  const text = `import ${JSON.stringify(url)};`;
  if (globalThis.origin === 'null') return `data:text/javascript,${encodeURIComponent(text)}`;
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}

/** Whether a worker's script comes from another origin than this page or worker. */
export function isForeign(url: string): boolean {
  return new URL(url).origin !== globalThis.origin;
}

/** The URL as pages take it that require Trusted Types. */
function trusted(url: string): string {
  try {
    // eslint-disable-next-line nearface/module-state -- the page has one policy, whatever instances there are
    made.policy ??= (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('nearface', {
      createScriptURL: (script) => {
        if (SCRIPT.test(script)) return script;
        throw new TypeError(script);
      },
    });
  } catch {
    // The page allows no policy of this name, or has it already: a policy named `default` may still let the URL pass.
  }
  return made.policy?.createScriptURL(url) ?? url;
}

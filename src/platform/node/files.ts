import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { badParam, NearFaceError } from '../../core/errors.ts';

/** A scheme has two letters at least; one alone is a drive. */
const SCHEME = /^[a-z][a-z\d+.-]+:/i;

/**
 * The package's own `dist` folder, an absolute URL with a closing slash; this is bundled into a folder of it. Cut out of the text:
 * bundlers take a `new URL` of the script's own URL for a module to bundle.
 */
export function packageUrl(): string {
  // A bundler that makes CommonJS of this leaves nothing there.
  const own: string | undefined = import.meta.url;
  if (own?.startsWith('file:')) return own.replace(/[^/]*\/[^/]*$/, '');
  const text =
    'The package nearface does not lie in a folder of its own, where its threads and models would be: tell the bundler of a server that it ' +
    'is external';
  throw new NearFaceError('BACKEND_UNAVAILABLE', text, { url: String(own) });
}

/** The absolute URL of the folder with WASM and models: the package's own, a folder's path, or a URL. @throws NearFaceError `BAD_PARAM` */
export function assetsUrl(assets: string | URL | undefined): string {
  if (assets === undefined) return packageUrl();
  const text = String(assets);
  const url = SCHEME.test(text) ? tryUrl(text) : pathToFileURL(resolve(text));
  if (!url || !/^(file|https?):$/.test(url.protocol))
    throw badParam('options.assets', text, "the path, or the file: or https: URL, of nearface's dist folder");
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}

/** What relative URLs are relative to: the folder that the script runs in. */
export function baseUrl(): string {
  return pathToFileURL(`${process.cwd()}/`).href;
}

/** Whether a text names a file by its path rather than by a URL. */
export function isPath(text: string): boolean {
  return !SCHEME.test(text);
}

function tryUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

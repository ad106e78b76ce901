import { badParam } from '../../core/errors.ts';

/** The absolute URL, with a closing slash, of the folder with workers, WASM and models. */
export function assetsUrl(assets: string | URL | undefined): string {
  const folder = assets ?? scriptFolder();
  if (folder === undefined) throw badParam('options.assets', assets, "the URL of nearface's dist folder");
  try {
    const url = new URL(folder, baseUrl());
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url.href;
  } catch {
    throw badParam('options.assets', String(folder), "the URL of nearface's dist folder");
  }
}

/** What relative URLs are relative to: the page, or the script of the worker that this runs in. */
export function baseUrl(): string {
  return typeof document === 'undefined' ? location.href : document.baseURI;
}

/** Where the script came from; `import.meta.url` in a module, the script's `src` in the classic build. */
const SCRIPT_URL: string | undefined = import.meta.url;

/** Cut out of the text: bundlers take a `new URL` of the script's own URL for a module to bundle. */
function scriptFolder(): string | undefined {
  return /^https?:[^?#]*\//.exec(SCRIPT_URL ?? '')?.[0];
}

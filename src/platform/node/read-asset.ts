import { readFile, stat } from 'node:fs/promises';
import { AssetError } from '../../core/asset-error.ts';
import { abortedError } from '../../core/errors.ts';
import { fetchAsset } from '../fetch-asset.ts';
import type { ReadAsset } from '../port.ts';

/** Reads a file from the disk, or by `fetch` where the folder of the assets is a server's. */
export const readAsset: ReadAsset = async (url, options = {}) => {
  const { maxBytes = Infinity, report, signal } = options;
  if (!url.startsWith('file:')) return fetchAsset(url, options);
  try {
    const file = new URL(url);
    if ((await stat(file)).size > maxBytes)
      throw new AssetError(`it is larger than ${maxBytes} bytes`, { isTooLarge: true });
    const bytes = new Uint8Array(await readFile(file, signal ? { signal } : {}));
    report?.(bytes.length);
    return bytes;
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal.reason);
    if (error instanceof AssetError) throw error;
    throw new AssetError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

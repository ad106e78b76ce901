import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry, ModelManifest, ModelRole } from '../core/manifest.ts';
import type { ReadAsset } from '../platform/port.ts';
import { download } from './fetch-model.ts';

/** The largest manifest that is read. */
const MAX_MANIFEST_BYTES = 2 ** 20;

/**
 * Fetches `models/manifest.json`.
 *
 * @throws NearFaceError `MODEL_LOAD_FAILED` (missing, or not a manifest), `MODEL_INTEGRITY` (far too large)
 */
export async function fetchManifest(
  readAsset: ReadAsset,
  url: string,
  signal?: AbortSignal,
): Promise<ModelManifest> {
  const entry = { id: 'The model manifest', bytes: MAX_MANIFEST_BYTES };
  const bytes = await download(readAsset, entry, url, () => {}, signal);
  try {
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as ModelManifest;
    if (manifest.version !== 1 || !Array.isArray(manifest.models)) throw new Error('no version 1 manifest');
    return manifest;
  } catch (error) {
    const text = `${url} is not a model manifest of this version; copy the models folder of the same release`;
    throw new NearFaceError('MODEL_LOAD_FAILED', text, { url }, error);
  }
}

/**
 * The entry for a role: the user's own, the manifest's of that id, or the manifest's default.
 *
 * @throws NearFaceError `MODEL_LOAD_FAILED` for an id that the manifest does not have
 */
export function chooseModel(
  manifest: ModelManifest,
  role: ModelRole,
  choice: string | ModelEntry | undefined,
): ModelEntry {
  if (typeof choice === 'object') return checkRole(choice, role);
  const id = choice ?? manifest.defaults[role];
  const entry = manifest.models.find((model) => model.id === id);
  if (entry) return checkRole(entry, role);
  const fitting = manifest.models.filter((model) => model.role === role).map((model) => model.id);
  const text = `models.${role}: the manifest has no model '${id}'; it has: ${fitting.join(', ')}`;
  throw new NearFaceError('MODEL_LOAD_FAILED', text, { param: `models.${role}`, value: id });
}

function checkRole(entry: ModelEntry, role: ModelRole): ModelEntry {
  if (entry.role === role) return entry;
  const text = `models.${role}: the model ${entry.id} has the role '${entry.role}', '${role}' is needed`;
  throw new NearFaceError('MODEL_LOAD_FAILED', text, { param: `models.${role}`, value: entry.id });
}

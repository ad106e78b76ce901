import { NearFaceError } from '../core/errors.ts';
import type { ModelEntry } from '../core/manifest.ts';
import { inputDims, type ModelSession } from '../core/model-session.ts';

/** What holds a session that is to be started. */
interface Held {
  readonly session: ModelSession;
}

/**
 * Loads models side by side, then runs each once, one after the other. All of them or none: if one fails, the sessions of the others
 * are disposed of.
 *
 * @throws whatever `load` throws; NearFaceError `MODEL_LOAD_FAILED` for a model that does not take what its entry says
 */
export async function startModels<Loaded extends Held>(
  entries: readonly ModelEntry[],
  load: (entry: ModelEntry) => Promise<Loaded>,
): Promise<readonly Loaded[]> {
  const loads = entries.map((entry) => load(entry));
  try {
    const loaded = await Promise.all(loads);
    for (const { session } of loaded) await warmUp(session);
    return loaded;
  } catch (error) {
    // Also of those that are still loading.
    for (const each of loads) void each.then(({ session }) => session.dispose()).catch(() => undefined);
    throw error;
  }
}

/**
 * The first run of a model is several times slower than later ones; its answer is thrown away.
 *
 * @throws NearFaceError `MODEL_LOAD_FAILED` for a model that does not take what its entry says
 */
async function warmUp(session: ModelSession): Promise<void> {
  const { id, role, input } = session.entry;
  const dims = inputDims(session.entry, 1);
  try {
    await session.run(new Float32Array(dims.reduce((product, side) => product * side)), dims);
  } catch (error) {
    if (error instanceof NearFaceError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const text =
      `models.${role}: the model ${id} does not run on an input of ${dims.join(' × ')} (its entry says layout ` +
      `'${input.layout}', channels '${input.channels}', size ${input.size.join(' × ')}): ${why}`;
    throw new NearFaceError('MODEL_LOAD_FAILED', text, { model: id, param: `models.${role}.input` }, error);
  }
}

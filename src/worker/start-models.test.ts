import { describe, expect, it, vi } from 'vitest';
import type { ModelEntry } from '../core/manifest.ts';
import type { ModelSession } from '../core/model-session.ts';
import { startModels } from './start-models.ts';

const input = { layout: 'nhwc', channels: 'rgb', size: [2, 2] };
const entryOf = (id: string): ModelEntry => ({ id, role: 'traits', input }) as unknown as ModelEntry;

/** Sessions that are told apart by their ids; those of `broken` ids fail when they are run. */
function sessions(broken: readonly string[] = []) {
  const live = new Set<string>();
  const run = vi.fn(async (id: string) => {
    if (broken.includes(id)) throw new Error('the shapes do not fit');
    return [];
  });
  const load = async (entry: ModelEntry): Promise<{ readonly session: ModelSession }> => {
    const { id } = entry;
    await Promise.resolve();
    live.add(id);
    const dispose = async (): Promise<void> => void live.delete(id);
    return { session: { entry, maxBatch: 1, run: () => run(id), dispose } };
  };
  return { live, run, load };
}

const THREE = ['a', 'b', 'c'].map(entryOf);

describe('models that are started together', () => {
  it('are each run once, and kept', async () => {
    const { live, run, load } = sessions();
    const started = await startModels(THREE, load);
    expect(started.map(({ session }) => session.entry.id)).toEqual(['a', 'b', 'c']);
    expect(run.mock.calls).toEqual([['a'], ['b'], ['c']]);
    expect([...live]).toEqual(['a', 'b', 'c']);
  });

  it.each(['a', 'b', 'c'])('leave no session behind when %s does not run', async (id) => {
    const { live, load } = sessions([id]);
    await expect(startModels(THREE, load)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      details: { model: id },
    });
    await vi.waitFor(() => expect([...live]).toEqual([]));
  });

  it('leave no session behind when one cannot be loaded, also of those that come later', async () => {
    const { live, run, load } = sessions();
    const gone = new Error('not found');
    const loaded: string[] = [];
    const slow = async (entry: ModelEntry): Promise<{ readonly session: ModelSession }> => {
      if (entry.id === 'b') throw gone;
      if (entry.id === 'c') await new Promise((resolve) => setTimeout(resolve, 5));
      return load(entry).finally(() => loaded.push(entry.id));
    };
    await expect(startModels(THREE, slow)).rejects.toBe(gone);
    expect(run).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(loaded).toEqual(['a', 'c']));
    await vi.waitFor(() => expect([...live]).toEqual([]));
  });

  it('fail with the error of loading, even where a session cannot be disposed of', async () => {
    const { load } = sessions(['a']);
    const stuck = async (entry: ModelEntry): Promise<{ readonly session: ModelSession }> => {
      const { session } = await load(entry);
      return { session: { ...session, dispose: () => Promise.reject(new Error('stuck')) } };
    };
    await expect(startModels(THREE, stuck)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
  });
});

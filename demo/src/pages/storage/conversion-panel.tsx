import type { VNode } from 'preact';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';

/** Galleries of another model, and the way to use them with the one in use. Nothing while there are none. */
export function ConversionPanel(): VNode | null {
  const { storage, announcement } = useStore();
  const outdated = storage.outdated.value;
  if (outdated.length === 0) return null;
  const progress = storage.converting.value;
  const convert = async (): Promise<void> => {
    const converted = await storage.convert();
    if (converted !== undefined) announcement.value = `${count(converted, 'face')} converted.`;
  };
  return (
    <section class="panel stack-3" aria-label="Conversion">
      <h2>Faces of another model</h2>
      <p>
        The faces in {outdated.map(({ name }) => `“${name}”`).join(', ')} were enrolled with another model
        than the one in use, which cannot compare them. They can be converted; names and pictures stay as they
        are.
      </p>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={progress !== undefined}
          onClick={() => void convert()}
        >
          {progress === undefined ? 'Convert them' : `Converting… ${Math.round(100 * progress)} %`}
        </button>
      </div>
    </section>
  );
}

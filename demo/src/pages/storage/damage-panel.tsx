import type { StorageUsage } from 'nearface';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { Confirm } from '../../ui/dialog.tsx';

/** What was lost, or is damaged, and what can be done. Nothing where all is whole. */
export function DamagePanel(): VNode | null {
  const usage = useStore().storage.usage.value;
  if (!usage) return null;
  const { kind, lost, damaged } = usage;
  return (
    <>
      {lost && <LossPanel kind={kind} />}
      {damaged.faces + damaged.galleries > 0 && <DamagedPanel {...damaged} />}
    </>
  );
}

function LossPanel({ kind }: Pick<StorageUsage, 'kind'>): VNode {
  const { storage } = useStore();
  return (
    <section class="panel stack-3" aria-label="Lost">
      <h2>The database was lost</h2>
      <p>
        {kind === 'memory'
          ? 'The worker that kept the faces in memory ended, and they with it.'
          : 'The browser found its files damaged and began it anew, empty.'}{' '}
        If there is an export, import it below.
      </p>
      <div class="row">
        <button type="button" class="button" onClick={() => void storage.acknowledgeLoss()}>
          Understood
        </button>
      </div>
    </section>
  );
}

function DamagedPanel({ faces, galleries }: { readonly faces: number; readonly galleries: number }): VNode {
  const { storage, announcement } = useStore();
  const [asking, setAsking] = useState(false);
  const isMending = storage.converting.value !== undefined;
  const mend = async (): Promise<void> => {
    const mended = await storage.convert();
    await storage.refresh();
    if (mended !== undefined) announcement.value = `${count(mended, 'face')} mended.`;
  };
  const clear = async (): Promise<void> => {
    setAsking(false);
    const cleared = await storage.clearDamaged();
    if (cleared !== undefined) announcement.value = `${count(cleared, 'face')} deleted.`;
  };
  return (
    <section class="panel stack-3" aria-label="Damage">
      <h2>Damaged</h2>
      <p>
        {[
          ...(faces > 0 ? [count(faces, 'face')] : []),
          ...(galleries > 0 ? [`the records of ${count(galleries, 'gallery', 'galleries')}`] : []),
        ].join(' and ')}{' '}
        cannot be read in full. Everything else can be used and exported. Faces whose crops were kept can be
        mended; what is left can be deleted.
      </p>
      <div class="row">
        <button type="button" class="button primary" disabled={isMending} onClick={() => void mend()}>
          {isMending ? 'Mending…' : 'Mend from kept crops'}
        </button>
        <button type="button" class="button" disabled={isMending} onClick={() => setAsking(true)}>
          Delete what is damaged
        </button>
      </div>
      {asking && (
        <Confirm
          title="Delete what is damaged?"
          action="Delete it"
          onConfirm={() => void clear()}
          onClose={() => setAsking(false)}
        >
          <p>{count(faces, 'face')} will be deleted for good, in all tabs. Everything else stays.</p>
        </Confirm>
      )}
    </section>
  );
}

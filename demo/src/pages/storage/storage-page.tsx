import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { StorageUsage } from 'nearface';
import { bytes, count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { ConversionPanel } from './conversion-panel.tsx';
import { DamagePanel } from './damage-panel.tsx';
import { JobsPanel } from './jobs-panel.tsx';
import { LockedPanel, ProtectionPanel } from './protection-panel.tsx';
import { TransferPanel } from './transfer-panel.tsx';

/** What is stored, how it is protected, and the work that is stored with it. */
export function StoragePage(): VNode {
  const { storage, engine } = useStore();
  const isLocked = engine.state.value.kind === 'locked';
  return (
    <>
      <PageHead
        title="Storage"
        lead="Everything lies in this browser and nowhere else: what it takes up, who may read it, and how it goes away."
      />
      {storage.error.value !== undefined && <Problem error={storage.error.value} />}
      {isLocked ? <LockedPanel /> : <Panels />}
    </>
  );
}

function Panels(): VNode {
  return (
    <>
      <DamagePanel />
      <ConversionPanel />
      <div class="storage-panels">
        <UsagePanel />
        <ProtectionPanel />
      </div>
      <TransferPanel />
      <JobsPanel />
    </>
  );
}

const KINDS = ['vectors', 'records', 'pictures'] as const;

/** Some browsers answer zeros where they mean to tell nothing. */
function spaceWords({ usageBytes, quotaBytes }: StorageUsage): string {
  if (quotaBytes === 0) return 'This browser does not tell how much this site uses, nor how much it may use.';
  return `This site uses ${bytes(usageBytes)} of the ${bytes(quotaBytes)} that the browser grants it.`;
}

function UsagePanel(): VNode {
  const { storage, settings } = useStore();
  const [measuring, setMeasuring] = useState(false);
  const usage = storage.usage.value;
  const stats = storage.stats.value;
  const kinds = usage ? KINDS.map((kind) => [kind, usage.bytes[kind]] as const) : [];
  const most = Math.max(1, ...kinds.map(([, size]) => size));
  const measure = async (): Promise<void> => {
    setMeasuring(true);
    await storage.measureRecall();
    setMeasuring(false);
  };
  return (
    <section class="panel stack-3" aria-label="What it takes up">
      <h2>What it takes up</h2>
      {usage && (
        <>
          <p>
            {count(usage.faces, 'face')}. {spaceWords(usage)}
          </p>
          <table class="table">
            <caption class="visually-hidden">Bytes by kind</caption>
            <tbody>
              {kinds.map(([kind, size]) => (
                <tr key={kind}>
                  <th scope="row">{kind}</th>
                  <td aria-hidden="true" class="wide">
                    <div
                      class="usage-bar"
                      style={{ width: `${(100 * size) / most}%`, minWidth: size > 0 ? 2 : 0 }}
                    />
                  </td>
                  <td class="num">{bytes(size)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <div class="row">
            <button type="button" class="button" onClick={() => void storage.check()}>
              Look for damage
            </button>
          </div>
        </>
      )}
      {stats?.code && (
        <>
          <h3>Searches in “{settings.gallery.value}”</h3>
          <p class="small">
            A search reads {stats.code.bytesPerFace} bytes of each face first and then, of a few,{' '}
            {stats.code.rows === 'float'
              ? 'the vectors in full precision'
              : 'the vectors in bytes and from the database'}
            ; {bytes(stats.memoryBytes)} of memory.
          </p>
          {stats.recall ? (
            <p class="small">
              Of {count(stats.recall.probes, 'search', 'searches')}, {(100 * stats.recall.at1).toFixed(2)} %
              found the best face that a full search finds, and {(100 * stats.recall.at10).toFixed(2)} % of
              the best ten.
            </p>
          ) : (
            <div class="row">
              <button type="button" class="button" disabled={measuring} onClick={() => void measure()}>
                {measuring ? 'Measuring…' : 'Measure what searches find'}
              </button>
            </div>
          )}
        </>
      )}
    </section>
  );
}

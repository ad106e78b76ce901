import type { VNode } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { FaceRecord } from 'nearface';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { usePaste } from '../../ui/photo-source.tsx';
import { BatchPanel } from './batch-panel.tsx';
import { FaceDialog } from './face-dialog.tsx';
import { FaceGrid } from './face-grid.tsx';
import { GalleryBar } from './gallery-bar.tsx';
import { PeopleSearch } from './people-search.tsx';
import { PhotoResults } from './photo-results.tsx';
import { UploadDialog } from './upload-dialog.tsx';

/** Who is enrolled. */
export function PeoplePage(): VNode {
  const { people } = useStore();
  const [opened, setOpened] = useState<FaceRecord>();
  const [uploads, setUploads] = useState<readonly File[]>();
  const take = useCallback((files: readonly File[]) => setUploads(files), []);
  usePaste(take);
  const found = people.found.value;
  return (
    <>
      <PageHead title="People" lead="Everyone enrolled on this device, in galleries that you control." />
      <GalleryBar onFiles={take} />
      <BatchPanel />
      <PeopleSearch />
      {found ? (
        <PhotoResults found={found} onOpen={setOpened} />
      ) : (
        <FaceGrid onOpen={setOpened} onFiles={take} />
      )}
      {opened && <FaceDialog key={opened.id} record={opened} onClose={() => setOpened(undefined)} />}
      {uploads && <UploadDialog files={uploads} onClose={() => setUploads(undefined)} />}
    </>
  );
}

import type { VNode } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { FaceRecord, Person } from 'nearface';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { usePaste } from '../../ui/photo-source.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { BatchPanel } from './batch-panel.tsx';
import { FaceDialog } from './face-dialog.tsx';
import { FaceGrid, NobodyEnrolled } from './face-grid.tsx';
import { GalleryBar } from './gallery-bar.tsx';
import { PeopleSearch } from './people-search.tsx';
import { PersonDialog } from './person-dialog.tsx';
import { PersonGrid } from './person-grid.tsx';
import { PhotoResults } from './photo-results.tsx';
import { UploadDialog } from './upload-dialog.tsx';

/** Who is known, and the faces of the gallery in use. */
export function PeoplePage(): VNode {
  const { persons, library, batch } = useStore();
  const [person, setPerson] = useState<Person>();
  const [face, setFace] = useState<FaceRecord>();
  const [uploads, setUploads] = useState<readonly File[]>();
  const [view, setView] = useState<'people' | 'faces'>('people');
  const take = useCallback((files: readonly File[]) => setUploads(files), []);
  usePaste(take);
  const found = persons.found.value;
  const isEmpty = library.inUse.value?.count === 0 && persons.all.value.length === 0;
  return (
    <>
      <PageHead
        title="People"
        lead="Everyone known on this device: people, and the faces they were put together of."
      />
      <GalleryBar onFiles={take} />
      <BatchPanel />
      <PeopleSearch />
      {found && <PhotoResults found={found} onOpen={setPerson} />}
      {!found && isEmpty && !batch.batch.value?.running && <NobodyEnrolled onFiles={take} />}
      {!found && !isEmpty && library.inUse.value && (
        <Tabs
          label="What is shown"
          tabs={[
            { name: 'people', label: 'People' },
            { name: 'faces', label: 'Faces' },
          ]}
          chosen={view}
          onChoose={setView}
        >
          {view === 'people' ? (
            <PersonGrid onOpen={setPerson} />
          ) : (
            <FaceGrid onOpen={setFace} onFiles={take} />
          )}
        </Tabs>
      )}
      {person && <PersonDialog key={person.id} person={person} onClose={() => setPerson(undefined)} />}
      {face && <FaceDialog key={face.id} record={face} onClose={() => setFace(undefined)} />}
      {uploads && <UploadDialog files={uploads} onClose={() => setUploads(undefined)} />}
    </>
  );
}

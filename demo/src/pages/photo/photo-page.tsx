import type { VNode } from 'preact';
import { useCallback, useEffect } from 'preact/hooks';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { DropArea, SampleStrip, usePaste, type NamedPhoto } from '../../ui/photo-source.tsx';
import { Problem } from '../../ui/problem.tsx';
import { FacePanel } from './face-panel.tsx';
import { FilmStrip } from './film-strip.tsx';
import { PhotoStage } from './photo-stage.tsx';

/** Photos in, names out. */
export function PhotoPage(): VNode {
  const { photo, announcement } = useStore();
  const item = photo.selected.value;
  const openFiles = useCallback((files: readonly File[]) => {
    photo.open(files.map((blob) => ({ name: blob.name, blob })));
  }, []);
  const openSample = useCallback((sample: NamedPhoto) => photo.open([sample]), []);
  usePaste(openFiles);

  const state = item?.state.value;
  useEffect(() => {
    if (!item || state?.kind !== 'done') return;
    const names = state.names.flatMap(({ name }) => (name ? [name.record.meta] : []));
    const who = names.length ? ` Known: ${names.join(', ')}.` : '';
    announcement.value = `${item.name}: ${count(state.detection.faces.length, 'face')}.${who}`;
  }, [item, state]);

  return (
    <>
      <PageHead title="Photo" lead="Find the faces in a photo, see who they are, and enrol new people.">
        {item && <DropArea compact multiple label="Open photos" onPhotos={openFiles} />}
      </PageHead>
      {item ? (
        <div class="photo-layout">
          <div class="stack-3">
            <FilmStrip />
            {photo.namesError.value !== undefined && <Problem error={photo.namesError.value} />}
            <PhotoStage item={item} />
            <SampleStrip onPhoto={openSample} label="Samples" />
          </div>
          <FacePanel item={item} />
        </div>
      ) : (
        <DropArea
          multiple
          label="Choose photos"
          hint="or drop them here, or paste one. Nothing leaves this device."
          onPhotos={openFiles}
        >
          <SampleStrip onPhoto={openSample} />
        </DropArea>
      )}
    </>
  );
}

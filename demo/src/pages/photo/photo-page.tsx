import type { VNode } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { count } from '../../model/format.ts';
import type { NamedPhoto } from '../../model/samples.ts';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { DropArea, SampleStrip, usePaste } from '../../ui/photo-source.tsx';
import { Problem } from '../../ui/problem.tsx';
import { CallPanel } from './call-panel.tsx';
import { FacePanel } from './face-panel.tsx';
import { FilmStrip } from './film-strip.tsx';
import { LookBar } from './look-bar.tsx';
import { ModePanel } from './mode-panel.tsx';
import { PhotoArea } from './photo-area.tsx';
import { PhotoStage } from './photo-stage.tsx';
import { StageFoot, StageTools } from './stage-tools.tsx';

/** Photos in, names out. */
export function PhotoPage(): VNode {
  const { photo, announcement } = useStore();
  const item = photo.selected.value;
  const [drawing, setDrawing] = useState(false);
  const openFiles = useCallback((files: readonly File[]) => {
    photo.open(files.map((blob) => ({ name: blob.name, blob })));
  }, []);
  const openSample = useCallback((sample: NamedPhoto) => photo.open([sample]), []);
  usePaste(openFiles);

  const state = item?.state.value;
  const detection = state?.kind === 'done' ? state.detection : undefined;
  // Told once for an answer, and not when someone is enrolled, which is told by itself.
  useEffect(() => {
    if (!item || state?.kind !== 'done') return;
    const names = state.names.flatMap(({ name }) => (name ? [name.record.meta] : []));
    const who = names.length ? ` Known: ${names.join(', ')}.` : '';
    announcement.value = `${item.name}: ${count(state.detection.faces.length, 'face')}.${who}`;
  }, [item, detection]);

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
            <div class="stage-bars">
              <LookBar drawing={drawing} onDrawing={setDrawing} />
              {state?.kind !== 'failed' && <StageTools />}
            </div>
            {drawing && <PhotoArea key={item.key} item={item} />}
            <PhotoStage key={item.url} item={item} drawing={drawing} />
            {state?.kind === 'done' && <StageFoot item={item} answer={state} />}
          </div>
          {state?.kind !== 'failed' && <FacePanel item={item} />}
          <div class="stack-3 photo-more">
            {state?.kind === 'done' && <ModePanel item={item} />}
            <CallPanel item={item} />
            <SampleStrip onPhoto={openSample} label="Samples" />
          </div>
        </div>
      ) : (
        <>
          <DropArea
            multiple
            label="Choose photos"
            hint="or drop them here, or paste one. Nothing leaves this device."
            onPhotos={openFiles}
          >
            <SampleStrip onPhoto={openSample} />
          </DropArea>
          <Steps />
        </>
      )}
    </>
  );
}

/** What there is to do, for a first visit. */
function Steps(): VNode {
  return (
    <ol class="steps panel">
      <li>
        <h2>Open a photo</h2>
        <p class="muted">Every face in it is found and measured, near or far.</p>
      </li>
      <li>
        <h2>Say who it is</h2>
        <p class="muted">Press a face, type a name, press Enrol. One photo of a person is enough.</p>
      </li>
      <li>
        <h2>See the name elsewhere</h2>
        <p class="muted">In other photos and in the camera picture, now and after the browser was closed.</p>
      </li>
    </ol>
  );
}

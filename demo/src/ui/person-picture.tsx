import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { FaceRecord, Person } from 'nearface';
import { useStore } from '../state/store.ts';
import { Thumbnail } from './thumbnail.tsx';

/** A picture of a person: of the first face that was enrolled. */
export function PersonPicture({ person }: { readonly person: Person }): VNode {
  const { engine } = useStore();
  const [face, setFace] = useState<FaceRecord>();
  useEffect(() => {
    let live = true;
    const load = async (): Promise<void> => {
      const { records } = await (await engine.ready()).people.faces(person.id, { limit: 1 });
      if (live) setFace(records[0]);
    };
    load().catch(() => live && setFace(undefined));
    return () => {
      live = false;
    };
  }, [person.id, person.faces]);
  if (face?.personId === person.id) return <Thumbnail key={face.id} record={face} />;
  return (
    <span class="thumbnail empty" aria-hidden="true">
      {person.meta.trim().charAt(0).toUpperCase() || '?'}
    </span>
  );
}

import type { NearFace } from 'nearface';
import { useEffect, useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';

/**
 * The address of a stored picture once it is read, for as long as it is shown; nothing where there is none.
 *
 * @param key - changes with the picture
 */
export function useStoredPicture(
  key: string,
  read: (nf: NearFace) => Promise<Blob | null | undefined>,
): string | undefined {
  const { engine } = useStore();
  const [shown, setShown] = useState<{ readonly key: string; readonly url: string }>();
  useEffect(() => {
    let [live, made] = [true, ''];
    const load = async (): Promise<void> => {
      const picture = await read(await engine.ready());
      if (!live || !picture) return;
      made = URL.createObjectURL(picture);
      setShown({ key, url: made });
    };
    load().catch(() => undefined);
    return () => {
      live = false;
      if (made) URL.revokeObjectURL(made);
    };
  }, [key]);
  // The one before is let go of by now.
  return shown?.key === key ? shown.url : undefined;
}

import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { FaceRecord, PictureKind } from 'nearface';
import { useStore } from '../state/store.ts';

interface ThumbnailProps {
  readonly record: FaceRecord;
  readonly kind?: PictureKind;
  /** Empty where the name stands beside the picture. */
  readonly alt?: string;
}

/** A stored picture of a face; its initial where none was kept. */
export function Thumbnail({ record, kind = 'thumbnail', alt = '' }: ThumbnailProps): VNode {
  const { engine } = useStore();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    let [live, made] = [true, ''];
    const load = async (): Promise<void> => {
      if (!record.pictures.includes(kind)) return;
      const [gallery] = record.galleries;
      const nf = await engine.ready();
      const picture = await (await nf.galleries.get(gallery)).picture(record.id, kind);
      if (!live || !picture) return;
      made = URL.createObjectURL(picture);
      setUrl(made);
    };
    load().catch(() => setUrl(undefined));
    return () => {
      live = false;
      if (made) URL.revokeObjectURL(made);
    };
  }, [record.id, kind]);
  const initial = record.meta.trim().charAt(0).toUpperCase() || '?';
  return url ? (
    <img class="thumbnail" src={url} alt={alt} />
  ) : (
    <span class="thumbnail empty" aria-hidden="true">
      {initial}
    </span>
  );
}

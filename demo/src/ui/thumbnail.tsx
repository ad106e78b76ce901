import type { VNode } from 'preact';
import type { FaceRecord, PictureKind } from 'nearface';
import { useStoredPicture } from './stored-picture.ts';

interface ThumbnailProps {
  readonly record: FaceRecord;
  readonly kind?: PictureKind;
  /** Empty where the name stands beside the picture. */
  readonly alt?: string;
}

/** A stored picture of a face; its initial where none was kept. */
export function Thumbnail({ record, kind = 'thumbnail', alt = '' }: ThumbnailProps): VNode {
  const url = useStoredPicture(`${record.id} ${kind}`, async (nf) => {
    if (!record.pictures.includes(kind)) return undefined;
    const [gallery] = record.galleries;
    return (await nf.galleries.get(gallery)).picture(record.id, kind);
  });
  const initial = record.meta.trim().charAt(0).toUpperCase() || '?';
  return url ? (
    <img class="thumbnail" src={url} alt={alt} />
  ) : (
    <span class="thumbnail empty" aria-hidden="true">
      {initial}
    </span>
  );
}

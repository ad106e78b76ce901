import { useState } from 'preact/hooks';

/** Width and height of a picture in its own pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The style that gives a stage the shape of its picture. The picture has it from there, and the stage its height from the picture:
 * WebKit on a busy machine is late with the height of a stage that has a shape of its own.
 */
export function stageStyle(size: PictureSize | undefined): Record<string, string | number> | undefined {
  return size && { '--ratio': size.width / size.height };
}

/**
 * The size of the picture that an `<img>` shows, known as soon as it is loaded: long before its faces are. Until then, and when the
 * element goes over to another picture, there is none; a stage without one does not show its picture.
 */
export function useLoadedSize(url: string): [PictureSize | undefined, (event: Event) => void] {
  const [loaded, setLoaded] = useState<PictureSize & { readonly url: string }>();
  const onLoad = ({ currentTarget }: Event): void => {
    const { naturalWidth: width, naturalHeight: height, src } = currentTarget as HTMLImageElement;
    if (width > 0 && height > 0) setLoaded({ url: src, width, height });
  };
  return [loaded?.url === url ? loaded : undefined, onLoad];
}

/** Media types of pictures that no browser runs as a page; a drawing in SVG may hold scripts. */
const IMAGE_TYPES: ReadonlySet<string> = new Set(
  ['jpeg', 'png', 'webp', 'gif', 'avif', 'bmp', 'x-icon', 'jxl', 'heic', 'tiff'].map(
    (name) => `image/${name}`,
  ),
);

/** The media type that a stored picture is handed out with: that of an image, or of bytes that a browser only saves. */
export function imageType(type: string): string {
  const bare = type.split(';')[0]!.trim().toLowerCase();
  return IMAGE_TYPES.has(bare) ? bare : 'application/octet-stream';
}

import { bytesOf, readEncodedHeader } from '../../../image/encoded-header.ts';
import { checkPixels } from '../../../image/pixel-limit.ts';
import { undecoded } from '../../../image/undecoded.ts';
import { BROWSER } from '../decoder-words.ts';

/** An encoded image as it is shown, its size looked at before. @throws NearFaceError `IMAGE_DECODING_FAILED`, `IMAGE_TOO_LARGE` */
export async function decodePicture(blob: Blob): Promise<ImageBitmap> {
  const { format, size } = await readEncodedHeader(blob);
  if (size) checkPixels(size.width, size.height);
  try {
    return await createImageBitmap(blob, { imageOrientation: 'from-image' });
  } catch (error) {
    throw undecoded({ blob, format, firstBytes: await bytesOf(blob.slice(0, 8)) }, BROWSER, error);
  }
}

import { withPyramid } from '../../image/decoded-image.ts';
import { fetchAsset } from '../fetch-asset.ts';
import type { GpuSource, ImageDecoder, VisionHost } from '../port.ts';
import type { BrowserImage } from './browser-image.ts';
import { decodeImage } from './decode.ts';
import { encodeJpeg, encodePng } from './encode.ts';
import { cachedModels } from './model-cache.ts';
import { PixelReader } from './pixel-reader.ts';
import { startHelper } from './start-worker.ts';
import { hasThreads } from './surroundings.ts';

/** The vision worker's browser. */
export const browserVisionHost: VisionHost = {
  readAsset: fetchAsset,
  modelCache: cachedModels,
  encodeJpeg,
  encodePng,
  get gpu() {
    return (navigator as { readonly gpu?: GpuSource }).gpu;
  },
  hasThreads,
  startHelper,
  runtimeHasThreads: true,
  runtimeUrl: (assets) => new URL('ort/', assets).href,
  tfjsUrl: (assets) => new URL('tf.min.js', assets).href,
  createDecoder(kernel): ImageDecoder {
    const reader = new PixelReader();
    return {
      async decode(wire, signal, maxPixels) {
        const decoded = await decodeImage(wire as BrowserImage, signal, maxPixels, reader);
        const image = withPyramid(decoded, kernel);
        const giveBack = (): void => {
          image.pyramid.giveBack();
          reader.giveBack(decoded.pixels.data);
        };
        return { image, giveBack };
      },
    };
  },
};

import { withPyramid } from '../../image/decoded-image.ts';
import type { ModelCache, VisionHost } from '../port.ts';
import { decodeImage } from './decode.ts';
import { encodeJpeg, encodePng } from './encode.ts';
import { packageUrl } from './files.ts';
import { readAsset } from './read-asset.ts';
import { startHelper } from './start-worker.ts';

/** Models lie on the disk already, as a rule, and nothing else is written to it. */
const noCache: ModelCache = {
  get: async () => undefined,
  put: async () => undefined,
};

/** The vision worker's Node. */
export const nodeVisionHost: VisionHost = {
  readAsset,
  modelCache: noCache,
  encodeJpeg,
  encodePng,
  gpu: undefined,
  hasThreads: () => true,
  startHelper,
  // It starts no threads from a thread of Node.
  runtimeHasThreads: false,
  runtimeUrl: () => new URL('ort/', packageUrl()).href,
  // The optional peer, as it is installed beside the library.
  tfjsUrl: () => '@tensorflow/tfjs',
  createDecoder: (kernel) => ({
    async decode(...given) {
      const image = withPyramid(await decodeImage(...given, kernel), kernel);
      return { image, giveBack: () => image.pyramid.giveBack() };
    },
  }),
};

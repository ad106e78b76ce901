import { nodeGalleryHost } from '../../platform/node/gallery-host.ts';
import { serve } from '../../platform/node/serve.ts';
import { VERSION } from '../../version.ts';
import { noGalleries } from './no-galleries-service.ts';

serve(noGalleries(VERSION, nodeGalleryHost));

import { serve } from '../../platform/node/serve.ts';
import { VERSION } from '../../version.ts';
import { GalleryService } from '../gallery-service.ts';
import { nodeGalleries } from './node-galleries-service.ts';

serve(new GalleryService({ version: VERSION, ...nodeGalleries }));

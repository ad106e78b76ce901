import { serve } from '../platform/browser/serve.ts';
import { VERSION } from '../version.ts';
import { browserGalleries } from './browser-galleries-service.ts';
import { GalleryService } from './gallery-service.ts';

serve(new GalleryService({ version: VERSION, ...browserGalleries }));

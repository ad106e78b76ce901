import { serve } from '../platform/browser/serve.ts';
import { browserGalleryHost } from '../platform/browser/gallery-host.ts';
import { VERSION } from '../version.ts';
import { GalleryService } from './gallery-service.ts';

serve(new GalleryService({ version: VERSION, host: browserGalleryHost }));

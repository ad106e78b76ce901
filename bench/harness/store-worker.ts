import { expose } from 'comlink';
import { browserGalleries } from '../../src/worker/browser-galleries-service.ts';
import { GalleryService } from '../../src/worker/gallery-service.ts';

expose(new GalleryService({ version: 'bench', ...browserGalleries }));

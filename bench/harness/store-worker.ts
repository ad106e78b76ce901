import { expose } from 'comlink';
import { browserGalleryHost } from '../../src/platform/browser/gallery-host.ts';
import { GalleryService } from '../../src/worker/gallery-service.ts';

expose(new GalleryService({ version: 'bench', host: browserGalleryHost }));

import { expose } from 'comlink';
import { GalleryService } from '../../src/worker/gallery-service.ts';

expose(new GalleryService({ version: 'bench' }));

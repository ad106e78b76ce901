import { VERSION } from '../version.ts';
import { serve } from './expose.ts';
import { GalleryService } from './gallery-service.ts';

serve(new GalleryService({ version: VERSION }));

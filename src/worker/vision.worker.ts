import { serve } from '../platform/browser/serve.ts';
import { browserVisionHost } from '../platform/browser/vision-host.ts';
import { VisionService } from './vision-service.ts';

serve(new VisionService(browserVisionHost));

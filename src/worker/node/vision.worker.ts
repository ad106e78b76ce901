import { serve } from '../../platform/node/serve.ts';
import { nodeVisionHost } from '../../platform/node/vision-host.ts';
import { VisionService } from '../vision-service.ts';

serve(new VisionService(nodeVisionHost));

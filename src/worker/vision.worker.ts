import { serve } from './expose.ts';
import { VisionService } from './vision-service.ts';

serve(new VisionService());

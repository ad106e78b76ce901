/* global self, URL */
/** Hands what pages ask for under `faces/` to the page of the demo that holds the models. */
import { forwardRequests } from './nearface/service-worker.js';

forwardRequests({ basePath: new URL('faces', self.registration.scope).pathname });

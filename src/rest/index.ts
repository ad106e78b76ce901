export { createHandler } from './handler.ts';
export type { FetchImage, RestApi, RestHandler, RestOptions, RestToken } from './options.ts';

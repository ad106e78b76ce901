export { createHandler } from './handler.ts';
export type { Answered, FetchImage, RestApi, RestHandler, RestOptions, RestToken } from './options.ts';

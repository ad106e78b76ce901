export { type Answering, answerRequests } from './answer-requests.ts';
export { forwardRequests } from './forward-requests.ts';
export type { AnswerOptions, ForwardOptions } from './options.ts';
export type { PageHandler } from './take.ts';

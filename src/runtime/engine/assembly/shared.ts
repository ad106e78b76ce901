export { perform } from './perform';
export { help, share } from './threads';

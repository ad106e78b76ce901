export { perform } from './perform';

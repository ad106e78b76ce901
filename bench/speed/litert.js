/** LiteRT.js behind types of our own: its own declarations change those of typed arrays for the whole program. */
export { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';

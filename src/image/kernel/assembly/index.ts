// What is done with pixels before the networks. The host owns the memory and every address: see ../kernel.ts. No heap, no statics.
export { halve, halveTwice, quarter } from './halve';
export { grey } from './grey';
export { warp } from './warp';

export { gemm } from './gemm';
export { depthwise } from './depthwise';
export { maxPool, place, planarWindows, windows } from './windows';
export { pointwise } from './pointwise';

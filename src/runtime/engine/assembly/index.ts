export { gemm } from './gemm';
export { depthwise } from './depthwise';
export { maxPool2, place, planarWindows, windows } from './windows';
export { pointwise } from './pointwise';

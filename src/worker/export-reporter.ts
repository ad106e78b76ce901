import type { ReportExport } from '../gallery/transfer/export.ts';
import type { ReportProgress } from './contract.ts';

/** Reports how far the export of a gallery is, and what is left out of it, if anything is. */
export function exportReporter(gallery: string, report: ReportProgress): ReportExport {
  return (done, total, leftOut) => {
    const isWhole = leftOut.faces === 0 && leftOut.pictures === 0;
    report({ phase: 'export', item: gallery, done, total, ...(!isWhole && { leftOut }) });
  };
}

import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const run = promisify(execFile);

/** Whether `etc/nearface.api.md` is brought up to date, left alone, or must be up to date already. */
export type ReportMode = 'update' | 'keep' | 'check';

/**
 * Emits the declarations of what `src/index.ts` reaches and rolls them up into one file. Fails on an exported
 * symbol or member without a doc comment, on a type that is used but not exported and, with `check`, on an API report
 * that is out of date.
 */
export async function rollUpDeclarations(outFile: string | undefined, mode: ReportMode): Promise<void> {
  const folder = resolve(`temp/types-${process.pid}`);
  const flags = ['--noEmit', 'false', '--emitDeclarationOnly', '--noCheck', '--outDir', folder];
  try {
    await run('node_modules/.bin/tsc', ['-p', 'tools/build/tsconfig.declarations.json', ...flags]);
    const rolledUp = join(folder, 'nearface.d.ts');
    const problems = extract(folder, rolledUp, mode);
    if (problems.length > 0)
      throw new Error(`The declarations are not fit to publish:\n${problems.join('\n')}`);
    if (outFile === undefined) return;
    // `AsyncDisposable` is not in the default lib of every target that a consumer may have.
    const text = `/// <reference lib="esnext.disposable" />\n${await readFile(rolledUp, 'utf8')}`;
    await writeFile(outFile, text);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function extract(folder: string, rolledUp: string, mode: ReportMode): string[] {
  const problems: string[] = [];
  const configObjectFullPath = resolve('api-extractor.json');
  const configObject = ExtractorConfig.loadFile(configObjectFullPath);
  configObject.mainEntryPointFilePath = join(folder, 'index.d.ts');
  configObject.apiReport = { enabled: true, ...configObject.apiReport, reportTempFolder: folder };
  configObject.dtsRollup = { enabled: true, untrimmedFilePath: rolledUp };
  const packageJsonFullPath = resolve('package.json');
  const config = ExtractorConfig.prepare({ configObject, configObjectFullPath, packageJsonFullPath });
  const result = Extractor.invoke(config, {
    localBuild: mode === 'update',
    messageCallback: (message) => {
      message.handled = true;
      const { logLevel, messageId, text, sourceFilePath: file, sourceFileLine: line } = message;
      if (logLevel !== ExtractorLogLevel.Error && logLevel !== ExtractorLogLevel.Warning) return;
      if (messageId.startsWith('console-')) return;
      problems.push(`${file ? `${relative('.', file)}:${line} ` : ''}${messageId}: ${text}`);
    },
  });
  if (mode === 'check' && result.apiReportChanged)
    problems.push('The public API differs from etc/nearface.api.md: run npm run build and commit the report');
  return problems;
}

import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const run = promisify(execFile);

/** Whether the reports in `etc/` are brought up to date, left alone, or must be up to date already. */
export type ReportMode = 'update' | 'keep' | 'check';

/** What can be imported from the package: its declarations as they are emitted, as they are published, and their report. */
interface Entry {
  readonly emitted: string;
  readonly file: string;
  readonly report: string;
}

const MAIN: Entry = { emitted: 'index.d.ts', file: 'nearface.d.ts', report: 'nearface.api.md' };
const REST: Entry = { emitted: 'rest/index.d.ts', file: 'rest.d.ts', report: 'nearface-rest.api.md' };
const SERVICE_WORKER: Entry = {
  emitted: 'service-worker/index.d.ts',
  file: 'service-worker.d.ts',
  report: 'nearface-service-worker.api.md',
};

/**
 * Emits the declarations of what the entries of the package reach and rolls each up into one file: `outFile`, and others beside it. Fails
 * on an exported symbol or member without a doc comment, on a type that is used but not exported and, with `check`, on an API report that is out
 * of date.
 */
export async function rollUpDeclarations(outFile: string | undefined, mode: ReportMode): Promise<void> {
  const folder = resolve(`temp/types-${process.pid}`);
  const flags = ['--noEmit', 'false', '--emitDeclarationOnly', '--noCheck', '--outDir', folder];
  try {
    await run('node_modules/.bin/tsc', ['-p', 'tools/build/tsconfig.declarations.json', ...flags]);
    const problems = extract(folder, MAIN, mode);
    await importFromPackage(folder);
    problems.push(...extract(folder, REST, mode), ...extract(folder, SERVICE_WORKER, mode));
    if (problems.length > 0)
      throw new Error(`The declarations are not fit to publish:\n${problems.join('\n')}`);
    if (outFile === undefined) return;
    // `AsyncDisposable` is not in the default lib of every target that a consumer may have.
    const text = `/// <reference lib="esnext.disposable" />\n${await readFile(rolledUp(folder, MAIN), 'utf8')}`;
    await writeFile(outFile, text);
    const rest = await readFile(rolledUp(folder, REST), 'utf8');
    await writeFile(
      join(dirname(outFile), REST.file),
      rest.replaceAll("from 'nearface'", "from './nearface.js'"),
    );
    await copyFile(rolledUp(folder, SERVICE_WORKER), join(dirname(outFile), SERVICE_WORKER.file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const rolledUp = (folder: string, { file }: Entry): string => join(folder, 'rolled-up', file);

/**
 * Makes the second entry import what is the first one's from the package, as its users do: classes with private members that were declared twice would
 * not be the same type.
 */
async function importFromPackage(folder: string): Promise<void> {
  const itself = join(folder, 'node_modules/nearface');
  await mkdir(itself, { recursive: true });
  // A package of its own: inside of this one `nearface` would be what was built before.
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'declarations', type: 'module' }));
  await writeFile(join(itself, 'package.json'), JSON.stringify({ name: 'nearface', types: MAIN.file }));
  await copyFile(rolledUp(folder, MAIN), join(itself, MAIN.file));
  for (const name of await readdir(join(folder, 'rest'), { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = join(folder, 'rest', name);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll(/from '(?:\.\.\/)+(?:api|core)\/[\w-]+\.ts'/g, "from 'nearface'"));
  }
}

function extract(folder: string, entry: Entry, mode: ReportMode): string[] {
  const problems: string[] = [];
  const configObjectFullPath = resolve('api-extractor.json');
  const configObject = ExtractorConfig.loadFile(configObjectFullPath);
  configObject.mainEntryPointFilePath = join(folder, entry.emitted);
  configObject.apiReport = {
    enabled: true,
    ...configObject.apiReport,
    reportFileName: entry.report,
    reportTempFolder: folder,
  };
  configObject.dtsRollup = { enabled: true, untrimmedFilePath: rolledUp(folder, entry) };
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
    problems.push(`The public API differs from etc/${entry.report}: run npm run build and commit the report`);
  return problems;
}

import { readFile, stat, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { Application, Converter, ReflectionKind, type Context, type TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { rollUpDeclarations } from '../build/declarations.ts';
import { filesBelow } from './files.ts';

const PUBLISHED = 'dist/nearface.d.ts';

/** Kinds of declarations in the order of the index, by the folder that TypeDoc gives them. */
export const REFERENCE_KINDS: Readonly<Record<string, string>> = {
  classes: 'Classes',
  functions: 'Functions',
  interfaces: 'Interfaces',
  'type-aliases': 'Type aliases',
  variables: 'Variables',
};

/** The declarations as they are published: those in `dist/`, or of `src/` where it is newer than these. */
export async function publishedDeclarations(scratch: string): Promise<string> {
  const built = await stat(PUBLISHED).catch(() => undefined);
  const sources = (await filesBelow('src')).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const changed = await Promise.all(sources.map(async (file) => (await stat(`src/${file}`)).mtimeMs));
  if (built && built.mtimeMs > Math.max(...changed)) return PUBLISHED;
  const fresh = `${scratch}/nearface.d.ts`;
  await rollUpDeclarations(fresh, 'keep');
  return fresh;
}

/**
 * Writes a Markdown page for each declaration into `folder`, one folder a kind, and `index.md`.
 *
 * @throws on a `{@link}` that leads nowhere, and on anything else that TypeDoc warns of
 */
export async function writeReference(declarations: string, folder: string, scratch: string): Promise<void> {
  const tsconfig = resolve(scratch, 'tsconfig.json');
  const files = [resolve(declarations)];
  await writeFile(tsconfig, JSON.stringify({ extends: resolve('tsconfig.json'), include: [], files }));
  const options: TypeDocOptions & PluginOptions = {
    name: 'nearface',
    entryPoints: [relative('.', declarations)],
    tsconfig,
    plugin: ['typedoc-plugin-markdown'],
    out: folder,
    readme: 'none',
    disableGit: true,
    disableSources: true,
    outputFileStrategy: 'members',
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    indexFormat: 'table',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: { hideInherited: true, hideModifiers: true, hideOverrides: true, hideSources: true },
    pageTitleTemplates: { index: () => 'API', member: ({ name }: { name: string }) => name },
    logLevel: 'Warn',
  };
  const app = await Application.bootstrapWithPlugins(options);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, dropConstructors);
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc could not read the declarations');
  app.validate(project);
  await app.generateOutputs(project);
  const { warningCount, errorCount } = app.logger;
  if (warningCount + errorCount > 0) throw new Error('TypeDoc complains about the declarations, see above');
}

/** A class without a public constructor is declared without any, which TypeDoc takes for one without parameters. */
function dropConstructors({ project }: Context): void {
  for (const made of project.getReflectionsByKind(ReflectionKind.Constructor))
    if (!made.isDeclaration() || !made.signatures?.some(({ comment }) => comment?.hasVisibleComponent()))
      project.removeReflection(made);
}

/** The title of a page of the reference: its first heading. */
export async function referenceTitle(file: string): Promise<string> {
  return /^# (.+)$/m.exec(await readFile(file, 'utf8'))?.[1]?.replaceAll('\\', '') ?? file;
}

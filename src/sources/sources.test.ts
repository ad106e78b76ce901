import { zipSync } from 'fflate';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine, metasByImage, parseCsv } from './csv.ts';
import { openSource } from './entries.ts';
import { checkMetaRule, type MetaRule, photosOf } from './photos.ts';

const image = (name: string): File => new File([name], name, { type: 'image/jpeg' });

async function namesOf(
  source: Parameters<typeof openSource>[0],
  rule: MetaRule,
): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const { name, meta } of photosOf(openSource(source, 'source'), rule, undefined))
    found.push([name, meta]);
  return found;
}

const zipped = (files: Record<string, string>): File => {
  const bytes = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)] as const);
  return new File([zipSync(Object.fromEntries(bytes)) as Uint8Array<ArrayBuffer>], 'photos.zip');
};

const FILES = {
  'team/Sam Berry.jpg': 'a',
  'team/Sam Berry.txt': ' Samuel Berry\n',
  'team/Kim.PNG': 'b',
  'notes.pdf': 'c',
  '__MACOSX/team/._Kim.png': 'd',
  'team/.hidden.jpg': 'e',
};

test('metas come from a constant, the name, the folder, a text file or a table', async () => {
  const zip = zipped(FILES);
  expect(await namesOf(zip, { from: 'constant', meta: 'x' })).toEqual([
    ['team/Sam Berry.jpg', 'x'],
    ['team/Kim.PNG', 'x'],
  ]);
  const metas = async (rule: MetaRule): Promise<string[]> =>
    (await namesOf(zip, rule)).map(([, meta]) => meta);
  expect(await metas({ from: 'fileName', prefix: '<', postfix: '>' })).toEqual(['<Sam Berry>', '<Kim>']);
  expect(await metas({ from: 'folder' })).toEqual(['team', 'team']);
  expect(await metas({ from: 'text' })).toEqual(['Samuel Berry', 'Kim']);
  const csv = 'image,meta\r\nKim.PNG,"Kim ""K"" Lee"\r\n';
  expect(await namesOf(zip, { from: 'csv', csv })).toEqual([['team/Kim.PNG', 'Kim "K" Lee']]);
});

test('files, lists that are read twice, and a directory', async () => {
  const rule: MetaRule = { from: 'text' };
  async function* once(): AsyncIterable<File> {
    yield image('a.jpg');
    yield new File(['Ann'], 'a.txt');
  }
  expect(await namesOf(once(), rule)).toEqual([['a.jpg', 'Ann']]);
  expect(await namesOf([image('b.webp'), image('c.doc')], rule)).toEqual([['b.webp', 'b']]);
  expect(await namesOf(image('d.gif'), rule)).toEqual([['d.gif', 'd']]);
  const file = (name: string) => [name, { kind: 'file', getFile: async () => image(name) }] as const;
  const folder = (...inside: (readonly [string, unknown])[]) => ({
    kind: 'directory',
    entries: async function* () {
      yield* inside;
    },
  });
  const root = folder(file('z.jpg'), ['sub', folder(file('y.jpg'))], file('a.jpg'), file('.DS_Store'));
  const found = await namesOf(root as unknown as FileSystemDirectoryHandle, { from: 'folder' });
  expect(found.map(([name]) => name)).toEqual(['a.jpg', 'sub/y.jpg', 'z.jpg']);
});

test('what is no source, no rule or no zip is told', async () => {
  expect(() => openSource(5 as never, 'source')).toThrow(/source/);
  for (const rule of [
    undefined,
    {},
    { from: 'x' },
    { from: 'constant' },
    { from: 'csv' },
    { from: 'csv', csv: 'a,b' },
    { from: 'text', more: 1 },
  ])
    expect(() => checkMetaRule(rule, 'options.meta'), JSON.stringify(rule)).toThrow(/options\.meta/);
  const whole = new Uint8Array(await zipped(FILES).arrayBuffer());
  await expect(namesOf(new File(['no zip at all'], 'a.zip'), { from: 'folder' })).rejects.toMatchObject({
    code: 'BAD_PARAM',
  });
  const flipped = whole.slice();
  flipped.set([9, 9, 9], 8);
  await expect(namesOf(new File([flipped], 'a.zip'), { from: 'folder' })).rejects.toMatchObject({
    code: 'BAD_PARAM',
  });
});

test('a table that is written is read the same', () => {
  const field = fc.string({ unit: 'grapheme' }).filter((text) => !/^[=+\-@\t]/.test(text));
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field, field)), (rows) => {
      const text = rows.map((row) => csvLine(row)).join('');
      expect(parseCsv(text, 'csv')).toEqual(rows);
    }),
  );
  expect([...metasByImage('\ufeffMeta;x,Image ,meta\n1,a.jpg,A\n2,b.jpg\n', 'csv')]).toEqual([
    ['a.jpg', 'A'],
    ['b.jpg', ''],
  ]);
  expect(() => parseCsv('a,b\n"c', 'csv')).toThrow(/line 2/);
  expect(csvLine(['=1+1', 5])).toBe("'=1+1,5\r\n");
});

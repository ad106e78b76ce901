import { describe, expect, it } from 'vitest';
import type { ListedPhoto } from './files.ts';
import { photosIn } from './test-photos.ts';
import { loadMetaRule, metaFor, resolveMetaRule, type PhotoMeta } from './meta-rule.ts';

const resolve = (raw: unknown): ReturnType<typeof resolveMetaRule> => resolveMetaRule(raw, 'options.meta');

/** The photos of a source with these files; a path's folders stand in its name. */
async function photosWith(files: Record<string, BlobPart>, companion?: string): Promise<ListedPhoto[]> {
  const given = Object.entries(files).map(([path, content]) =>
    Object.assign(new File([content], path.slice(path.lastIndexOf('/') + 1)), { webkitRelativePath: path }),
  );
  return photosIn(given, undefined, { companion });
}

async function metas(raw: unknown, files: Record<string, BlobPart>): Promise<PhotoMeta[]> {
  const rule = resolve(raw);
  const photos = await photosWith(files, rule.from === 'text' ? rule.extension : undefined);
  return Promise.all(photos.map((photo) => metaFor(rule, photo)));
}

describe('resolveMetaRule', () => {
  it('takes the file name by default, and freezes', () => {
    expect(resolve(undefined)).toEqual({ from: 'fileName', prefix: '', postfix: '' });
    expect(resolve({ from: 'fileName', prefix: 'x' })).toEqual({
      from: 'fileName',
      prefix: 'x',
      postfix: '',
    });
    for (const raw of [undefined, { from: 'text' }, { from: 'constant', meta: '' }, { from: 'csv' }])
      expect(Object.isFrozen(resolve(raw))).toBe(true);
  });

  it.each([
    [null, /^options\.meta must be a rule/],
    ['fileName', /^options\.meta must be a rule/],
    [{}, /^options\.meta\.from must be one of 'constant', 'fileName', 'folderName', 'text', 'csv'/],
    [{ from: 'toString' }, /^options\.meta\.from must be one of/],
    [{ from: 'constant' }, /^options\.meta\.meta must be a string of at most 1024/],
    [{ from: 'constant', meta: 'x'.repeat(1025) }, /^options\.meta\.meta must be/],
    [{ from: 'fileName', meta: 'x' }, /^options\.meta\.meta is not an option/],
    [{ from: 'fileName', prefix: 3 }, /^options\.meta\.prefix must be a string/],
    [{ from: 'text', prefix: 'x' }, /^options\.meta\.prefix is not an option/],
    [{ from: 'csv', csv: 3 }, /^options\.meta\.csv must be the content of a CSV file/],
    [{ from: 'csv', csv: 'meta,image\nx' }, /^options\.meta\.csv: line 2 lacks an image/],
  ])('refuses %j', (raw, message) => {
    expect(() => resolve(raw)).toThrowError(message);
  });
});

describe('metaFor', () => {
  it('gives a constant', async () => {
    expect(await metas({ from: 'constant', meta: 'staff' }, { 'a.jpg': '' })).toEqual([{ meta: 'staff' }]);
  });

  it('gives the name of the folder, and without one what is said', async () => {
    const files = { 'people/Sam Be\u0301ll/1.jpg': '', 'Kim/a.jpg': '', 'top.jpg': '' };
    expect(await metas({ from: 'folderName' }, files)).toEqual([
      { meta: 'Sam B\u00e9ll' },
      { meta: 'Kim' },
      { meta: 'top', fallback: 'top.jpg: it lies in no folder' },
    ]);
    expect((await metas({ from: 'folderName', unlisted: 'empty' }, files)).at(-1)?.meta).toBe('');
  });

  it('puts prefix and postfix around the name, composed and without its last extension', async () => {
    const files = { 'x/Sam.B.jpg': '', 'e\u0301.png': '' };
    const rule = { from: 'fileName', prefix: '<', postfix: '>' };
    expect(await metas(rule, files)).toEqual([{ meta: '<Sam.B>' }, { meta: '<\u00e9>' }]);
    await expect(
      metas({ from: 'fileName', prefix: 'x'.repeat(1020) }, { 'hello.jpg': '' }),
    ).rejects.toThrowError(/the meta of hello\.jpg must be of at most 1024 characters/);
  });

  it('reads the text beside the photo, trimmed and cut', async () => {
    const utf16 = Uint8Array.of(0xff, 0xfe, 0xcb, 0, 0x0d, 0);
    const files = {
      'a.jpg': '',
      'a.txt': ' \n Sam Berry\r\n',
      'b.jpg': '',
      'b.txt': utf16,
      'c.jpg': '',
      'c.txt': ` ${'é'.repeat(9000)}`,
      'd.jpg': '',
      'd.txt': `${'x'.repeat(1023)}😀`,
    };
    const found = await metas({ from: 'text' }, files);
    expect(found.map(({ meta }) => meta)).toEqual(['Sam Berry', 'Ë', 'é'.repeat(1024), 'x'.repeat(1023)]);
    expect(found.some(({ fallback }) => fallback)).toBe(false);
  });

  it('falls back to the name where the text is missing, empty or unreadable, and says so', async () => {
    const files = {
      'x/a.jpg': '',
      'b.jpg': '',
      'b.txt': ' \n',
      'c.jpg': '',
      'c.txt': Uint8Array.of(0x4d, 0xfc, 0x6c),
    };
    expect(await metas({ from: 'text' }, files)).toEqual([
      { meta: 'a', fallback: 'x/a.jpg: there is no a.txt beside it' },
      { meta: 'b', fallback: 'b.jpg: b.txt is empty' },
      { meta: 'c', fallback: 'c.jpg: c.txt is not UTF-8 text' },
    ]);
  });

  it('looks the photo up in a CSV, given as text or file', async () => {
    const csv = 'meta,image\nSam,a.jpg\n,b.jpg';
    for (const given of [csv, new Blob([csv])]) {
      expect(await metas({ from: 'csv', csv: given }, { 'x/a.jpg': '', 'b.jpg': '', 'c.jpg': '' })).toEqual([
        { meta: 'Sam' },
        { meta: '' },
        { meta: 'c', fallback: 'c.jpg: no row of the CSV names it' },
      ]);
    }
  });

  it('finds the tables of the source, each for its own folder', async () => {
    const files = {
      'x/a.jpg': '',
      'y/a.jpg': '',
      'x/list.csv': 'meta,image\nSam,a.jpg',
      'y/list.csv': 'image,meta\na.jpg,Kim',
      'other.csv': 'price,"x',
    };
    expect(await metas({ from: 'csv' }, files)).toEqual([{ meta: 'Sam' }, { meta: 'Kim' }]);
  });

  it.each<[Record<string, BlobPart>, RegExp]>([
    [{ 'a.jpg': '' }, /options\.meta\.csv is not given, and the source holds no CSV/],
    [{ 'a.jpg': '', 'l.csv': 'meta,image\nx' }, /l\.csv: line 2 lacks an image/],
    [{ 'a.jpg': '', 'l.csv': Uint8Array.of(0xfc) }, /l\.csv is not UTF-8; save it/],
    [
      { 'a.jpg': '', 'l.csv': 'meta,image\nx,a.jpg', 'm.csv': 'meta,image\ny,a.jpg' },
      /m\.csv gives "a\.jpg" another/,
    ],
  ])('refuses the tables of %j', async (files, message) => {
    const [photo] = await photosWith(files);
    const rule = resolve({ from: 'csv' });
    await expect(metaFor(rule, photo!)).rejects.toThrowError(message);
    await expect(loadMetaRule(rule, photo!.tables)).rejects.toMatchObject({ code: 'BAD_PARAM' });
  });

  it('reads a CSV file once, and again after a failure', async () => {
    let reads = 0;
    const csv = new Blob(['meta,image\nSam,a.jpg']);
    csv.slice = () => {
      if (reads++ === 0) throw new Error('busy');
      return Blob.prototype.slice.call(csv);
    };
    const [photo] = await photosWith({ 'a.jpg': '' });
    const rule = resolve({ from: 'csv', csv });
    await expect(loadMetaRule(rule, [])).rejects.toThrowError(/options\.meta\.csv can no longer be read/);
    await loadMetaRule(rule, []);
    expect(await metaFor(rule, photo!)).toEqual({ meta: 'Sam' });
    expect(reads).toBe(2);
  });

  it('stops at the signal', async () => {
    const [photo] = await photosWith({ 'a.jpg': '' });
    await expect(metaFor(resolve(undefined), photo!, AbortSignal.abort())).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});

describe('what is asked of a rule', () => {
  it('reads companions of any extension', async () => {
    const files = {
      'a.jpg': '',
      'a.name': ' Sam ',
      'a.txt': 'Pat',
      'b.jpg': '',
      'B.NAME': 'Kim',
      'c.jpg': '',
    };
    for (const extension of ['name', '.NAME'])
      expect((await metas({ from: 'text', extension }, files)).map(({ meta }) => meta)).toEqual([
        'Sam',
        'Kim',
        'c',
      ]);
    for (const extension of ['', 'a/b', 'a.b', 3, 'x'.repeat(17)])
      expect(() => resolve({ from: 'text', extension })).toThrow(/^options\.meta\.extension must be/);
  });

  it('leaves photos without text or row unnamed, if that is asked', async () => {
    const files = { 'a.jpg': '', 'a.txt': 'Sam', 'b.jpg': '' };
    const [listed, text] = await metas({ from: 'text', unlisted: 'empty' }, files);
    expect(listed).toEqual({ meta: 'Sam' });
    expect(text).toEqual({ meta: '', fallback: 'b.jpg: there is no b.txt beside it' });
    const csv = 'meta,image\nSam,a.jpg';
    const [, row] = await metas({ from: 'csv', csv, unlisted: 'empty' }, files);
    expect(row).toEqual({ meta: '', fallback: 'b.jpg: no row of the CSV names it' });
    expect((await metas({ from: 'csv', csv }, files))[1]).toMatchObject({ meta: 'b' });
    expect(() => resolve({ from: 'csv', unlisted: 'none' })).toThrow(
      /^options\.meta\.unlisted must be one of/,
    );
  });

  it('reads tables without a header, in the order that is named', async () => {
    const files = { 'a.jpg': '', 'x/b.jpg': '' };
    const named = async (rule: object, more: Record<string, BlobPart> = {}): Promise<readonly string[]> =>
      (await metas({ from: 'csv', ...rule }, { ...files, ...more })).map(({ meta }) => meta);
    expect(await named({ csv: 'Sam,a.jpg\nPat,b.jpg', columns: 'meta,image' })).toEqual(['Sam', 'Pat']);
    expect(await named({ csv: 'a.jpg,Sam,x\nb.jpg,Pat', columns: 'image,meta' })).toEqual(['Sam', 'Pat']);
    expect(await named({ columns: 'image,meta' }, { 'x/list.csv': 'b.jpg,Pat' })).toEqual(['a', 'Pat']);
    expect(() => resolve({ from: 'csv', csv: 'a.jpg', columns: 'image,meta' })).toThrow(
      /line 1 lacks a meta/,
    );
    expect(() => resolve({ from: 'csv', csv: 'a.jpg,Sam' })).toThrow(/line 1 must be a header/);
    await expect(named({})).rejects.toThrow(/columns: 'meta,image' reads one without/);
  });
});

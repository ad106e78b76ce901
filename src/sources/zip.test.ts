import fc from 'fast-check';
import { zipSync, strToU8, type Zippable } from 'fflate';
import { describe, expect, it } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import { crc32 } from '../core/crc32.ts';
import { MAX_ENTRY_BYTES, openZipEntry } from './zip-entry.ts';
import { listZip } from './zip.ts';

const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * i * 31 + i) >> 3);
const blobOf = (bytes: Uint8Array): Blob => new Blob([bytes.slice()]);
const zipOf = (files: Zippable): Uint8Array => zipSync(files, { level: 6 });

async function unzip(bytes: Uint8Array): Promise<Record<string, Uint8Array>> {
  const zip = blobOf(bytes);
  const files: Record<string, Uint8Array> = {};
  for (const entry of await listZip(zip)) {
    files[entry.path] = new Uint8Array(await (await openZipEntry(zip, entry)).arrayBuffer());
  }
  return files;
}

/** Bytes that do not compress. */
function randomBytes(length: number): Uint8Array {
  let seed = 1;
  return Uint8Array.from({ length }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed >>> 24;
  });
}

/** A blob that tells the size of every read of it. */
function counted(bytes: Uint8Array): { blob: Blob; reads: number[] } {
  const [blob, reads] = [blobOf(bytes), [] as number[]];
  blob.slice = (...range) => {
    const part = Blob.prototype.slice.apply(blob, range);
    reads.push(part.size);
    return part;
  };
  return { blob, reads };
}

/** The error of unzipping, as code, entry and message. */
async function refusal(bytes: Uint8Array): Promise<[unknown, unknown, string]> {
  try {
    await unzip(bytes);
  } catch (error) {
    if (error instanceof NearFaceError) return [error.code, error.details.value, error.message];
    throw error;
  }
  throw new Error('was not refused');
}

/** A copy with little-endian numbers written at offsets: `[at, value, bytes]`. */
function patched(bytes: Uint8Array, ...patches: [at: number, value: number, bytes: 2 | 4][]): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (const [at, value, size] of patches) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
  return copy;
}

function lastIndexOf(bytes: Uint8Array, signature: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = bytes.length - 4; at >= 0; at--) if (view.getUint32(at, true) === signature) return at;
  throw new Error('no such record');
}
const entryAt = (bytes: Uint8Array): number => lastIndexOf(bytes, 0x02014b50);
const endAt = (bytes: Uint8Array): number => lastIndexOf(bytes, 0x06054b50);

/** One stored file in zip64, every number of which is only in the wide fields. */
function zip64Of(name: string, content: Uint8Array): Uint8Array {
  const parts: number[] = [];
  const put = (size: 2 | 4 | 8, ...values: number[]): void => {
    for (const value of values) for (let i = 0; i < size; i++) parts.push(Math.floor(value / 256 ** i) % 256);
  };
  const label = strToU8(name);
  const all = 0xffffffff;
  put(4, 0x04034b50);
  put(2, 45, 0, 0, 0, 0);
  put(4, crc32(content), all, all);
  put(2, label.length, 20);
  parts.push(...label);
  put(2, 1, 16);
  put(8, content.length, content.length);
  parts.push(...content);
  const directoryAt = parts.length;
  put(4, 0x02014b50);
  put(2, 45, 45, 0, 0, 0, 0);
  put(4, crc32(content), all, all);
  put(2, label.length, 4 + 3 + 4 + 24, 0, 0, 0);
  put(4, 0, all);
  parts.push(...label);
  put(2, 0x9999, 3);
  parts.push(1, 2, 3);
  put(2, 1, 24);
  put(8, content.length, content.length, 0);
  const end64At = parts.length;
  put(4, 0x06064b50);
  put(8, 44);
  put(2, 45, 45);
  put(4, 0, 0);
  put(8, 1, 1, end64At - directoryAt, directoryAt);
  put(4, 0x07064b50, 0);
  put(8, end64At);
  put(4, 1, 0x06054b50);
  put(2, 0xffff, 0xffff, 0xffff, 0xffff);
  put(4, all, all);
  put(2, 0);
  return Uint8Array.from(parts);
}

describe('crc32', () => {
  it('is the published check value, whole or in pieces', () => {
    const digits = strToU8('123456789');
    expect(crc32(digits)).toBe(0xcbf43926);
    expect(crc32(digits.subarray(4), crc32(digits.subarray(0, 4)))).toBe(0xcbf43926);
  });
});

describe('a sound zip', () => {
  it('gives deflated and stored files, without folders, in the order of the directory', async () => {
    const files = { 'b/z.jpg': noise(70_000), 'a.png': noise(10), 'empty.txt': new Uint8Array(0) };
    const zip = zipSync({
      folder: {},
      'b/z.jpg': files['b/z.jpg'],
      'a.png': [files['a.png'], { level: 0 }],
      'empty.txt': files['empty.txt'],
    });
    const read = await unzip(zip);
    expect(Object.keys(read)).toEqual(['b/z.jpg', 'a.png', 'empty.txt']);
    expect(read).toEqual(files);
  });

  it('names and types the file', async () => {
    const zip = blobOf(zipOf({ 'b/Z.JPG': noise(5) }));
    const file = await openZipEntry(zip, (await listZip(zip))[0]!);
    expect([file.name, file.type, file.size]).toEqual(['Z.JPG', 'image/jpeg', 5]);
  });

  it('reads files of many windows, compressible a thousandfold or not at all', async () => {
    const files = {
      'flat.bmp': new Uint8Array(5_000_000),
      'noise.png': randomBytes(3_000_000),
    };
    const read = await unzip(zipOf(files));
    for (const [path, bytes] of Object.entries(files)) expect(Buffer.compare(read[path]!, bytes)).toBe(0);
  });

  it('is listed without a look at the photos, and opened without the others', async () => {
    const { blob, reads } = counted(zipOf({ 'a.jpg': randomBytes(2_000_000), 'b.jpg': randomBytes(3000) }));
    const [, small] = await listZip(blob);
    await openZipEntry(blob, small!);
    expect(Math.max(...reads)).toBeLessThan(70_000);
  });

  it('is whatever fflate packs', async () => {
    const files = fc.dictionary(
      fc.stringMatching(/^[a-zé]{1,8}(\/[a-z]{1,5})?\.jpg$/),
      fc.uint8Array({ maxLength: 300 }),
    );
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom(0, 1, 9), async (given, level) => {
        const read = await unzip(zipSync(given, { level }));
        expect(read).toEqual({ ...given });
      }),
      { numRuns: 50 },
    );
  });

  it('may be zip64, have a comment, and bytes behind its end', async () => {
    expect(await unzip(zip64Of('a/b.jpg', noise(50)))).toEqual({ 'a/b.jpg': noise(50) });
    const zip = zipOf({ 'a.jpg': noise(9) });
    const commented = new Uint8Array([...patched(zip, [endAt(zip) + 20, 4, 2]), 80, 75, 5, 6]);
    expect(await unzip(commented)).toEqual({ 'a.jpg': noise(9) });
    expect(await unzip(new Uint8Array([...zip, 0, 0, 0]))).toEqual({ 'a.jpg': noise(9) });
    expect(await unzip(zipOf({}))).toEqual({});
  });

  it('has names in UTF-8, marked or not, else in code page 437; a path is only a name', async () => {
    expect(Object.keys(await unzip(zipOf({ 'Zoë.jpg': noise(1) })))).toEqual(['Zoë.jpg']);
    const ascii = zipOf({ 'Zo?.jpg': noise(1) });
    const name = entryAt(ascii) + 46 + 2;
    const cp437 = ascii.slice();
    cp437[name] = 0x89;
    expect(Object.keys(await unzip(cp437))).toEqual(['Zoë.jpg']);
    const unmarked = zipOf({ 'Zoë.jpg': noise(1) });
    expect(Object.keys(await unzip(patched(unmarked, [entryAt(unmarked) + 8, 0, 2])))).toEqual(['Zoë.jpg']);
    expect(Object.keys(await unzip(zipOf({ '/../..\\a/./b.jpg': noise(1) })))).toEqual(['../../a/b.jpg']);
  });

  it('hides symbolic links', async () => {
    const zip = zipSync({
      'link.jpg': [strToU8('/etc/passwd'), { os: 3, attrs: 0o120777 << 16 }],
      'a.jpg': noise(2),
    });
    expect(Object.keys(await unzip(zip))).toEqual(['a.jpg']);
  });
});

describe('a zip that cannot be read', () => {
  const zip = zipOf({ 'a.jpg': noise(500) });
  const entry = entryAt(zip);
  const end = endAt(zip);

  it.each<[string, Uint8Array, RegExp]>([
    ['encrypted', patched(zip, [entry + 8, 1, 2]), /encrypted; pack it again without a password/],
    ['of another method', patched(zip, [entry + 10, 93, 2]), /method 93; pack it again .*Deflate/],
    ['with a wrong checksum', patched(zip, [entry + 16, 1, 4]), /damaged/],
    [
      'of a declared size too large',
      patched(zip, [entry + 24, MAX_ENTRY_BYTES + 1, 4]),
      /101 MB large; take it out/,
    ],
    ['longer than declared', patched(zip, [entry + 24, 499, 4]), /damaged/],
    ['shorter than declared', patched(zip, [entry + 24, 501, 4]), /damaged/],
    ['with its data cut', patched(zip, [entry + 20, 40, 4]), /damaged/],
    ['pointing beyond the zip', patched(zip, [entry + 42, 1e6, 4]), /cut short; copy or download/],
    ['pointing at no header', patched(zip, [entry + 42, 3, 4]), /damaged/],
    ['with data beyond the zip', patched(zip, [entry + 20, 1e6, 4]), /cut short/],
  ])('names an entry %s', async (_, bytes, message) => {
    const [code, value, text] = await refusal(bytes);
    expect([code, value]).toEqual(['BAD_PARAM', 'a.jpg']);
    expect(text).toMatch(/^source: "a\.jpg" in the zip file/);
    expect(text).toMatch(message);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['no zip', noise(1000), /is no zip, or is cut short/],
    ['nothing', new Uint8Array(0), /is no zip/],
    ['cut at its end', zip.slice(0, -30), /is no zip, or is cut short/],
    ['cut at its start', zip.slice(100), /damaged directory/],
    ['one part of several', patched(zip, [end + 4, 2, 2]), /split zip; join/],
    ['of more entries than its directory', patched(zip, [end + 10, 2, 2]), /damaged directory/],
    ['of a directory outside', patched(zip, [end + 16, 1e6, 4]), /damaged directory/],
    ['of an entry reaching out of the directory', patched(zip, [entry + 28, 900, 2]), /damaged directory/],
  ])('says what is wrong with %s', async (_, bytes, message) => {
    const [code, value, text] = await refusal(bytes);
    expect([code, value]).toEqual(['BAD_PARAM', undefined]);
    expect(text).toMatch(message);
  });

  it('refuses more than a million entries by their number, before reading them', async () => {
    const many = zip64Of('a.jpg', noise(5));
    const wide = lastIndexOf(many, 0x06064b50);
    expect((await refusal(patched(many, [wide + 32, 1_000_001, 4])))[2]).toMatch(/1000001 entries; split it/);
  });

  it('has names of at most 4,096 bytes', async () => {
    const name = `${'a/'.repeat(2046)}.jpg`;
    expect(Object.keys(await unzip(zipOf({ [name]: noise(1) })))).toEqual([name]);
    expect((await refusal(zipOf({ [`x${name}`]: noise(1) })))[2]).toMatch(
      /name that is too long; shorten it/,
    );
  });

  it('is left as soon as it is more than it declares', async () => {
    const large = zipOf({ 'a.jpg': randomBytes(4_000_000) });
    const { blob, reads } = counted(patched(large, [entryAt(large) + 24, 1000, 4]));
    const [lie] = await listZip(blob);
    reads.length = 0;
    await expect(openZipEntry(blob, lie!)).rejects.toMatchObject({ code: 'BAD_PARAM' });
    expect(reads).toEqual([(1 << 20) + 1024]);
  });

  it('leaves the other entries readable', async () => {
    const two = zipOf({ 'a.jpg': noise(50), 'b.jpg': noise(60) });
    const blob = blobOf(patched(two, [entryAt(two) + 16, 1, 4]));
    const [a, b] = await listZip(blob);
    expect((await openZipEntry(blob, a!)).size).toBe(50);
    await expect(openZipEntry(blob, b!)).rejects.toMatchObject({ code: 'BAD_PARAM' });
  });

  it('unpacks no bytes twice: of entries that share them, the first is read', async () => {
    const two = zipOf({ 'a.jpg': noise(50), 'b.jpg': noise(50) });
    const [second, first] = [entryAt(two), entryAt(two.subarray(0, entryAt(two)))];
    const shared = patched(two, [second + 42, new DataView(two.buffer).getUint32(first + 42, true), 4]);
    const blob = blobOf(shared);
    const [a, b] = await listZip(blob);
    expect((await openZipEntry(blob, a!)).size).toBe(50);
    await expect(openZipEntry(blob, b!)).rejects.toMatchObject({
      code: 'BAD_PARAM',
      message: expect.stringMatching(/"b\.jpg" in the zip file shares its bytes with another file/),
    });
  });

  it('unpacks to no more than 500 MB or 100 times its size', async () => {
    const flat = new Uint8Array(MAX_ENTRY_BYTES);
    const deflated = zipSync({ '0.bmp': flat }, { level: 9 });
    const parts = Object.fromEntries(
      Array.from({ length: 6 }, (_, i) => [`${i}.bmp`, flat.subarray(0, 1000)]),
    );
    const many = zipSync(parts, { level: 9 });
    const claims: [number, number, 4][] = [];
    for (let at = 0; at < many.length - 4; at++)
      if (new DataView(many.buffer).getUint32(at, true) === 0x02014b50)
        claims.push([at + 24, MAX_ENTRY_BYTES, 4]);
    await expect(listZip(blobOf(patched(many, ...claims)))).rejects.toMatchObject({
      code: 'BAD_PARAM',
      message: expect.stringMatching(/the zip file of 0\.0 MB would unpack to 0\.6 GB; photos/),
    });
    expect(await listZip(blobOf(deflated))).toHaveLength(1);
  });

  it('tells which entries will be refused; what they would unpack to counts for nothing', async () => {
    const parts = zipOf({ 'a.jpg': noise(50), 'b.mp4': noise(50), 'c.jpg': noise(50) });
    const last = entryAt(parts);
    const middle = entryAt(parts.subarray(0, last));
    const blob = blobOf(patched(parts, [middle + 24, 3_000_000_000, 4], [last + 8, 1, 2]));
    const listed = await listZip(blob);
    expect(listed.map(({ path, isRefused }) => [path, isRefused])).toEqual([
      ['a.jpg', false],
      ['b.mp4', true],
      ['c.jpg', true],
    ]);
    for (const entry of listed)
      if (entry.isRefused)
        await expect(openZipEntry(blob, entry)).rejects.toMatchObject({ code: 'BAD_PARAM' });
  });

  it(
    'lets the thread take its messages while it unpacks, an abort among them',
    { timeout: 20_000 },
    async () => {
      const blob = blobOf(zipSync({ 'a.bmp': new Uint8Array(MAX_ENTRY_BYTES) }, { level: 1 }));
      const [flat] = await listZip(blob);
      const stop = new AbortController();
      const opening = openZipEntry(blob, flat!, stop.signal);
      setTimeout(() => stop.abort(), 20);
      await expect(opening).rejects.toMatchObject({ code: 'ABORTED' });
    },
  );

  it('stops at the signal', async () => {
    const blob = blobOf(zip);
    const [first] = await listZip(blob);
    await expect(listZip(blob, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(openZipEntry(blob, first!, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
  });

  const valueOrRefusal = async (bytes: Uint8Array): Promise<void> => {
    const result: unknown = await unzip(bytes).catch((error: unknown) => error);
    if (result instanceof Error) expect(result).toBeInstanceOf(NearFaceError);
  };

  it('gives files or a NearFaceError for any bytes', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), valueOrRefusal), { numRuns: 200 });
  });

  it('gives files or a NearFaceError for a zip with any bytes changed', async () => {
    const sound = [
      zipOf({ 'a.jpg': noise(200), 'b/c.png': [noise(20), { level: 0 }] }),
      zip64Of('a.jpg', noise(9)),
    ];
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...sound), changes, async (bytes, edits) => {
        const changed = bytes.slice();
        for (const [at, value] of edits) changed[at % changed.length] = value;
        await valueOrRefusal(changed);
      }),
      { numRuns: 1000 },
    );
  });
});

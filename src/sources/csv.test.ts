import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import { csvRows, findMeta, hasMetaHeader, readMetaTable } from './csv.ts';

const fieldsOf = (text: string): (readonly string[])[] =>
  Array.from(csvRows(text, 'csv'), (row) => row.fields);
const table = (text: string): Record<string, string> => Object.fromEntries(readMetaTable(text, 'csv'));

describe('csvRows', () => {
  it('reads quotes, commas, line breaks inside fields, and every kind of line end', () => {
    expect(fieldsOf('a,"b,""c""\r\nd"\r\n,\n"",x\r')).toEqual([
      ['a', 'b,"c"\r\nd'],
      ['', ''],
      ['', 'x'],
    ]);
    expect(fieldsOf('\ufeffa,b')).toEqual([['a', 'b']]);
    expect(fieldsOf('a,')).toEqual([['a', '']]);
    expect(fieldsOf('')).toEqual([]);
  });

  it('skips blank lines and counts them', () => {
    const lines = Array.from(csvRows('a\n\r\n"b\n\n",c\n\n""\n', 'csv'), (row) => row.line);
    expect(lines).toEqual([1, 3, 7]);
  });

  it('is the inverse of writing', () => {
    const write = (field: string, quoted: boolean): string =>
      quoted || /[",\r\n]/.test(field) || field === '' ? `"${field.replaceAll('"', '""')}"` : field;
    const text = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\r', '\n', ' ', ';') });
    const rows = fc.array(fc.array(text, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.boolean(), fc.constantFrom('\n', '\r\n', '\r'), (given, quoted, end) => {
        const csv = given.map((row) => row.map((field) => write(field, quoted)).join(',') + end).join('');
        expect(fieldsOf(csv)).toEqual(given);
      }),
    );
  });

  it.each([
    ['a\nb,"c', /csv: line 2 opens a quote that is never closed/],
    ['"a\n\nb"c', /csv: line 3 has text behind a closing quote/],
    ['a\n\nb"c"', /csv: line 3 has a quote inside a field/],
  ])('names the line of %j', (csv, message) => {
    expect(() => fieldsOf(csv)).toThrowError(message);
  });

  it('gives rows or a NearFaceError for any text, and ends', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\r', '\n', '\ufeff'), maxLength: 40 });
    fc.assert(
      fc.property(text, (csv) => {
        try {
          fieldsOf(csv);
        } catch (error) {
          expect(error).toBeInstanceOf(NearFaceError);
        }
      }),
    );
  });
});

describe('readMetaTable', () => {
  it('finds the two columns in any case and order, among others', () => {
    const expected = { 'a.jpg': 'Sam', 'b/c.jpg': 'Kim, "K"' };
    expect(table('meta,image\nSam,a.jpg\n"Kim, ""K""",b/c.jpg')).toEqual(expected);
    expect(table('\ufeffIMAGE,age, Meta \r\na.jpg,3,Sam\r\n.\\b\\c.jpg,4,"Kim, ""K"""\r\n')).toEqual(
      expected,
    );
    expect(table('meta,image')).toEqual({});
  });

  it('puts the folder before the images', () => {
    expect([...readMetaTable('image,meta\na.jpg,Sam', 'csv', 'x/').keys()]).toEqual(['x/a.jpg']);
  });

  it.each([
    ['', /line 1 must be a header/],
    ['name,image\nSam,a.jpg', /line 1 must be a header/],
    ['meta;image\nSam;a.jpg', /separated by a comma/],
    ['meta,image\nSam,a.jpg\nKim', /csv: line 3 lacks an image/],
    ['image,meta\na.jpg', /line 2 lacks a meta/],
    [`image,meta\na.jpg,${'x'.repeat(1025)}`, /line 2 has a meta of 1025 characters/],
    ['meta,image\nSam,a.jpg\nSam,./a.jpg\nKim,a.jpg', /line 4 names "a.jpg" again/],
  ])('refuses %j', (csv, message) => {
    expect(() => readMetaTable(csv, 'csv')).toThrowError(message);
    expect(() => readMetaTable(csv, 'csv')).toThrowError(NearFaceError);
  });

  it('knows its header', () => {
    expect(['Image,META', 'meta,image\n"', '"a', ''].map(hasMetaHeader)).toEqual([true, true, false, false]);
  });
});

describe('findMeta', () => {
  it('takes the longest ending of the path that a row names', () => {
    const metas = readMetaTable('meta,image\nany,a.jpg\none,x/a.jpg\nÉva,e\u0301.jpg', 'csv');
    const find = (path: string): string | undefined => findMeta(metas, path);
    expect(['w/x/a.jpg', 'y/a.jpg', 'a.jpg', 'q/\u00e9.jpg'].map(find)).toEqual(['one', 'any', 'any', 'Éva']);
    expect(['b.jpg', 'xa.jpg', ''].map(find)).toEqual([undefined, undefined, undefined]);
  });
});

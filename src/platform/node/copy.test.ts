import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SqlColumn, SqlValue } from '../../gallery/sql/driver.ts';
import { chunksOf } from './copy-in.ts';
import { CopyOut } from './copy-out.ts';

const COLUMNS: readonly SqlColumn[] = ['bigint', 'double precision', 'text', 'bytea'];

const row = fc.tuple(
  fc.option(fc.maxSafeInteger()),
  fc.option(fc.double()),
  fc.option(fc.string({ unit: 'grapheme' })),
  fc.option(fc.uint8Array({ maxLength: 2000 })),
);

function valueOf(column: SqlColumn, bytes: Uint8Array | null): SqlValue {
  if (bytes === null) return null;
  const buffer = Buffer.from(bytes);
  if (column === 'bigint') return Number(buffer.readBigInt64BE());
  if (column === 'double precision') return buffer.readDoubleBE();
  return column === 'text' ? buffer.toString('utf8') : new Uint8Array(bytes);
}

test('what is written in the binary format is read in it, wherever messages begin', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row), async (rows) => {
      const read: SqlValue[][] = [];
      const out = new CopyOut('', (fields) =>
        read.push(fields.map((field, i) => valueOf(COLUMNS[i] as SqlColumn, field))),
      );
      for (const chunk of chunksOf(COLUMNS, rows)) out.handleCopyData({ chunk });
      out.handleReadyForQuery();
      await out.done;
      expect(read).toEqual(rows);
    }),
    { numRuns: 200 },
  );
});

test('rows that fill several chunks come whole', async () => {
  const columns: readonly SqlColumn[] = ['bigint', 'text'];
  const rows = Array.from({ length: 300 }, (_, i) => [i, `${i}`.repeat(10_000)]);
  const chunks = [...chunksOf(columns, rows)];
  expect(chunks.length).toBeGreaterThan(3);
  const read: SqlValue[][] = [];
  const out = new CopyOut('', (fields) =>
    read.push(fields.map((field, i) => valueOf(columns[i] as SqlColumn, field))),
  );
  for (const chunk of chunks) out.handleCopyData({ chunk });
  expect(read).toEqual(rows);
});

test.each([
  ['another format', Buffer.from('1\ta\n')],
  ['bytes that end within a row', Buffer.concat([...chunksOf(COLUMNS, [[1, 2, 'a', null]])]).subarray(0, 30)],
])('%s fails', async (_, chunk) => {
  const out = new CopyOut('', () => undefined);
  out.handleCopyData({ chunk });
  await expect(out.done).rejects.toThrow();
});

test('what takes rows may end it', async () => {
  const out = new CopyOut('', () => {
    throw new Error('enough');
  });
  for (const chunk of chunksOf(['bigint'], [[1], [2]])) out.handleCopyData({ chunk });
  await expect(out.done).rejects.toThrow('enough');
});

import { expect, test } from 'vitest';
import { sqlFailed } from './sql-errors.ts';

const failed = (code: string, message = 'why'): Error =>
  sqlFailed('postgres://db/faces', Object.assign(new Error(message), { code }));

test.each([
  ['ECONNREFUSED', /does not answer \(why\); see that the server runs/],
  ['08006', /does not answer/],
  ['57P03', /does not answer/],
  ['28P01', /refuses the user \(why\); see user and password/],
  ['3D000', /is not there \(why\); make it/],
  ['42501', /does not allow.*allowed to make a schema/],
  ['53300', /takes no more connections/],
  ['53100', /has no room left/],
  ['25006', /takes no changes/],
  ['23505', /did not do what it was asked \(why\)/],
])('%s is told with what to do', (code, words) => {
  const error = failed(code);
  expect(error.message).toMatch(/^The database postgres:\/\/db\/faces /);
  expect(error.message).toMatch(words);
  expect(error).toMatchObject({ code: code === '53100' ? 'STORAGE_FULL' : 'STORAGE_FAILED' });
});

test('of several addresses that were tried, what each said is told', () => {
  const each = ['connect ECONNREFUSED ::1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'].map(
    (text) => new Error(text),
  );
  const all = Object.assign(new AggregateError(each), { code: 'ECONNREFUSED' });
  expect(sqlFailed('postgres://db/faces', all).message).toContain(
    '(connect ECONNREFUSED ::1:5432, connect ECONNREFUSED 127.0.0.1:5432)',
  );
});

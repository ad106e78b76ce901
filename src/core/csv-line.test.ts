import { expect, test } from 'vitest';
import { csvLine } from './csv-line.ts';

test('fields are quoted where they must be, and no field is a formula', () => {
  expect(csvLine(['a', 5, 'b,c', 'd"e', 'f\ng'])).toBe('a,5,"b,c","d""e","f\ng"\r\n');
  expect(csvLine(['=1+1', '@x', -5])).toBe("'=1+1,'@x,-5\r\n");
  expect(csvLine(['x;=1', 'x;  @y', 'a;b', 'a-b', '\t=1'])).toBe(`"x;'=1","x;'  @y","a;b",a-b,"\t'=1"\r\n`);
});

/** What `bench:confidence` prints and holds to its bars. */
import { bar, type Bar } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { LEVELS, lowerBound, upperBound, type Cell } from './cells.ts';
import { CONDITIONS } from './conditions.ts';

/** A cell with the name of its pairs. */
export type NamedCell = readonly [name: string, cell: Cell];

export function printCells(cells: readonly NamedCell[]): void {
  printNamed(cells.filter(([name]) => name.endsWith('as it is')));
  const both = CONDITIONS.map(([name]) => cells.find(([found]) => found === `${name} / ${name}`)!);
  console.log('\nboth sides alike\n');
  printNamed(both);
  const expected = cells.filter(([, { impostors }]) => impostors * 1e-3 >= 10);
  const within = expected.filter(([, cell]) => within2(cell, 1));
  const above = cells.filter(([, cell]) => tooMany(cell, 1));
  console.log(
    `\n${cells.length} cells; at medium ${within.length} of ${expected.length} with ten expected lie within a factor of 2; above the name: ${above.map(([name, cell]) => `${name} ${((100 * cell.falseMatches[1]!) / cell.impostors).toFixed(3)} %`).join('; ') || 'none'}`,
  );
}

function within2({ falseMatches, impostors }: Cell, level: number): boolean {
  const rate = falseMatches[level]! / impostors / LEVELS[level]![2];
  return rate >= 0.5 && rate <= 2;
}

/** More than twice the name where ten are expected; elsewhere, the name below the interval. */
function tooMany({ falseMatches, impostors }: Cell, level: number): boolean {
  const promised = LEVELS[level]![2];
  const count = falseMatches[level]!;
  return impostors * promised >= 10
    ? count / impostors > 2 * promised
    : lowerBound(count, impostors) > promised;
}

export function cellBars(cells: readonly NamedCell[]): Bar[] {
  const expected = cells.filter(([, { impostors }]) => impostors * 1e-3 >= 10);
  const within = expected.filter(([, cell]) => within2(cell, 1)).length;
  return [
    ...LEVELS.map(([name], level) =>
      bar(
        `cells of lfw-dev with too many false matches at ${name}`,
        cells.filter(([, cell]) => tooMany(cell, level)).length,
        { most: 0 },
      ),
    ),
    bar('cells of lfw-dev within a factor of 2 of medium, share', within / expected.length, { least: 1 }),
  ];
}

export function atMost(name: string, { falseMatches, impostors }: Cell, level: number, times: number): Bar {
  const promised = LEVELS[level]![2];
  const count = falseMatches[level]!;
  const value = count / impostors / promised;
  // Where fewer than ten are expected, the interval's lower end decides.
  return {
    name,
    value,
    bar: times,
    ok:
      impostors > 0 &&
      (impostors * promised >= 10 ? value : lowerBound(count, impostors) / promised) <= times,
  };
}

export function printNamed(cells: readonly NamedCell[]): void {
  const percent = (count: number, total: number, digits: number): string =>
    total === 0 ? '–' : ((100 * count) / total).toFixed(digits);
  printTable(
    [
      'pairs',
      'impostors',
      'low %',
      'medium %',
      '(at most)',
      'strict %',
      '(at most)',
      'genuine',
      'true at medium %',
      'at strict %',
    ],
    cells.map(([name, { impostors, genuine, falseMatches: f, trueMatches: t }]) => [
      name,
      impostors,
      percent(f[0]!, impostors, 1),
      percent(f[1]!, impostors, 3),
      (100 * upperBound(f[1]!, impostors)).toFixed(3),
      percent(f[2]!, impostors, 4),
      (100 * upperBound(f[2]!, impostors)).toFixed(4),
      genuine,
      percent(t[1]!, genuine, 1),
      percent(t[2]!, genuine, 1),
    ]),
  );
}

/** All cells together. */
export function sumOf(cells: readonly Cell[]): Cell {
  const add = (pick: (cell: Cell) => readonly number[]): number[] =>
    LEVELS.map((_, k) => cells.reduce((sum, cell) => sum + pick(cell)[k]!, 0));
  return {
    impostors: cells.reduce((sum, { impostors }) => sum + impostors, 0),
    genuine: 0,
    falseMatches: add(({ falseMatches }) => falseMatches),
    trueMatches: add(({ trueMatches }) => trueMatches),
  };
}

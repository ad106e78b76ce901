/** How a report looks: on a screen, dark or light, narrow or wide, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c1c1f; --soft: #5c5c66; --paper: #fff; --line: #d9d9e0; --bar: #0b6e63; --other: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf0; --soft: #a5a5b0; --paper: #17171a; --line: #3a3a42; --bar: #4fc3b3; --other: #e0a94a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem 3rem; background: var(--paper); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
h1 { margin: 0 0 .3rem; font-size: 1.6rem; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .1rem; font-size: 1.2rem; overflow-wrap: anywhere; }
p { margin: .2rem 0 .6rem; }
header p, .facts { color: var(--soft); }
.problem { border-left: 4px solid #b3261e; padding-left: .6rem; }
.timeline { margin: 1rem 0 1.4rem; }
.lane { display: grid; grid-template-columns: 12rem 1fr; align-items: center; border-bottom: 1px solid var(--line); min-height: 3.4rem; }
.who { display: flex; gap: .6rem; align-items: center; padding-right: .8rem; min-width: 0; overflow-wrap: anywhere; }
img, .none { flex: none; width: 48px; height: 48px; border-radius: 6px; object-fit: cover; background: var(--line); }
.bars { position: relative; height: 1.4rem; margin: 0; padding: 0; list-style: none; }
.bars li { position: absolute; top: 0; bottom: 0; border-radius: 3px; background: var(--bar); }
.unknown .bars li { background: var(--other); }
.marks { position: relative; height: 1.6rem; margin-left: 12rem; color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums; }
.marks span { position: absolute; padding-left: .25rem; border-left: 1px solid var(--line); white-space: nowrap; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: middle; overflow-wrap: anywhere; }
td:is(:nth-child(3), :nth-child(4)) { white-space: nowrap; }
thead th { color: var(--soft); font-weight: 600; font-size: .85rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 40rem) { .lane { grid-template-columns: 6.5rem 1fr; } .marks { margin-left: 6.5rem; } .lane img, .lane .none { display: none; } table { font-size: .8rem; } td img, td .none { width: 32px; height: 32px; } th, td { padding-right: .35rem; } :is(th, td):is(:nth-child(5), :nth-child(8)) { display: none; } }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --line: #bbb; --bar: #0b6e63; --other: #8a5a00; } body { max-width: none; padding: 0; font-size: 11px; } .bars li { print-color-adjust: exact; -webkit-print-color-adjust: exact; } section { break-inside: auto; } .lane, tr { break-inside: avoid; } thead { display: table-header-group; } }
`;

/** The page's style: light and dark, from a phone to a projector, without anything from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --back: #fbfbfa; --card: #fff; --ink: #1c2024; --soft: #5c6670; --line: #d9dde1;
  --tcp: #6b7280; --naive: #b45309; --guarded: #0f766e; --unix: #6d28d9; --better: #0f766e; --worse: #b91c1c; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --card: #1d2125; --ink: #e8eaed; --soft: #9aa4ae; --line: #363c43;
  --tcp: #9ca3af; --naive: #f59e0b; --guarded: #2dd4bf; --unix: #c4b5fd; --better: #2dd4bf; --worse: #f87171; } }
* { box-sizing: border-box; }
html { font: 16px/1.45 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; background: var(--back); color: var(--ink);
  -webkit-text-size-adjust: 100%; }
@media (min-width: 1600px) { html { font-size: 20px; } }
body { margin: 0 auto; padding: 1rem; max-width: 92rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0.5rem 0 0; } h2 { font-size: 1.25rem; margin: 2rem 0 0.25rem; }
h3 { font-size: 1rem; margin: 0; } h4 { font-size: 0.85rem; font-weight: 600; color: var(--soft); margin: 0.6rem 0 0.1rem; }
p { margin: 0.25rem 0 0.75rem; max-width: 60rem; } .what, .soft { color: var(--soft); font-size: 0.85rem; margin: 0; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.9em; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 0.75rem; align-items: start; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.75rem; min-width: 0; }
.short { list-style: none; margin: 0.75rem 0; padding: 0; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); align-items: stretch; }
.short b { display: block; font-size: 1.8rem; line-height: 1.2; color: var(--guarded); } .short .unseen { font-size: 1.2rem; color: var(--soft); }
.lane { display: grid; grid-template-columns: 6.2rem minmax(4rem, 1fr) 7.2rem; gap: 0.4rem; align-items: center; height: 1.5rem; }
.lane .name { font-size: 0.8rem; white-space: nowrap; } .lane .value { font-size: 0.85rem; text-align: right; white-space: nowrap; }
.lane .value small, td small { color: var(--soft); }
.track { position: relative; display: block; height: 1.5rem; } .track i { position: absolute; display: block; }
.tick, .one { top: 0; bottom: 0; width: 1px; background: var(--line); } .one { width: 2px; margin-left: -0.5px; background: var(--soft); }
.whisker { top: calc(50% - 1.5px); height: 3px; min-width: 3px; background: var(--of); opacity: 0.65; }
.box { top: calc(50% - 5px); height: 10px; min-width: 3px; background: var(--of); opacity: 0.45; }
.dot { top: calc(50% - 5px); width: 10px; height: 10px; margin-left: -5px; border-radius: 50%; background: var(--of); }
.end { top: calc(50% - 6px); height: 12px; width: 2px; background: var(--of); }
.axis { color: var(--soft); } .axis .track i { white-space: nowrap; font-style: normal; font-size: 0.75rem; transform: translateX(-50%); }
.axis .ends i { transform: none; left: 0; } .axis .ends i:last-child { left: auto; right: 0; }
.tcp { --of: var(--tcp); } .naive { --of: var(--naive); } .guarded { --of: var(--guarded); } .unix { --of: var(--unix); }
.lane .name::before { content: ""; display: inline-block; width: 0.6rem; height: 0.6rem; margin-right: 0.35rem; border-radius: 50%; background: var(--of); }
.axis .name::before { content: none; }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem; background: var(--card); border: 1px solid var(--line); }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.5rem; } thead th { border-bottom: 2px solid var(--line); }
tbody th { font-weight: 600; min-width: 11rem; } .first > * { border-top: 1px solid var(--line); } .again { visibility: hidden; }
.better b { color: var(--better); } .worse b { color: var(--worse); } .ratio { color: var(--soft); } .failed, .errors { color: var(--worse); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem 1rem; margin: 0.5rem 0; font-size: 0.9rem; }
dt { color: var(--soft); } dd { margin: 0; }
@media (max-width: 760px) { body { padding: 0.75rem; } .minor { visibility: hidden; } dl { grid-template-columns: minmax(0, 1fr); } dt { margin-top: 0.4rem; }
  table, tbody, tr, td, tbody th { display: block; } thead { display: none; } .again, td.none { display: none; }
  td[data-label] { display: grid; grid-template-columns: 5.6rem minmax(0, 1fr); padding-left: 0.75rem; } td[data-label]::before { content: attr(data-label); color: var(--soft); }
  td.metric { font-weight: 600; color: var(--soft); padding-bottom: 0; } }
`;

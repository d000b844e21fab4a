"""The style sheet: one for paper and screen, light and dark, wide and narrow."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--paper:#fcfcfa;--card:#fff;--ink:#1b1f24;--soft:#5f6670;--faint:#8b919a;
--line:#e4e4de;--accent:#3555c8;--tint:#dfe5fa;--second:#b3690a;--bad:#b4372b;--bar:#5673dc;--on:#fff}
@media(prefers-color-scheme:dark){:root{--paper:#131519;--card:#1a1d22;--ink:#e8eaed;--soft:#a3a9b2;
--faint:#7c838d;--line:#2b3037;--accent:#93aaff;--tint:#26325c;--second:#e6a95a;--bad:#ff8f80;--bar:#6f8af0;
--on:#0d1017}}
@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#1b1f24;--soft:#5f6670;--faint:#8b919a;
--line:#ddd;--accent:#3555c8;--tint:#dfe5fa;--second:#b3690a;--bad:#b4372b;--bar:#5673dc;--on:#fff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
-webkit-text-size-adjust:100%;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:68rem;margin:0 auto;padding:3.5rem 1.5rem 5rem}
h1{font-size:clamp(1.7rem,1.1rem + 2.6vw,2.7rem);line-height:1.15;letter-spacing:-.022em;font-weight:680;
margin:.35rem 0 .9rem;max-width:22em;text-wrap:balance}
h2{font-size:1.28rem;line-height:1.3;letter-spacing:-.01em;font-weight:640;margin:0 0 .3rem;
text-wrap:balance}
h3{font-size:1rem;font-weight:640;margin:0;overflow-wrap:anywhere}
p{margin:.2rem 0;max-width:44em}
.eyebrow,.lede{color:var(--soft)}
.eyebrow{font-size:.82rem;letter-spacing:.02em;margin:0}
.soft,figcaption,.note{color:var(--soft);font-size:.9rem}
section{margin-top:3.6rem;break-inside:avoid}
section.long{break-inside:auto}
figure{margin:1.1rem 0 0}figcaption{margin-top:.4rem;max-width:46em}
.several{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(19rem,100%),1fr));gap:0 1.6rem}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:1.5rem 2.2rem;margin-top:2.4rem;
border-top:1px solid var(--line);padding-top:1.5rem}
.tile b{display:block;font-size:clamp(2rem,1.5rem + 1.8vw,2.9rem);line-height:1.05;font-weight:660;
letter-spacing:-.03em;font-variant-numeric:tabular-nums}
.tile b small{font-size:.5em;font-weight:600;letter-spacing:0;color:var(--soft);margin-left:.12em}
.tile span{display:block;margin-top:.45rem;line-height:1.35}
.tile i{display:block;font-style:normal;color:var(--soft);font-size:.85rem;line-height:1.4;margin-top:.2rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg.narrow{display:none}
svg text{font-size:12px;fill:var(--soft);font-variant-numeric:tabular-nums}
svg text.strong{fill:var(--ink);font-weight:600}
svg text.accent{fill:var(--accent);font-weight:600}
svg text.second{fill:var(--second);font-weight:600}
.grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--faint);stroke-width:1}
.bar{fill:var(--bar)}.bar:hover{fill:var(--accent)}
.base{stroke:var(--faint);stroke-width:1.2;stroke-dasharray:4 3}
.mark{stroke:var(--ink);stroke-width:1;opacity:.45}
.curve{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
.curve.second{stroke:var(--second)}
.band{fill:var(--accent);opacity:.14}
.whisker{stroke:var(--accent);stroke-width:2;opacity:.5;stroke-linecap:round}
.dot{fill:var(--accent)}
table{border-collapse:collapse;width:100%;margin-top:1rem;font-variant-numeric:tabular-nums;
font-size:.93rem}
th{font-weight:500;color:var(--soft);font-size:.82rem;text-align:right;padding:.3rem .6rem;
vertical-align:bottom}
td{padding:.5rem .6rem;text-align:right;border-top:1px solid var(--line);vertical-align:middle;
white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}th:last-child,td:last-child{padding-right:0}
td.name{font-weight:600;white-space:normal;overflow-wrap:anywhere}
td.words,th.words{text-align:left;white-space:normal}
table.list td.name{min-width:8rem}td.plot{width:36%;min-width:13rem;padding-top:.2rem;padding-bottom:.2rem}
td small{color:var(--soft);font-size:.82rem}
tr.total td{border-top:1px solid var(--faint)}
.steps{display:grid;gap:.75rem;margin-top:1.2rem}
.step{display:grid;grid-template-columns:13.5rem 1fr 11rem;gap:0 1.2rem;align-items:center}
.step .track{height:2.1rem;border-radius:3px;
background:linear-gradient(var(--line),var(--line)) left bottom/100% 1px no-repeat}
.step .fill{height:100%;border-radius:3px;background:var(--bar);min-width:2px}
.steps+p{margin-top:.9rem}.step .soft{display:block;line-height:1.25;font-size:.85rem}.step .told .soft{
display:inline;margin-left:.3rem}
.step .told{font-variant-numeric:tabular-nums}.step .told b{font-weight:640}
.key{display:none}.heat{width:auto}
.heat td{border:2px solid var(--paper);padding:0;width:3.1rem;height:2.3rem;min-width:2.2rem;
text-align:center;
font-size:.84rem;border-radius:5px}
.heat th{text-align:center;padding:.2rem;min-width:2.2rem}
.heat th.row{text-align:left;vertical-align:middle;padding-right:1rem;color:var(--ink);
font-size:.9rem;white-space:nowrap}
.heat .own{color:var(--soft)}.heat .deep{color:var(--on)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(19.5rem,100%),1fr));gap:1.1rem;
margin-top:1.2rem}
.rule{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.15rem 1.25rem 1.2rem;
break-inside:avoid;display:flex;flex-direction:column}
.rule header{display:flex;gap:.5rem;align-items:baseline;flex-wrap:wrap}
.tag{font-size:.75rem;color:var(--soft);border:1px solid var(--line);border-radius:99px;padding:0 .5rem;
white-space:nowrap}
.rule .title{margin:.35rem 0 .5rem;line-height:1.4}
.asks{list-style:none;margin:0 0 .9rem;padding:0;font-size:.875rem;line-height:1.45;color:var(--soft)}
.asks li{padding-left:1rem;position:relative;margin:.12rem 0}
.asks li::before{content:"";position:absolute;left:.1rem;top:.62em;width:.3rem;height:.3rem;
border-radius:50%;
background:var(--faint);opacity:.7}
.asks .d1{margin-left:1rem}.asks .d2{margin-left:2rem}.asks .d3{margin-left:3rem}
dl{display:grid;grid-template-columns:repeat(3,auto);gap:.55rem 1rem;margin:auto 0 0;
font-variant-numeric:tabular-nums}
dt{font-size:.76rem;color:var(--soft);line-height:1.3}dd{margin:0;font-weight:620;line-height:1.3}
.rule svg{margin-top:.9rem;height:2.4rem}
.months{font-size:.8rem;margin:.4rem 0 0}.months td.name{white-space:nowrap}
.months td,.months th{padding:.2rem .3rem}.months th{font-size:.74rem}
details{margin-top:.8rem;font-size:.875rem;color:var(--soft)}summary{cursor:pointer;color:var(--accent)}
details ul{margin:.4rem 0 0;padding-left:1.1rem}details li{margin:.25rem 0;overflow-wrap:anywhere}
.method{columns:2;column-gap:3rem;margin-top:.8rem;font-size:.9rem;color:var(--soft);padding-left:1.1rem}
.method li{break-inside:avoid;margin-bottom:.6rem}.method b{color:var(--ink);font-weight:600}
footer{margin-top:4rem;border-top:1px solid var(--line);padding-top:1rem;color:var(--faint);
font-size:.82rem}
@media(max-width:760px){
main{padding:2rem 1.1rem 3rem}section{margin-top:2.8rem}
svg.wide{display:none}svg.narrow{display:block}
.tiles{grid-template-columns:1fr 1fr;gap:1.5rem 1.2rem}
.step{grid-template-columns:1fr auto;row-gap:.2rem}.step .track{grid-column:1/-1;grid-row:2;height:1.4rem}
.method{columns:1}
table.rules thead{display:none}table.rules tr{display:grid;grid-template-columns:repeat(5,auto);
justify-content:space-between;gap:.1rem .5rem;
padding:.8rem 0;border-top:1px solid var(--line)}
table.rules td{border:0;padding:0;text-align:left;white-space:normal}
table.rules td.name,table.rules td.plot{grid-column:1/-1;width:auto}
table.rules td[data-is]::before{content:attr(data-is);display:block;font-size:.76rem;color:var(--soft)}
table.list td.name{min-width:0}
.rule{padding:1rem .9rem}.months td,.months th{padding:.2rem .1rem}
table.list thead{display:none}table.list tr{display:block;padding:.6rem 0;border-top:1px solid var(--line)}
table.list td{display:inline;border:0;padding:0 .5rem 0 0;text-align:left;white-space:normal}
table.list td.words{display:block}
.key{display:block;columns:2;font-size:.82rem;color:var(--soft);padding-left:1.4rem;margin:.8rem 0 0}
.key li{overflow-wrap:anywhere}.heat th.row span{display:none}
.heat{width:100%;table-layout:fixed}.heat td,.heat th{width:auto;min-width:0;font-size:.66rem;padding:0}
.heat td{border-width:1px;height:1.7rem}.heat th.row{padding:0;font-size:.7rem}
}
@media print{main{padding:0;max-width:none}body{font-size:11pt}section{margin-top:1.6rem}details>*{
display:block}}
"""

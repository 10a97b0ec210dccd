/** The report's style sheet: no font, no picture from elsewhere; light, dark and paper. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f5f6f8;--paper:#fff;--ink:#18212d;--quiet:#52606f;--line:#d9dee5;--soft:#f0f2f5;--link:#0a58a8;
--good:#14683a;--good-soft:#e5f3eb;--bad:#a11218;--bad-soft:#fbe9e9;--doubt:#774800;--doubt-soft:#fcf1da;--none:#475363;--none-soft:#eceff3;
--field:#eef5ee;--field-line:#8fb596;--office:#f5f0e6;--office-line:#c3ae83;--cloud:#f2f6fb;--cloud-line:#9db6d3;--zone:#fff;--mark:#ffe9a8}
@media (prefers-color-scheme:dark){:root{--page:#11161d;--paper:#181f28;--ink:#e6eaf0;--quiet:#a3aebb;--line:#313b47;--soft:#212a35;--link:#7db7f5;
--good:#7fd6a2;--good-soft:#15301f;--bad:#ff9d9d;--bad-soft:#421a1c;--doubt:#f0c274;--doubt-soft:#3a2b10;--none:#b4bfcb;--none-soft:#28313c;
--field:#18261d;--field-line:#4d7557;--office:#2a2519;--office-line:#7d6c47;--cloud:#172331;--cloud-line:#476585;--zone:#1b2530;--mark:#5b4a13}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
code,.port{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
code{font-size:.86em;overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem 1rem;z-index:1}
header,main,footer{max-width:1180px;margin:0 auto;padding:0 1.5rem}
header{padding-top:2.5rem}
.kicker{margin:0;color:var(--quiet);font-size:.8rem;letter-spacing:.08em;text-transform:uppercase}
h1{font-size:2.1rem;line-height:1.2;margin:.15rem 0 1rem;letter-spacing:-.015em}
h2{font-size:1.35rem;margin:0 0 .6rem;letter-spacing:-.01em}h3{font-size:1.08rem;margin:0}h4{font-size:1rem;font-weight:600;margin:0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.6rem 1.5rem;margin:0 0 1.5rem;padding:0}
.facts div{min-width:0}.facts dt{color:var(--quiet);font-size:.8rem}.facts dd{margin:0;overflow-wrap:anywhere}
.verdict{border:1px solid var(--line);border-left:6px solid var(--none);border-radius:8px;background:var(--paper);padding:1rem 1.25rem;margin:0 0 1.25rem}
.verdict p{margin:0}.verdict .headline{font-size:1.2rem;font-weight:650}.verdict.proven{border-left-color:var(--good)}.verdict.violated{border-left-color:var(--bad)}.verdict.unproven{border-left-color:var(--doubt)}
.state+a,.labels a{display:inline-block;min-height:24px}nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;margin:0 0 1.5rem}
main>section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:1.5rem;margin:0 0 1.5rem}
.lead{color:var(--quiet);margin:0 0 1rem;max-width:52rem}
.cards{list-style:none;margin:0 0 1.5rem;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:.75rem}
.card{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem}
.card a{display:block;color:inherit;text-decoration:none;font-weight:600;margin-bottom:.35rem}.card a:hover .card-title{text-decoration:underline}
.card-id,.promise-id{color:var(--quiet);font-weight:600;margin-right:.25rem}.card-line{color:var(--quiet);font-size:.85rem;margin-left:.35rem}
.state{display:inline-block;white-space:nowrap;font-size:.74rem;font-weight:700;letter-spacing:.04em;line-height:1.5;padding:.05rem .5rem;border-radius:4px;color:var(--none);background:var(--none-soft)}
.state.proven{color:var(--good);background:var(--good-soft)}.state.proven-in-part{color:var(--good)}.state.violated{color:var(--bad);background:var(--bad-soft)}.state.unproven{color:var(--doubt);background:var(--doubt-soft)}
.promise{border-top:1px solid var(--line);padding:1.1rem 0 .6rem}
.promise-head,.check-head{display:flex;gap:.75rem;align-items:baseline;flex-wrap:wrap}.check-head h4{flex:1;min-width:16rem}
.promise-text{margin:.2rem 0 .6rem}.beyond{color:var(--quiet);font-size:.87rem;margin:.6rem 0 0}
.check{margin:.75rem 0;padding:.75rem 1rem;background:var(--soft);border-radius:8px}
.check p{margin:.25rem 0 0}.why,.labels,.quiet,.witness{color:var(--quiet)}.why{font-size:.92rem}
.labels{font-size:.8rem}.labels span,.labels code{margin-right:.5rem}
.nothing{background:var(--none-soft);color:var(--none);border-radius:6px;padding:.6rem .9rem;margin:.4rem 0}
.counterexamples{padding-left:1.4rem;margin:.5rem 0}.counterexamples>li{margin-bottom:.6rem}.attack{font-weight:600}.reaches{font-weight:400;color:var(--bad)}
summary{cursor:pointer;color:var(--link);padding:.2rem 0}.hops,.reasons{margin:.3rem 0;padding-left:1.5rem;font-size:.92rem}.hops li,.reasons li{margin:.15rem 0;overflow-wrap:anywhere}.hops code,.reasons code{font-weight:600}
.scroll{overflow-x:auto;margin:0 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}table.narrow{width:auto;min-width:24rem}
caption{text-align:left;font-weight:600;padding:.4rem 0}
th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line)}thead th{color:var(--quiet);font-weight:600;font-size:.82rem;white-space:nowrap}tbody th{font-weight:600}
.number{text-align:right;font-variant-numeric:tabular-nums}th.number,td.number{padding-right:1.5rem}.ids{font-size:.85em}.ids a{display:inline-block;padding:.2rem 0;min-height:24px}
ul.plain{list-style:none;margin:0;padding:0}.figure{font-size:1.25rem;color:var(--ink)}
.undeclared-row td{color:var(--bad)}
form{display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:end;margin:.5rem 0}
label{display:grid;gap:.2rem;font-size:.82rem;color:var(--quiet)}label.wide{flex:1;min-width:18rem}
input,select,button{font:inherit;font-size:.95rem;color:var(--ink);background:var(--paper);border:1px solid var(--quiet);border-radius:6px;padding:.35rem .6rem;min-height:2.5rem}select{max-width:20rem}
::placeholder{color:var(--quiet);opacity:1}button{cursor:pointer}button:disabled{color:var(--quiet);border-color:var(--line);cursor:default}
.fault{color:var(--bad);flex-basis:100%;margin:0}.fault:empty{display:none}
.pager{display:flex;gap:.5rem;align-items:center;margin:.25rem 0}.pager p{margin:0;flex:1;color:var(--quiet)}
.identities{min-width:60rem;table-layout:fixed}.identities th:nth-child(1){width:15%}.identities th:nth-child(2){width:7.5%}.identities th:nth-child(3){width:16%}.identities th:nth-child(4){width:33%}.identities li{margin-bottom:.15rem;line-height:1.35}.witness{display:block;font-size:.84em}mark{background:var(--mark);color:inherit;border-radius:3px;padding:0 .15rem}
.paper{display:none}
footer{color:var(--quiet);font-size:.85rem;padding-bottom:3rem}
svg{display:block;width:100%;min-width:900px;height:auto}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink)}
.zone{fill:var(--zone);stroke:var(--line);stroke-width:1.2}.zone.field{fill:var(--field);stroke:var(--field-line)}.zone.enterprise{fill:var(--office);stroke:var(--office-line)}
.zone.vpc{fill:var(--cloud);stroke:var(--cloud-line)}.zone.front,.zone.inner{fill:var(--zone);stroke:var(--cloud-line);stroke-dasharray:5 4}
svg .zone-title{font-size:13px;font-weight:650}svg .zone-note,svg .group-count,svg .chip-names,svg .component-line{fill:var(--quiet);font-size:11px}
svg .group-title{font-weight:600}.chip,.component{fill:var(--paper);stroke:var(--line)}.component{stroke:var(--quiet)}svg .component-title{font-weight:650;font-size:13px}
svg .chip-count{fill:var(--quiet);font-variant-numeric:tabular-nums}.between{fill:var(--none-soft);stroke:var(--line)}svg .between-label{font-size:13px;font-weight:600;fill:var(--none);letter-spacing:.04em}
.arrow path{fill:none;stroke:var(--quiet);stroke-width:1.6}.arrow.undeclared path{stroke:var(--bad);stroke-dasharray:6 4}.tip path{fill:var(--quiet)}.tip.undeclared path{fill:var(--bad)}
svg .port{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:11.5px;font-weight:600;paint-order:stroke;stroke:var(--cloud);stroke-width:4px;stroke-linejoin:round}
svg .undeclared .port{fill:var(--bad)}
@media (max-width:640px){header,main,footer{padding-left:.9rem;padding-right:.9rem}main>section{padding:1rem}.cards{grid-template-columns:1fr}}
@media print{:root{color-scheme:light;--page:#fff;--paper:#fff;--ink:#000;--quiet:#444;--line:#c4c9d0;--soft:#f6f7f8;--link:#000;--good:#14683a;--good-soft:#e5f3eb;--bad:#a11218;--bad-soft:#fbe9e9;--doubt:#774800;--doubt-soft:#fcf1da;--none:#475363;--none-soft:#eceff3;
--field:#eef5ee;--field-line:#8fb596;--office:#f5f0e6;--office-line:#c3ae83;--cloud:#f2f6fb;--cloud-line:#9db6d3;--zone:#fff;--mark:#ffe9a8}
thead th{white-space:normal}table{font-size:8.5pt}th,td{padding-right:.5rem}
@page{margin:16mm 14mm}
body{font-size:10pt}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
header,main,footer{max-width:none;padding:0}header{padding-top:0}nav,.skip,.browser{display:none}.paper{display:block;color:var(--quiet)}
main>section{border:0;padding:0;margin:0 0 8mm}.scroll{overflow:visible}svg{min-width:0}
h2,h3,h4,caption,.promise-head,.check-head{break-after:avoid}.card,.check,tr,.verdict,.drawing{break-inside:avoid}.check:has(.counterexamples){break-inside:auto}
a{text-decoration:none}.ids a{min-height:0;padding:0}}
`.trim();

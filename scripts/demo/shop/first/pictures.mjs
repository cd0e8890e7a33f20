// Drawings of the goods, 200 by 160 units. Classes name fills (`w` paper, `y` brass, `r` red, `b` blue, `k` ink, `n` none); `film` moves.
import { trusted } from "./markup.mjs";

const DRAWINGS = {
  lantern: `<path class="n" d="M76 44c0-30 48-30 48 0"/><path class="y" d="M86 38h28l8 14H78z"/><path class="w" d="M80 52h40l8 46H72z"/>
    <path class="n" d="M90 54l-6 42M110 54l6 42"/><path class="r film flame" d="M100 62c9 12 10 20 0 31-10-11-9-19 0-31z"/>
    <path class="y" d="M70 98h60l5 10-4 24H69l-4-24z"/><path class="n" d="M66 109h68"/>`,
  compass: `<circle class="y" cx="100" cy="82" r="56"/><circle class="w" cx="100" cy="82" r="45"/><path class="y" d="M92 26v-10h16v10z"/>
    <circle class="n tick" cx="100" cy="82" r="38" pathLength="360"/><g class="film needle"><path class="r" d="M100 48l8 34H92z"/>
    <path class="w" d="M100 116l-8-34h16z"/></g><circle class="k" cx="100" cy="82" r="3"/>`,
  sail: `<path class="n" d="M104 14v118"/><path class="w" d="M99 20v98H40c28-26 48-58 59-98z"/><path class="n" d="M84 58l15 4M68 84l31 6M52 106l47 6"/>
    <path class="r" d="M110 36c24 24 38 50 46 82h-46z"/><path class="b" d="M34 126h132l-20 20H56z"/>`,
  bell: `<path class="n" d="M100 16v14M88 30h24"/><g class="film swing"><path class="y" d="M100 32c24 0 32 20 34 46 2 20 9 30 18 38H48c9-8 16-18 18-38 2-26 10-46 34-46z"/>
    <path class="n" d="M58 104h84M72 62h56"/><circle class="y" cx="100" cy="126" r="9"/></g>`,
  rope: `<path class="thick" d="M150 104c22 14 8 32-18 32H92"/><path class="thin" d="M150 104c22 14 8 32-18 32H92"/><ellipse class="y" cx="98" cy="78" rx="62" ry="48"/>
    <ellipse class="n twist" cx="98" cy="78" rx="55" ry="41"/><ellipse class="n" cx="98" cy="78" rx="48" ry="34"/><ellipse class="n twist" cx="98" cy="78" rx="41" ry="27"/>
    <ellipse class="hole" cx="98" cy="78" rx="34" ry="20"/>`,
  mug: `<path class="n" d="M132 64h10c24 0 24 42 0 42h-11"/><path class="n" d="M133 72h8c13 0 13 26 0 26h-8"/><path class="w" d="M58 46h76v68c0 11-8 18-19 18H77c-11 0-19-7-19-18z"/>
    <path class="b" d="M54 38h84v10H54z"/><circle class="k" cx="78" cy="74" r="1"/><circle class="k" cx="104" cy="84" r="1"/><circle class="k" cx="86" cy="108" r="1"/>
    <circle class="k" cx="118" cy="66" r="1"/><circle class="k" cx="112" cy="114" r="1"/><circle class="k" cx="70" cy="96" r="1"/>`,
  jacket: `<path class="b" d="M82 34c0-22 36-22 36 0z"/><path class="y" d="M82 30l18 12 18-12 27 13 15 68-19 5-11-46v68H70V70l-11 46-19-5 15-68z"/>
    <path class="n" d="M100 42v96M82 30c3 14 9 22 18 28 9-6 15-14 18-28M44 102l19 5M156 102l-19 5M78 106h14v18H78zM108 106h14v18h-14z"/><circle class="k" cx="105" cy="78" r="1.6"/><circle class="k" cx="105" cy="96" r="1.6"/>`,
  anchor: `<circle class="w" cx="100" cy="28" r="10"/><path class="w" d="M95 38h10v92H95z"/><path class="w" d="M70 50h60v9H70z"/>
    <path class="w" d="M44 92l10-18 14 16-9 1c3 20 18 32 41 34 23-2 38-14 41-34l-9-1 14-16 10 18-8-1c-4 29-24 46-48 46s-44-17-48-46z"/>`,
  binoculars: `<path class="b" d="M60 42h26l8 22v44H42V80z"/><path class="b" d="M140 42h-26l-8 22v44h52V80z"/><path class="y" d="M92 58h16v28H92z"/>
    <path class="k" d="M58 30h30v12H58zM112 30h30v12h-30z"/><path class="w" d="M38 108h58v18H38zM104 108h58v18h-58z"/><path class="n" d="M42 82h52M106 82h52"/>`,
  shackle: `<path class="heavy" d="M70 116V78a30 30 0 0 1 60 0v38"/><path class="brass" d="M70 116V78a30 30 0 0 1 60 0v38"/>
    <path class="y" d="M46 106h108v18H46z"/><circle class="y" cx="160" cy="115" r="14"/><circle class="hole" cx="160" cy="115" r="5"/><path class="n" d="M54 106v18M62 106v18"/>`,
  blanket: `<path class="w" d="M46 96h108c10 0 10 34 0 34H46c-12 0-12-34 0-34z"/><path class="b" d="M46 66h108c10 0 10 30 0 30H46c-12 0-12-30 0-30z"/>
    <path class="w" d="M52 36h98c12 0 12 30 0 30H52c-12 0-12-30 0-30z"/><path class="r" d="M118 36h14v30h-14zM118 96h14v34h-14z"/><path class="n" d="M106 36v30M106 96v34M60 81h94"/>`,
  dividers: `<path class="w" d="M92 46l12 4-24 92-6-2zM108 46l-12 4 30 92 4-2z"/><circle class="y" cx="100" cy="36" r="16"/><circle class="w" cx="100" cy="36" r="5"/>
    <path class="y" d="M84 80l5-20 14 4-6 20zM116 80l-5-20-13 4 7 20z"/><path class="n tick" pathLength="360" d="M40 134c36 14 84 14 120 0"/>`,
};

/** The drawing of a product; decoration, for its name stands beside it. */
export const picture = (id) =>
  trusted(`<svg class="picture" viewBox="0 0 200 160" aria-hidden="true">${DRAWINGS[id]}</svg>`);

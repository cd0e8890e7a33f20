// The shelves of the front page: which, in what order, how many columns, and what stands first, as the flags say.
import { popular, recent } from "./catalogue.mjs";
import { define } from "./elements.mjs";
import { read } from "./flags.mjs";
import { layout } from "./layout.mjs";
import { html } from "./markup.mjs";
import { picture } from "./pictures.mjs";
import { price } from "./prices.mjs";

const ROWS = { grid: { fresh: 1, popular: 2 }, list: { fresh: 3, popular: 4 } };

const LOG = [
  ["Monday", "Wind south-west three. Left at ten, reefed at noon, laughed about it at four."],
  ["Wednesday", "Anchored behind the island. The lantern burned until someone remembered it."],
  ["Friday", "Fog. Rang the bell every two minutes, and once for breakfast."],
  ["Sunday", "Home on the last of the flood, with less rope and more knots than before."],
];

const card = (one) => html`
  <li class="card">
    <div class="ground ${one.ground}">${picture(one.id)}</div>
    <div class="what"><h3>${one.name}</h3><p>${one.line}</p></div>
    <p class="cost">${price(one.cents)}</p>
    <button class="add" data-add="${one.id}" data-focus="add-${one.id}">Add<span class="unseen"> ${one.name} to the basket</span></button>
  </li>`;

const shelf = (id, title, goods) => html`
  <section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2><ul class="shelf">${goods.map(card)}</ul></section>`;

const story = () => html`
  <section id="story" class="story" aria-labelledby="story-title">
    <h2 id="story-title">From the log</h2>
    <dl>${LOG.map(([day, entry]) => html`<div><dt>${day}</dt><dd>${entry}</dd></div>`)}</dl>
  </section>`;

function sections() {
  const { columns, sections: wanted } = layout();
  const rows = columns === 1 ? ROWS.list : ROWS.grid;
  const fresh = recent(rows.fresh * columns);
  const shown = {
    new: () => shelf("new", "New in the shop", fresh),
    popular: () =>
      shelf("popular", "What others buy", popular(rows.popular * columns, read("recommendation-weight"), fresh)),
    story,
  };
  return html`${wanted.map((name) => shown[name]())}`;
}

define("shop-shelves", sections);

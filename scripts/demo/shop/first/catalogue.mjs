// What the shop sells. Prices are cents and include tax; `popular` and `recent` are between 0 and 1.
// biome-ignore format: a product on each line
export const PRODUCTS = [
  { id: "lantern", name: "Storm lantern", line: "Brass. Burns nine hours on one filling.", cents: 6400, popular: 0.92, recent: 0.95, ground: "sand" },
  { id: "compass", name: "Hand-bearing compass", line: "Reads to one degree, also at night.", cents: 8900, popular: 0.71, recent: 0.9, ground: "sea" },
  { id: "sail", name: "Dinghy sail", line: "Eight square metres, cut flat.", cents: 9900, popular: 0.83, recent: 0.97, ground: "sky" },
  { id: "bell", name: "Ship’s bell", line: "Cast, turned and tuned to G.", cents: 11800, popular: 0.55, recent: 0.86, ground: "sky" },
  { id: "rope", name: "Three-strand rope", line: "Hemp, 14 mm, twenty metres.", cents: 3800, popular: 0.97, recent: 0.2, ground: "sea" },
  { id: "mug", name: "Enamel mug", line: "Holds a third of a litre, and warmth.", cents: 1400, popular: 0.94, recent: 0.35, ground: "sand" },
  { id: "jacket", name: "Oilskin jacket", line: "Cotton, waxed twice, five pockets.", cents: 17900, popular: 0.88, recent: 0.42, ground: "sky" },
  { id: "anchor", name: "Folding anchor", line: "Four kilograms, for boats to five metres.", cents: 7200, popular: 0.62, recent: 0.64, ground: "sea" },
  { id: "binoculars", name: "Binoculars 7×50", line: "Filled with nitrogen, so they never fog.", cents: 24500, popular: 0.68, recent: 0.3, ground: "sand" },
  { id: "shackle", name: "Bow shackle", line: "Bronze, 10 mm, two tonnes.", cents: 2200, popular: 0.76, recent: 0.12, ground: "sky" },
  { id: "blanket", name: "Wool blanket", line: "From two islands, woven on a third.", cents: 8600, popular: 0.79, recent: 0.58, ground: "sand" },
  { id: "dividers", name: "Chart dividers", line: "Brass and steel, opened with one hand.", cents: 3100, popular: 0.48, recent: 0.5, ground: "sea" },
];

const byId = new Map(PRODUCTS.map((product) => [product.id, product]));

/** The product with this id, or nothing. */
export const product = (id) => byId.get(id);

/** The products that came last, newest first. */
export const recent = (count) => [...PRODUCTS].sort((one, other) => other.recent - one.recent).slice(0, count);

/** The others, best first: `weight` (0 to 1) is what popularity counts against novelty. */
export function popular(count, weight, without) {
  const score = ({ popular, recent }) => weight * popular + (1 - weight) * recent;
  const others = PRODUCTS.filter((one) => !without.includes(one));
  return others.sort((one, other) => score(other) - score(one)).slice(0, count);
}

// @ts-check
import { h } from '../dom.js';
import { bytes } from '../format.js';
import { nameOf } from './images.js';
/** @import { Image } from '../words.d.ts' */

/**
 * The layers that weigh something, largest share as a bar.
 * @param {Image} image
 * @param {boolean} named whether its name is said
 */
export function layerList(image, named) {
  const layers = (image.layers ?? []).filter((layer) => layer.bytes > 0);
  if (layers.length === 0) return undefined;
  const largest = Math.max(...layers.map((layer) => layer.bytes));
  const rows = layers.map((layer) =>
    h(
      'li',
      { title: layer.instruction },
      h('code', {}, layer.instruction),
      h('span', { class: 'took' }, bytes(layer.bytes)),
      h('meter', { min: 0, max: largest, value: layer.bytes, 'aria-label': 'Share of the largest layer' }),
    ),
  );
  return h(
    'details',
    { class: 'layers' },
    h('summary', {}, h('h2', {}, `Layers${named ? ` of ${nameOf(image)}` : ''} (${layers.length})`)),
    h('ol', {}, ...rows),
  );
}

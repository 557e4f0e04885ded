// @ts-check
import { copyButton } from '../copy.js';
import { h } from '../dom.js';
import { bytes, short } from '../format.js';
import { fact, factList } from './facts.js';
/** @import { Image, Job } from '../words.d.ts' */

/** What a job made, in the order of its Bobfile. @param {Job} job */
export const imagesOf = (job) => job.images ?? (job.image ? [job.image] : []);

/** What people call it: its name, else what it is tagged with. @param {Image} image */
export const nameOf = (image) => image.name ?? image.tags?.[0] ?? short(image.id);

/** Several images, each by its name. @param {Image[]} images */
export function imageList(images) {
  const rows = images.map((image) =>
    h('li', {}, h('h3', {}, nameOf(image)), factList(imageFacts(image, `image id of ${nameOf(image)}`))),
  );
  return h('section', { class: 'images' }, h('h2', { class: 'off-screen' }, 'Images'), h('ol', {}, ...rows));
}

/**
 * @param {Image} image
 * @param {string} [idWord] what a screen reader calls its id
 */
export function imageFacts(image, idWord = 'image id') {
  const tags = (image.tags ?? []).map((tag) =>
    h('span', { class: 'tag' }, h('code', {}, tag), copyButton(tag, `tag ${tag}`)),
  );
  return [
    fact('Image', h('code', { title: image.id }, short(image.id)), copyButton(image.id, idWord)),
    fact(
      'Size',
      bytes(image.bytes),
      image.difference?.bytes ? h('span', { class: 'dim' }, ` ${signed(image.difference.bytes)}`) : undefined,
      image.platform ? h('span', { class: 'dim' }, ` ${image.platform}`) : undefined,
    ),
    image.base && fact('Base', h('code', { title: image.base.digest ?? '' }, image.base.name)),
    tags.length > 0 && fact('Tags', ...tags),
    ...(image.pushed ?? []).map(pushedFact),
  ];
}

/** @param {number} count bytes more, or less, than before */
const signed = (count) => `${count < 0 ? '−' : '+'}${bytes(Math.abs(count))}`;

/** @param {{ repository: string, digest: string }} place */
function pushedFact({ repository, digest }) {
  const name = `${repository}@${digest}`;
  return fact(
    'Pushed',
    h('code', { title: name }, `${repository}@${short(digest)}`),
    copyButton(name, `name ${name}`),
  );
}

// @ts-check
import { h } from '../dom.js';
/** @import { Child } from '../dom.js' */

/** @param {string} name @param {...Child} values */
export const fact = (name, ...values) => h('div', {}, h('dt', {}, name), h('dd', {}, ...values));

/** Facts in a row; what is not known is left out. @param {Child[]} facts */
export const factList = (facts) => h('dl', { class: 'facts' }, ...facts.filter((item) => item !== ''));

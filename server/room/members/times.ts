/** Between two signs of life, in milliseconds. */
export const beatMs = 2000;
/** Who was silent for so long is lost: three signs of life are missing. */
export const lostMs = 3 * beatMs;
/** Who was lost for so long is forgotten, in milliseconds. */
export const forgetMs = 3_600_000;

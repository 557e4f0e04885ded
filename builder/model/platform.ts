const shape = /^[a-z0-9]{1,20}\/[a-z0-9_]{1,20}(?:\/[a-z0-9._]{1,20})?$/;

/** Whether a text is `os/arch` or `os/arch/variant`. */
export function isPlatform(text: string): boolean {
  return shape.test(text);
}

const shape = /^[a-z0-9]{1,20}\/[a-z0-9_]{1,20}(?:\/[a-z0-9._]{1,20})?$/;

const otherNames: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
/** What an architecture without a variant is. */
const usualVariant: Readonly<Record<string, string>> = { arm64: 'v8' };

/** Whether a text is `os/arch` or `os/arch/variant`. */
export function isPlatform(text: string): boolean {
  return shape.test(text);
}

/** Whether what is offered is the wanted platform. Where one of the two says no variant, it is not looked at. */
export function isSamePlatform(offered: string, wanted: string): boolean {
  const [a, b] = [partsOf(offered), partsOf(wanted)];
  if (a.os !== b.os || a.arch !== b.arch) return false;
  return a.variant === b.variant || a.variant === undefined || b.variant === undefined;
}

/** The tag of an image of one platform, beside the tag of the list that names it. */
export function platformTag(tag: string, platform: string): string {
  return `${tag}-${platform.replaceAll('/', '-')}`;
}

function partsOf(platform: string): { os: string; arch: string; variant: string | undefined } {
  const [os = '', name = '', said] = platform.trim().toLowerCase().split('/');
  const arch = otherNames[name] ?? name;
  return { os, arch, variant: said ?? usualVariant[arch] };
}
